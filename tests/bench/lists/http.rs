//! The leanest caller: one socket that is kept open, requests as bytes, answers by their length.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where the service listens, and the key to it.
#[derive(Clone)]
pub struct Site {
    pub address: SocketAddr,
    pub key: String,
}

/// A connection that is kept open.
pub struct Caller {
    stream: TcpStream,
    head: String,
    held: Vec<u8>,
}

impl Site {
    pub async fn caller(&self) -> Caller {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(" HTTP/1.1\r\nhost: bench\r\nx-api-key: {}\r\n\r\n", self.key);
        Caller { stream, head, held: vec![0; 1024 * 1024] }
    }
}

impl Caller {
    /// Asks for a path under `/api/v1`, and gives the body of the answer, which must be 200.
    pub async fn get(&mut self, path: &str) -> &[u8] {
        let request = format!("GET /api/v1{path}{}", self.head);
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut filled = 0;
        let (mut body, mut length) = (0, usize::MAX);
        while length == usize::MAX || filled < body + length {
            let read = self.stream.read(&mut self.held[filled..]).await.unwrap();
            assert!(read > 0, "the connection was closed");
            filled += read;
            if length == usize::MAX
                && let Some(end) = self.held[..filled].windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = std::str::from_utf8(&self.held[..end]).unwrap();
                assert!(
                    head.starts_with("HTTP/1.1 200"),
                    "{path}: {}",
                    String::from_utf8_lossy(&self.held[..filled])
                );
                body = end + 4;
                let told = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                length = told.unwrap().parse().unwrap();
            }
        }
        &self.held[body..body + length]
    }
}
