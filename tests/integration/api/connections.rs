//! Connections over which nothing is asked, and how many there may be.

use std::time::Duration;

use logistics_ledger::app::{AppSettings, ConnectionSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::world::{World, unlimited};

const ASK: &str = "GET /healthz HTTP/1.1\r\nHost: ledger\r\n\r\n";

/// As long as no test takes.
const LONG: Duration = Duration::from_hours(1);
const SHORT: Duration = Duration::from_millis(100);

async fn world(connections: ConnectionSettings) -> World {
    World::with(AppSettings { connections, ..unlimited() }).await
}

async fn connected(world: &World) -> TcpStream {
    TcpStream::connect(world.app.address()).await.unwrap()
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads the answer to [`ASK`].
async fn answered(stream: &mut TcpStream) {
    let mut told = Vec::new();
    while !told.ends_with(b"}") {
        let byte = stream.read_u8().await.expect("the connection is open");
        told.push(byte);
    }
    let told = String::from_utf8(told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
}

/// Waits until the other side has closed, and gives what it said.
async fn closed(mut stream: TcpStream) -> String {
    let mut told = String::new();
    let _said = stream.read_to_string(&mut told).await;
    told
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed_and_one_that_asked_stays() {
    let settings =
        ConnectionSettings { first_request_within: SHORT, next_request_within: LONG, at_once_max: 9 };
    let world = world(settings).await;
    let mut asked = connected(&world).await;
    send(&mut asked, ASK).await;
    answered(&mut asked).await;
    // Nothing; a letter that may begin one protocol or another; half of the headers.
    for begun in ["", "P", "GET /healthz HTTP/1.1\r\nHost: led"] {
        let mut stream = connected(&world).await;
        send(&mut stream, begun).await;
        assert_eq!(closed(stream).await, "", "{begun:?}");
    }
    send(&mut asked, ASK).await;
    answered(&mut asked).await;
}

#[tokio::test]
async fn a_connection_over_which_nothing_more_is_asked_is_closed() {
    let settings =
        ConnectionSettings { first_request_within: LONG, next_request_within: SHORT, at_once_max: 9 };
    let world = world(settings).await;
    for begun in ["", "GET /healthz HTTP/1.1\r\nHost: led"] {
        let mut stream = connected(&world).await;
        send(&mut stream, ASK).await;
        answered(&mut stream).await;
        send(&mut stream, begun).await;
        closed(stream).await;
    }
}

#[tokio::test]
async fn who_comes_on_top_of_all_connections_waits_until_one_ends() {
    let settings =
        ConnectionSettings { first_request_within: LONG, next_request_within: LONG, at_once_max: 1 };
    let world = world(settings).await;
    let (mut first, mut second) = (connected(&world).await, connected(&world).await);
    send(&mut second, ASK).await;
    for _ in 0..3 {
        send(&mut first, ASK).await;
        answered(&mut first).await;
    }
    let early = second.try_read(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock), "it waits");
    drop(first);
    answered(&mut second).await;
    world.app.stop().await;
}
