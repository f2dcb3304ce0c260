//! Bodies as senders really put them on the wire: in chunks, after asking first, over the old protocol, too large.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{SECRET, Site, fixture, shopify_headers, sign};

const FILE: &str = "woocommerce/order_completed_pen_formatted_number.json";
const LIMIT: usize = 2 * 1024 * 1024;

/// The head of a signed WooCommerce delivery, with further lines.
fn head(version: &str, body: &[u8], more: &str) -> Vec<u8> {
    let signature = sign(SECRET, body);
    format!(
        "POST /api/v1/webhooks/woocommerce/7 HTTP/{version}\r\nHost: ledger\r\nConnection: close\r\n\
         Content-Type: application/json\r\nX-WC-Webhook-Topic: order.updated\r\nX-WC-Webhook-ID: 17\r\n\
         X-WC-Webhook-Delivery-ID: d\r\nX-WC-Webhook-Signature: {signature}\r\n{more}\r\n"
    )
    .into_bytes()
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_body_in_chunks_is_put_together() {
    let site = Site::create().await;
    let body = fixture(FILE);
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, &head("1.1", &body, "Transfer-Encoding: chunked\r\n")).await;
    for chunk in body.chunks(700) {
        send(&mut stream, format!("{:x}\r\n", chunk.len()).as_bytes()).await;
        send(&mut stream, chunk).await;
        send(&mut stream, b"\r\n").await;
    }
    send(&mut stream, b"0\r\n\r\n").await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn a_sender_that_asks_first_is_told_to_go_on() {
    let site = Site::create().await;
    let body = fixture(FILE);
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    let more = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", body.len());
    send(&mut stream, &head("1.1", &body, &more)).await;
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    send(&mut stream, &body).await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 200"));
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn a_sender_that_asks_first_for_too_much_is_told_before_it_sends() {
    let site = Site::create().await;
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    let more = format!("Content-Length: {}\r\nExpect: 100-continue\r\n", LIMIT + 1);
    send(&mut stream, &head("1.1", b"", &more)).await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn the_old_protocol_that_woocommerce_speaks_is_understood() {
    let site = Site::create().await;
    let body = fixture(FILE);
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, &head("1.0", &body, &format!("Content-Length: {}\r\n", body.len()))).await;
    send(&mut stream, &body).await;
    assert!(answer(stream).await.starts_with("HTTP/1.0 200"));
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_kept() {
    let site = Site::create().await;
    let body = fixture(FILE);
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, &head("1.1", &body, &format!("Content-Length: {}\r\n", body.len()))).await;
    send(&mut stream, &body[..100]).await;
    stream.shutdown().await.unwrap();
    assert!(!answer(stream).await.contains(" 200 "));
    assert_eq!(site.kept().await, 0);
}

#[tokio::test]
async fn a_body_is_taken_up_to_two_mebibytes_and_a_larger_one_is_told_so() {
    let site = Site::create().await;
    for (bytes, status) in [(LIMIT, 200), (LIMIT + 1, 413), (3 * LIMIT, 413)] {
        let body = vec![b' '; bytes];
        let signature = sign(SECRET, &body);
        let said = site.post("shopify/7", &shopify_headers("d", &signature), &body).await;
        assert_eq!(said.status, status, "{bytes}");
    }
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let site = Site::create().await;
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(
        &mut stream,
        b"GET /api/v1/webhooks/shopify/7 HTTP/1.1\r\nHost: ledger\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 405"));
}
