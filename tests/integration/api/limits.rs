//! Rate limits, how an answer tells what is left, and who is answered all the same.

use std::num::NonZeroU32;
use std::time::Duration;

use logistics_domain::TenantId;
use logistics_ledger::access::Role;
use logistics_ledger::api::{LimitSettings, Rate};
use logistics_ledger::app::AppSettings;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::world::{Answer, KALLPA, LADORE, World, answer};

const LIST: &str = "/api/v1/logistics/orders";

async fn world(limits: LimitSettings) -> World {
    World::with(AppSettings { limits, ..AppSettings::default() }).await
}

/// So many at once, and then one an hour: no test waits for the next.
fn few(burst: u32) -> Rate {
    Rate { every: Duration::from_hours(1), burst: NonZeroU32::new(burst).unwrap() }
}

fn told(got: &Answer, name: &str) -> u64 {
    got.headers[name].to_str().unwrap().parse().unwrap()
}

fn assert_limited(got: &Answer) {
    assert_eq!((got.status, got.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    assert!(told(got, "retry-after") > 0);
    assert_eq!(told(got, "ratelimit-remaining"), 0);
}

#[tokio::test]
async fn each_credential_is_counted_by_itself_and_told_what_is_left() {
    let world = world(LimitSettings { per_credential: Some(few(3)), ..LimitSettings::default() }).await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    for left in [2, 1, 0] {
        let got = world.get(LIST, &key).await;
        assert_eq!(got.status, StatusCode::OK);
        assert_eq!((told(&got, "ratelimit-limit"), told(&got, "ratelimit-remaining")), (3, left));
        assert_eq!(told(&got, "ratelimit-reset"), 3600 * (3 - left));
        assert_eq!(got.headers["ratelimit-policy"], "3;w=10800");
    }
    let limited = world.get(LIST, &key).await;
    assert_limited(&limited);
    assert!(limited.detail().contains("wait"), "{limited:?}");

    // What is refused counts as well, and says so; another key of the same tenant has its own count.
    let other = world.key(Role::Viewer, Some(LADORE)).await;
    let refused = world.get("/api/v1/tenants/7/logistics-config", &other).await;
    assert_eq!((refused.status, told(&refused, "ratelimit-remaining")), (StatusCode::FORBIDDEN, 2));
}

#[tokio::test]
async fn strangers_are_counted_by_address_and_shops_by_their_endpoint() {
    let world = world(LimitSettings { per_address: Some(few(3)), ..LimitSettings::default() }).await;
    // Whoever proved it before the crowd came is not counted with it, wherever they call from.
    let key = world.key(Role::Viewer, Some(KALLPA)).await;
    assert_eq!(world.get(LIST, &key).await.status, StatusCode::OK);
    let knock = |path: &str| answer(world.request(Method::POST, path).json(&json!({})));
    for _ in 0..2 {
        assert_eq!(world.get(LIST, "llk_guessed").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_limited(&world.get(LIST, "llk_guessed").await);
    assert_limited(&answer(world.request(Method::GET, LIST)).await);

    // So are those who read of the API.
    for page in ["/openapi.json", "/docs/"] {
        assert_limited(&answer(world.request(Method::GET, page)).await);
    }

    for endpoint in ["/api/v1/webhooks/shopify/7", "/api/v1/webhooks/shopify/8", "/api/v1/webhooks/mintsoft"]
    {
        for left in [2, 1, 0] {
            let got = knock(endpoint).await;
            assert!([401, 404].contains(&got.status.as_u16()), "{endpoint}: {got:?}");
            assert_eq!(told(&got, "ratelimit-remaining"), left);
        }
        assert_limited(&knock(endpoint).await);
    }

    assert_eq!(world.get(LIST, &key).await.status, StatusCode::OK);
    // A good key that nobody showed lately is looked up no more than a guessed one.
    let fresh = world.key(Role::Viewer, Some(KALLPA)).await;
    assert_limited(&world.get(LIST, &fresh).await);
    for _ in 0..5 {
        assert_eq!(answer(world.request(Method::GET, "/readyz")).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_endpoint_is_one_however_its_number_is_written() {
    let world = world(LimitSettings { per_address: Some(few(1)), ..LimitSettings::default() }).await;
    let knock = |tenant: &str| {
        let path = format!("/api/v1/webhooks/shopify/{tenant}");
        answer(world.request(Method::POST, &path).json(&json!({})))
    };
    assert_eq!(knock("7").await.code(), "shop_unknown");
    assert_limited(&knock("7").await);
    for written in ["07", "+7", "%37"] {
        let refused = knock(written).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "shop_unknown"), "{written}");
    }
}

#[tokio::test]
async fn what_comes_on_top_of_all_that_is_under_way_is_turned_away_and_health_is_told() {
    let world = world(LimitSettings { at_once_max: 0, ..LimitSettings::default() }).await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let full = world.get(LIST, &key).await;
    assert_eq!((full.status, full.code()), (StatusCode::SERVICE_UNAVAILABLE, "overloaded"));
    assert_eq!(told(&full, "retry-after"), 1);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(answer(world.request(Method::GET, path)).await.status, StatusCode::OK, "{path}");
    }
}

/// Begins a request to a webhook endpoint whose body does not come, and waits until it is waited for.
async fn begun(world: &World, endpoint: &str) -> TcpStream {
    let signed = if endpoint.starts_with("shopify") { "X-Shopify-Hmac-Sha256: bWFkZSB1cA==\r\n" } else { "" };
    begun_at(world, &format!("/api/v1/webhooks/{endpoint}"), signed).await
}

/// The same at any path, with these headers.
async fn begun_at(world: &World, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.app.address()).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: ledger\r\nContent-Length: 9\r\n\
         {headers}Connection: close\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

/// What is answered to a request that was only begun.
async fn said(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

async fn knock(world: &World, tenant: TenantId) -> Answer {
    let request = world.request(Method::POST, &format!("/api/v1/webhooks/shopify/{tenant}"));
    answer(request.header("x-shopify-hmac-sha256", "bWFkZSB1cA==").json(&json!({}))).await
}

/// A service with so many slots, and a shop of both tenants.
async fn with_shops(at_once_max: usize) -> World {
    let world = world(LimitSettings { at_once_max, ..LimitSettings::default() }).await;
    let staff = world.staff().await;
    for tenant in [LADORE, KALLPA] {
        let path = format!("/api/v1/tenants/{tenant}/shops/shopify");
        let secret = json!({"webhook_secret": "shpss_secret-of-the-shop"});
        let given = world.send(Method::PUT, &path, &staff, &secret).await;
        assert_eq!(given.status, StatusCode::OK, "{given:?}");
    }
    world
}

#[tokio::test]
async fn a_tenant_whose_bodies_do_not_come_holds_its_share_of_the_places_for_some_seconds() {
    let world = world(LimitSettings { at_once_max: 8, ..LimitSettings::default() }).await;
    let keys = [world.key(Role::Admin, Some(LADORE)).await, world.key(Role::Ventas, Some(LADORE)).await];
    let mut slow = Vec::new();
    for key in &keys {
        let headers = format!("X-API-Key: {key}\r\nContent-Type: application/json\r\n");
        slow.push(begun_at(&world, "/api/v1/logistics/links", &headers).await);
    }
    let more = world.get(LIST, &keys[0]).await;
    assert_eq!((more.status, more.code()), (StatusCode::SERVICE_UNAVAILABLE, "overloaded"));
    let other = world.key(Role::Viewer, Some(KALLPA)).await;
    assert_eq!(world.get(LIST, &other).await.status, StatusCode::OK);
    for stream in slow {
        let told = said(stream).await;
        assert!(told.starts_with("HTTP/1.1 408") && told.contains("body_slow"), "{told}");
    }
    assert_eq!(world.get(LIST, &keys[0]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn bodies_that_do_not_come_to_one_shop_hold_up_no_other_nor_that_shop() {
    let world = with_shops(16).await;
    let (first, second) = (begun(&world, "shopify/7").await, begun(&world, "shopify/7").await);
    assert_eq!(knock(&world, KALLPA).await.code(), "signature_invalid");
    // Both slots of the shop are taken: of those who let us wait, the first gives way.
    assert_eq!(knock(&world, LADORE).await.code(), "signature_invalid");
    let told = said(first).await;
    assert!(told.starts_with("HTTP/1.1 503") && told.contains("overloaded"), "{told}");
    assert!(told.contains("retry-after: 1"), "{told}");
    drop(second);
}

#[tokio::test]
async fn slow_bodies_that_hold_every_slot_keep_no_other_shop_out() {
    let world = with_shops(8).await;
    // Whatever a shop's platform, anybody may begin what could be the ping of a webhook.
    let mut slow = vec![begun(&world, "shopify/7").await];
    for tenant in 1..=7 {
        slow.push(begun(&world, &format!("woocommerce/{tenant}")).await);
    }
    assert_eq!(knock(&world, KALLPA).await.code(), "signature_invalid");
    let form = "application/x-www-form-urlencoded";
    let ping = world.request(Method::POST, "/api/v1/webhooks/woocommerce/8").header("content-type", form);
    assert_eq!(answer(ping.body("webhook_id=17")).await.status, StatusCode::OK);
    drop(slow);
}
