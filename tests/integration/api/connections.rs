//! Connections over which nothing is asked or nothing is taken, and how many there may be.

use std::time::Duration;

use futures_util::future::join_all;
use logistics_ledger::app::{AppSettings, ConnectionSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::world::{World, unlimited};

const ASK: &str = "GET /healthz HTTP/1.1\r\nHost: ledger\r\n\r\n";

/// As long as no test takes.
const LONG: Duration = Duration::from_hours(1);
/// Longer than a request takes to arrive, on a slow machine too.
const SHORT: Duration = Duration::from_secs(1);

/// Connections that may be silent, and take nothing, for as long as they like.
const PATIENT: ConnectionSettings = ConnectionSettings {
    at_once_max: 9,
    first_request_within: LONG,
    next_request_within: LONG,
    taken_within: LONG,
    ended_within: LONG,
};

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
    let world = world(ConnectionSettings { first_request_within: SHORT, ..PATIENT }).await;
    let mut asked = connected(&world).await;
    send(&mut asked, ASK).await;
    answered(&mut asked).await;
    // Nothing; a letter that may begin one protocol or another; half of the headers.
    let begun = ["", "P", "GET /healthz HTTP/1.1\r\nHost: led"].map(async |begun| {
        let mut stream = connected(&world).await;
        send(&mut stream, begun).await;
        assert_eq!(closed(stream).await, "", "{begun:?}");
    });
    join_all(begun).await;
    send(&mut asked, ASK).await;
    answered(&mut asked).await;
}

#[tokio::test]
async fn a_connection_over_which_nothing_more_is_asked_is_closed() {
    let world = world(ConnectionSettings { next_request_within: SHORT, ..PATIENT }).await;
    let begun = ["", "GET /healthz HTTP/1.1\r\nHost: led"].map(async |begun| {
        let mut stream = connected(&world).await;
        send(&mut stream, ASK).await;
        answered(&mut stream).await;
        send(&mut stream, begun).await;
        closed(stream).await;
    });
    join_all(begun).await;
}

#[tokio::test]
async fn a_connection_that_takes_nothing_of_its_answers_is_closed_and_its_place_given_back() {
    let settings = ConnectionSettings { at_once_max: 1, taken_within: SHORT, ..PATIENT };
    let world = world(settings).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut deaf = socket.connect(world.app.address()).await.unwrap();
    // More than the systems of both sides hold between them.
    send(&mut deaf, &"GET /openapi.json HTTP/1.1\r\nHost: ledger\r\n\r\n".repeat(400)).await;
    let mut next = connected(&world).await;
    send(&mut next, ASK).await;
    answered(&mut next).await;
    drop(deaf);
}

#[tokio::test]
async fn who_comes_on_top_of_all_connections_waits_until_one_ends() {
    let world = world(ConnectionSettings { at_once_max: 1, ..PATIENT }).await;
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
