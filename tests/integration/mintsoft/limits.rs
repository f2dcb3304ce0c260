//! Where a call may go, and how much may come back.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use logistics_ledger::mintsoft::{Credentials, UpstreamError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::stub::{Scene, json, reply};

#[tokio::test]
async fn a_body_over_the_limit_is_cut_off() {
    let mut scene = Scene::create().await;
    scene.settings.body_limit_bytes = 1_000;
    let account = scene.by_key();
    scene
        .stub
        .will_answer([json(&format!("[{}]", " ".repeat(998))), json(&format!("[{}]", " ".repeat(999)))]);
    assert!(account.order_statuses().await.is_ok());
    let error = account.order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::TooLarge { limit_bytes: 1_000 }), "{error}");
}

/// A JSON array with 200,000 blanks in it, packed with gzip into a few hundred bytes; the long run of the letter A stands as `@`.
const PACKED: &str = "H4sIAAAAAAACA+3BQREAAAwCoCrr5a1/DTP4B3IA@wOwLb3FLE0INAwA=";

#[tokio::test]
async fn a_small_body_that_unpacks_into_a_great_one_is_cut_off_too() {
    let mut scene = Scene::create().await;
    let blanks = "A".repeat(256);
    let packed = STANDARD.decode(PACKED.replace('@', &blanks)).unwrap();
    let answer = || reply(200, packed.clone()).header("content-encoding", "gzip");
    scene.stub.will_answer([answer(), answer()]);
    assert!(scene.by_key().order_statuses().await.unwrap().value.is_empty());
    scene.settings.body_limit_bytes = 100_000;
    let error = scene.by_key().order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let scene = Scene::create().await;
    scene.stub.will_answer([reply(302, "").header("location", format!("{}/elsewhere", scene.stub.url()))]);
    let error = scene.by_key().order_statuses().await.unwrap_err();
    assert!(error.to_string().contains("redirect"), "{error}");
    assert_eq!(scene.stub.calls().len(), 1);
}

#[tokio::test]
async fn without_the_switch_neither_http_nor_the_loopback_is_called() {
    let mut scene = Scene::create().await;
    scene.settings.allow_insecure_upstream = false;
    let port = scene.stub.url().rsplit(':').next().unwrap().to_owned();
    for url in [
        scene.stub.url().to_owned(),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        format!("https://ada:secret@localhost:{port}"),
        "https://169.254.169.254".to_owned(),
    ] {
        let mut access = scene.access(Credentials::api_key("k"));
        access.api_url.clone_from(&url);
        let error = scene.client().account(access).order_statuses().await.unwrap_err();
        assert!(matches!(error, UpstreamError::BadUrl { .. }), "{url}: {error}");
        assert!(!error.is_transient() && !error.to_string().contains("secret"), "{url}: {error}");
    }
    assert!(scene.stub.calls().is_empty());
}

#[tokio::test]
async fn with_the_switch_a_name_of_the_loopback_is_called() {
    let scene = Scene::create().await;
    let mut access = scene.access(Credentials::api_key("k"));
    access.api_url = format!("{}/API/", scene.stub.url().replace("127.0.0.1", "localhost"));
    scene.client().account(access).order_statuses().await.unwrap();
    assert_eq!(scene.stub.calls()[0].target, "/api/Order/Statuses");
}

#[tokio::test]
async fn an_answer_that_trickles_is_cut_off_by_the_time_limit() {
    let mut scene = Scene::create().await;
    scene.settings.time_limit = Duration::from_millis(400);
    scene.settings.retries_max = 0;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut access = scene.access(Credentials::api_key("k"));
    access.api_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _request = socket.read(&mut [0; 4_096]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await.unwrap();
        while socket.write_all(b"[").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let error = scene.client().account(access).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::TimedOut), "{error}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_answer() {
    let mut scene = Scene::create().await;
    scene.settings.retries_max = 0;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut access = scene.access(Credentials::api_key("k"));
    access.api_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _request = socket.read(&mut [0; 4_096]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[]").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
    });
    let error = scene.client().account(access).order_statuses().await.unwrap_err();
    assert!(matches!(error, UpstreamError::Unavailable { sent: true, .. }), "{error}");
}

#[tokio::test]
async fn no_secret_shows_in_an_error_or_in_debug_output() {
    let scene = Scene::create().await;
    let access = scene.access(Credentials::login("ada", "hunter2"));
    assert!(!format!("{access:?}").contains("hunter2") && !format!("{access:?}").contains("ada"));
    let error = scene.client().account(access).order_statuses().await.unwrap_err();
    let shown = format!("{error:?} {error} {:?}", Credentials::api_key("hunter2"));
    assert!(!shown.contains("hunter2") && !shown.contains("ada"), "{shown}");
}
