//! The same over a WebSocket, with a client of a few lines: the handshake, frames of the service, masked frames to it.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use logistics_ledger::access::revoke_key;

use super::world::{STREAM, TENANTS, World, key};
use crate::api::schema;
use crate::support::service::PATIENCE;

struct Socket {
    stream: TcpStream,
}

/// What the service sends.
#[derive(Debug)]
enum Frame {
    Text(Value),
    Ping,
    Close(u16, String),
}

/// Asks for an upgrade, and tells the status line and what follows the head.
async fn upgrade(world: &World, query: &str, headers: &str) -> (String, Socket) {
    let address = world.app.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {STREAM}{query} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    (head.lines().next().unwrap().to_owned(), Socket { stream })
}

async fn follow(world: &World, key: &str, after: i64) -> Socket {
    let (status, socket) = upgrade(world, &format!("?after={after}"), &format!("X-API-Key: {key}\r\n")).await;
    assert_eq!(status, "HTTP/1.1 101 Switching Protocols");
    socket
}

impl Socket {
    async fn next(&mut self) -> Frame {
        timeout(PATIENCE, self.read()).await.expect("something comes in time")
    }

    async fn read(&mut self) -> Frame {
        let kind = self.stream.read_u8().await.unwrap() & 0x0f;
        let length = match self.stream.read_u8().await.unwrap() {
            126 => usize::from(self.stream.read_u16().await.unwrap()),
            127 => usize::try_from(self.stream.read_u64().await.unwrap()).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.unwrap();
        match kind {
            1 => Frame::Text(serde_json::from_slice(&payload).unwrap()),
            8 => {
                let reason = String::from_utf8(payload[2..].to_vec()).unwrap();
                Frame::Close(u16::from_be_bytes([payload[0], payload[1]]), reason)
            }
            9 => Frame::Ping,
            other => panic!("a frame of the kind {other}"),
        }
    }

    /// Sends a frame, masked with zeros.
    async fn send(&mut self, kind: u8, payload: &[u8]) {
        let length = u16::try_from(payload.len()).unwrap();
        let mut frame = vec![0x80 | kind, 0xfe];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await.unwrap();
    }

    async fn text(&mut self) -> Value {
        match self.next().await {
            Frame::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Frame::Close(code, reason) => return (code, reason),
                Frame::Text(_) | Frame::Ping => {}
            }
        }
    }
}

#[tokio::test]
async fn a_socket_tells_the_same_as_lines_and_goes_on_from_a_position() {
    let world = World::create().await;
    let (tenant, viewer) = (TENANTS[1], world.key(TENANTS[1]).await);
    world.write(4, 0..4).await;
    let head = world.head(tenant).await;
    let lines = world.follow(&viewer, 0).await.up_to(head).await;
    let mut socket = follow(&world, &viewer, 0).await;
    let hello = socket.text().await;
    assert_eq!(
        (&hello["event"], &hello["position"], &hello["head"]),
        (&"position".into(), &0.into(), &head.into())
    );
    for line in lines {
        let mut expected = line.data;
        expected["event"] = line.event.into();
        assert_eq!(socket.text().await, expected);
    }
    world.write(4, 4..5).await;
    assert_eq!(socket.text().await["position"], head + 1);
}

/// The messages that the description tells of and that this one is.
fn kinds(document: &Value, message: &Value) -> Vec<String> {
    let kinds = schema::named(document, "StreamMessage")["oneOf"].as_array().unwrap();
    let fitting = kinds.iter().filter(|kind| schema::fits(document, kind, message));
    let name = |kind: &Value| kind["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    for kind in fitting.clone() {
        assert_eq!(schema::untold(document, kind, message), [].into(), "{message}");
    }
    fitting.map(name).collect()
}

