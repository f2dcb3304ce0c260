//! Bodies as senders really put them on the wire: in chunks, after asking first, over the old protocol, too large, or never.

use std::time::Duration;

use logistics_ledger::inbox::Waits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::site::{PATIENT, SECRET, Site, fixture, shopify_headers, sign};

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

/// The head of a request whose body is announced and does not come.
fn bodiless(path: &str, more: &str) -> Vec<u8> {
    let head = format!("POST /api/v1/webhooks/{path} HTTP/1.1\r\nHost: ledger\r\nConnection: close\r\n");
    format!("{head}Content-Length: 13\r\n{more}\r\n").into_bytes()
}

/// Begins a request whose body the webhook endpoints wait for.
async fn awaited(site: &Site, path: &str, more: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, &bodiless(path, &format!("Expect: 100-continue\r\n{more}"))).await;
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn what_can_never_be_proven_is_refused_before_its_body_is_waited_for() {
    let site = Site::create().await;
    let signed = "X-Shopify-Hmac-Sha256: bWFkZSB1cA==\r\n";
    let woocommerce = "X-WC-Webhook-Topic: order.updated\r\n";
    for (path, more, status) in [
        ("shopify/7", "", 401),
        ("woocommerce/7", woocommerce, 401),
        ("shopify/9", signed, 404),
        ("woocommerce/9", woocommerce, 404),
    ] {
        let mut stream = TcpStream::connect(&site.address).await.unwrap();
        send(&mut stream, &bodiless(path, more)).await;
        let answer = answer(stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
    let missing = |source: &str| (source.to_owned(), Some(7), "missing_signature".to_owned(), 1);
    assert_eq!(site.rejections().await, [missing("shopify"), missing("woocommerce")]);
}

#[tokio::test]
async fn a_form_that_is_too_long_for_a_ping_is_not_waited_for() {
    let site = Site::create().await;
    let head = "POST /api/v1/webhooks/woocommerce/7 HTTP/1.1\r\nHost: ledger\r\nConnection: close\r\n";
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, format!("{head}Content-Length: 65\r\n\r\n").as_bytes()).await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 401"));
    // One that does not say how long it is.
    let chunk = format!("41\r\nwebhook_id={}\r\n0\r\n\r\n", "1".repeat(54));
    let mut stream = TcpStream::connect(&site.address).await.unwrap();
    send(&mut stream, format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}").as_bytes()).await;
    assert!(answer(stream).await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_and_counted() {
    let soon = Duration::from_millis(200);
    let site = Site::waiting(Waits { body: soon, ping: soon, ..PATIENT }).await;
    let account = uuid::Uuid::nil();
    let token = site.ring.callback_token(account, 1, "split");
    let callback = format!("mintsoft?a={account}&o=1&e=split&t={token}");
    // The last may be the ping of a webhook, for which the tenant need not be known.
    let signed = "X-Shopify-Hmac-Sha256: bWFkZSB1cA==\r\n";
    for (path, more) in [("shopify/7", signed), (callback.as_str(), ""), ("woocommerce/9", "")] {
        let answer = answer(awaited(&site, path, more).await).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
    }
    let slow = |source: &str, tenant| (source.to_owned(), tenant, "body_slow".to_owned(), 1);
    assert_eq!(
        site.rejections().await,
        [slow("mintsoft", None), slow("shopify", Some(7)), slow("woocommerce", None)]
    );
}

#[tokio::test]
async fn what_may_be_a_ping_is_waited_for_no_longer_than_a_ping_takes() {
    let site = Site::waiting(Waits { ping: Duration::from_millis(200), ..PATIENT }).await;
    assert!(answer(awaited(&site, "woocommerce/9", "").await).await.starts_with("HTTP/1.1 408"));
}

#[tokio::test]
async fn pings_that_never_come_keep_neither_pings_nor_deliveries_out() {
    let site = Site::create().await;
    let mut held = Vec::new();
    for tenant in 1..=20 {
        held.push(awaited(&site, &format!("woocommerce/{tenant}"), "").await);
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(site.post("woocommerce/7", &form, b"webhook_id=17").await.status, 200);
    assert_eq!(site.woocommerce("d", "order.updated", &fixture(FILE)).await.status, 200);
}