#[tokio::test]
async fn each_message_is_one_of_those_that_the_description_tells_of() {
    let world = World::create().await;
    let issued = key(&world.database, TENANTS[2]).await;
    world.write(3, 0..4).await;
    let order = sqlx::query_scalar(
        "select id from logistics_orders where tenant_id = $1 and withheld_reason is null limit 1",
    )
    .bind(TENANTS[2].0)
    .fetch_one(world.database.pool())
    .await
    .unwrap();
    world.withhold(order).await;
    let head = world.head(TENANTS[2]).await;
    let described = world.client.get(format!("http://{}/openapi.json", world.app.address())).send().await;
    let document: Value = serde_json::from_str(&described.unwrap().text().await.unwrap()).unwrap();
    let (mut lines, mut socket) =
        (world.follow(&issued.text, -1).await, follow(&world, &issued.text, -1).await);
    let mut told = vec![lines.expect("position").await];
    told.extend(lines.up_to(head).await);
    for _ in &told {
        let message = socket.text().await;
        let kind = match message["event"].as_str().unwrap() {
            "position" => "PositionMessage",
            "change" => "ChangeMessage",
            "hidden" => "HiddenMessage",
            other => panic!("{other}"),
        };
        assert_eq!(kinds(&document, &message), [kind], "{message}");
    }
    assert!(revoke_key(world.database.pool(), issued.id, world.clock.now()).await.unwrap());
    told.push(lines.expect("end").await);
    for line in &told {
        let kind = match line.event.as_str() {
            "position" => "PositionMessage",
            "change" => "ChangeMessage",
            "hidden" => "HiddenMessage",
            _ => "EndMessage",
        };
        assert_eq!(kinds(&document, &line.data), [kind], "{line:?}");
    }
    for kind in ["change", "hidden"] {
        assert!(told.iter().any(|line| line.event == kind), "{kind}");
    }
}

#[tokio::test]
async fn a_socket_is_closed_with_a_code_that_says_why() {
    let world = World::create().await;
    let issued = key(&world.database, TENANTS[0]).await;
    let mut spoken = follow(&world, &issued.text, -1).await;
    spoken.send(1, b"{\"hello\":1}").await;
    assert_eq!(spoken.closed().await.0, 1008);

    let mut large = follow(&world, &issued.text, -1).await;
    large.send(1, &[b'x'; 4096]).await;
    let mut rest = Vec::new();
    assert!(timeout(PATIENCE, large.stream.read_to_end(&mut rest)).await.is_ok(), "it is let go");

    let mut noisy = follow(&world, &issued.text, -1).await;
    for _ in 0..40 {
        noisy.send(10, b"").await;
    }
    assert_eq!(noisy.closed().await.0, 1008);

    let mut revoked = follow(&world, &issued.text, -1).await;
    assert!(revoke_key(world.database.pool(), issued.id, world.clock.now()).await.unwrap());
    assert_eq!(revoked.closed().await.0, 4401);

    world.write(5, 0..4).await;
    let mut replaced = follow(&world, &world.key(TENANTS[2]).await, world.head(TENANTS[2]).await).await;
    assert_eq!(replaced.text().await["event"], "position");
    world.lose(TENANTS[2], 2, 2).await;
    let (code, reason) = replaced.closed().await;
    assert_eq!(code, 4409);
    assert!(reason.contains("begin anew"), "{reason}");

    let mut stopped = follow(&world, &world.key(TENANTS[1]).await, -1).await;
    let World { app, .. } = world;
    let stop = tokio::spawn(app.stop());
    assert_eq!(stopped.closed().await.0, 1001);
    stop.await.unwrap();
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_and_our_own_is_not() {
    let world = World::create().await;
    let viewer = world.key(TENANTS[0]).await;
    let own = format!("Origin: http://{}\r\n", world.app.address());
    for (origin, status) in [
        (own.as_str(), "101 Switching Protocols"),
        ("Origin: https://elsewhere.example\r\n", "403 Forbidden"),
        ("Origin: null\r\n", "403 Forbidden"),
    ] {
        let (got, _socket) = upgrade(&world, "", &format!("X-API-Key: {viewer}\r\n{origin}")).await;
        assert_eq!(got, format!("HTTP/1.1 {status}"), "{origin}");
    }
    let (got, _socket) = upgrade(&world, "", "").await;
    assert_eq!(got, "HTTP/1.1 401 Unauthorized");
    let (got, _socket) = upgrade(&world, "?after=999", &format!("X-API-Key: {viewer}\r\n")).await;
    assert_eq!(got, "HTTP/1.1 409 Conflict");
}
