//! Whatever is sent, the answer is a clear one, no work is lost, and nothing is ever a 500.

use logistics_ledger::access::Role;
use logistics_ledger::sandbox::{Fault, OrderSpec};
use reqwest::Method;
use serde_json::{Value, json};

use super::site::{CLIENT, LADORE, SHOP_SECRET, Site, sign};
use super::truth;
use crate::support::service::{Reply, until};

const UUID: &str = "0190a5c4-0000-7000-8000-000000000000";

/// Asked by whom, how, what, with which body; and the status of the answer.
type Case<'a> = (&'a str, Method, String, &'a str, u16);

const NOBODY: &str = "";
const STAFF: &str = "staff";
const ADMIN: &str = "admin";
const VIEWER: &str = "viewer";

fn questions<'a>() -> Vec<Case<'a>> {
    let get = |who, path: &str, status| (who, Method::GET, path.to_owned(), "", status);
    let mut cases = vec![
        get(NOBODY, "logistics/orders", 401),
        get("no-key-of-ours", "logistics/orders", 401),
        get(STAFF, "logistics/orders", 400),
        get(STAFF, "logistics/orders?tenant_id=99", 404),
        get(STAFF, "logistics/orders?tenant_id=seven", 400),
        get(STAFF, "logistics/orders?tenant_id=7&tenant_id=8", 400),
        get(ADMIN, "logistics/orders?tenant_id=8", 404),
        get(VIEWER, "logistics/parked-orders", 403),
        get(ADMIN, "nothing/here", 404),
        get(STAFF, "tenants/99/logistics-config", 404),
        get(STAFF, "tenants/99999999999999999999/logistics-config", 404),
        get(STAFF, "tenants/-7/logistics-config", 404),
        get(STAFF, &format!("tenants/7/logistics/sync/{UUID}"), 404),
        get(STAFF, "tenants/7/logistics/sync/last", 404),
    ];
    for id in ["7", "not-an-id", UUID, "%00", "..%2f..", &"9".repeat(4_000)] {
        for what in ["", "/history", "/tracking"] {
            cases.push(get(ADMIN, &format!("logistics/orders/{id}{what}"), 404));
        }
    }
    for query in [
        "limit=0",
        "limit=201",
        "limit=99999999999999999999",
        "skip=-1",
        "skip=one",
        "colour=red",
        "date_from=yesterday",
        "date_from=2026-02-30",
        "date_from=2026-02-02&date_to=2026-02-01",
        "sort_by=weight",
        "sort_order=sideways",
        "date_field=born_at",
    ] {
        cases.push(get(ADMIN, &format!("logistics/orders?{query}"), 400));
    }
    for query in ["search=%00", "status=%00", "search=%25%5F%5C'--", "status=,,,", "skip=9223372036854775807"]
    {
        cases.push(get(ADMIN, &format!("logistics/orders?{query}"), 200));
    }
    cases
}

fn changes<'a>() -> Vec<Case<'a>> {
    let config = || "tenants/7/logistics-config".to_owned();
    let shop = || "tenants/7/shops/shopify".to_owned();
    vec![
        (STAFF, Method::POST, config(), "{", 400),
        (STAFF, Method::POST, config(), "", 400),
        (STAFF, Method::POST, config(), "[]", 422),
        (STAFF, Method::POST, config(), r#"{"provider":"mintsoft"}"#, 422),
        (STAFF, Method::PATCH, config(), r#"{"colour":"red"}"#, 422),
        (STAFF, Method::PATCH, config(), r#"{"timezone":"Mars/Olympus"}"#, 422),
        (STAFF, Method::PATCH, config(), r#"{"api_url":"ftp://warehouse.example"}"#, 422),
        (STAFF, Method::PATCH, config(), r#"{"sku_prefix":"KALLPA"}"#, 409),
        (STAFF, Method::PATCH, config(), r#"{"sku_prefix":"A\u0000B"}"#, 422),
        (ADMIN, Method::PATCH, config(), r#"{"sync_enabled":false}"#, 403),
        (VIEWER, Method::POST, "tenants/7/logistics/sync".to_owned(), "", 403),
        (STAFF, Method::POST, "tenants/99/logistics/sync".to_owned(), "", 404),
        (STAFF, Method::PUT, shop(), r#"{"webhook_secret":""}"#, 422),
        (STAFF, Method::PUT, shop(), r#"{"webhook_secret":7}"#, 422),
        (STAFF, Method::PUT, "tenants/7/shops/etsy".to_owned(), r#"{"webhook_secret":"x"}"#, 404),
        (STAFF, Method::DELETE, config(), "", 405),
    ]
}

#[tokio::test]
async fn every_bad_request_gets_a_clear_problem() {
    let site = Site::settled(&[]).await;
    let viewer = site.key(Role::Viewer, LADORE).await;
    for (who, method, path, body, status) in questions().into_iter().chain(changes()) {
        let mut request = site.service.request(method.clone(), &format!("/api/v1/{path}"));
        request = match who {
            NOBODY => request,
            STAFF => request.header("x-api-key", &site.staff),
            ADMIN => request.header("x-api-key", &site.ladore),
            VIEWER => request.header("x-api-key", &viewer),
            other => request.header("x-api-key", other),
        };
        if method != Method::GET {
            request = request.header("content-type", "application/json").body(body.to_owned());
        }
        let path: String = path.chars().take(100).collect();
        is_clear(&Reply::to(request).await, status, &format!("{who} {method} {path} {body}"));
    }
    let no_json = site.service.request(Method::POST, "/api/v1/tenants/7/logistics-config");
    let no_json = no_json.header("x-api-key", &site.staff).body("{}");
    is_clear(&Reply::to(no_json).await, 415, "a body that is not called JSON");
    let huge = json!({"provider": "x".repeat(5 * 1024 * 1024)});
    let answered = site.staff(Method::POST, "tenants/7/logistics-config", &huge).await;
    is_clear(&answered, 413, "a body of five mebibytes");
    let config = site.service.get("/api/v1/tenants/7/logistics-config", &site.staff).await.expect(200);
    assert_eq!((&config["sku_prefix"], &config["sync_enabled"]), (&json!("LADORE"), &json!(true)));
}

/// A problem in the agreed form, unless all is well.
fn is_clear(reply: &Reply, status: u16, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
    if status < 300 {
        return;
    }
    assert_eq!(reply.headers["content-type"], "application/problem+json", "{what}");
    assert_eq!(reply.body["status"], status, "{what}: {}", reply.text);
    assert!(
        reply.body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')),
        "{what}: {}",
        reply.text
    );
}

#[tokio::test]
async fn a_sender_is_told_what_it_needs_and_what_it_proved_is_kept() {
    let site = Site::settled(&[]).await;
    let post = async |path: &str, signature: Option<String>, body: Vec<u8>| {
        let request = site.service.request(Method::POST, &format!("/api/v1/webhooks/{path}"));
        let mut request = request.header("x-shopify-topic", "orders/paid").body(body);
        if let Some(signature) = signature {
            request = request.header("x-shopify-hmac-sha256", signature);
        }
        Reply::to(request).await
    };
    let signed = |body: &[u8]| Some(sign(SHOP_SECRET, body));
    for (path, signature, body, status) in [
        ("shopify/99", signed(b"{}"), b"{}".to_vec(), 404),
        ("shopify/seven", signed(b"{}"), b"{}".to_vec(), 404),
        ("woocommerce/7", signed(b"{}"), b"{}".to_vec(), 404),
        ("shopify/7", None, b"{}".to_vec(), 401),
        ("shopify/7", Some(sign("another secret", b"{}")), b"{}".to_vec(), 401),
        ("shopify/7", Some("no base64 at all".into()), b"{}".to_vec(), 401),
        ("shopify/7", signed(&vec![b' '; 5 << 20]), vec![b' '; 5 << 20], 413),
    ] {
        is_clear(&post(path, signature, body).await, status, path);
    }
    assert_eq!(site.count("select count(*) from inbox_deliveries").await, 0);

    let unreadable: [&[u8]; 5] = [b"<html>busy</html>", b"", b"{\"id\":", b"\xff\xfe", b"[[[[[[[[]]]]]]]]"];
    for body in unreadable {
        assert_eq!(post("shopify/7", signed(body), body.to_vec()).await.status, 200);
    }
    until("each is a dead letter", async || {
        site.count("select count(*) from inbox_deliveries where state = 'dead'").await == 5
    })
    .await;
    let odd = json!({"id": 1, "name": "#1\u{0}2", "financial_status": "paid", "shipping_address": {"city": "Lima"}});
    let odd = odd.to_string().into_bytes();
    assert_eq!(post("shopify/7", signed(&odd), odd.clone()).await.status, 200);
    until("nothing is left unread", async || {
        site.count("select count(*) from inbox_deliveries where state = 'received'").await == 0
    })
    .await;
}

#[tokio::test]
async fn nothing_that_upstream_answers_loses_an_order_or_stops_the_service() {
    let quick = [("LEDGER_LINK_RETRY_EVERY", "200ms"), ("LEDGER_LINK_RETRY_FOR", "20s")];
    let site = Site::settled(&quick).await;
    let paths = [
        "api/auth",
        "order/list",
        "order/search",
        "shipments",
        "connectactions",
        "trackingevents",
        "get /api/order/2",
    ];
    let mut orders = Vec::new();
    for (n, path) in (1001..).zip(paths) {
        let id = site.order(&format!("ladore-{n}"));
        orders.push(id);
        site.mintsoft.expire_keys();
        for fault in [Fault::HtmlOk, Fault::NotAnArray, Fault::NullBody, Fault::TruncatedJson] {
            site.mintsoft.fail_next(fault, 1, Some(path));
        }
        let paid = site.paid(LADORE, &format!("webhook-{n}"), n, &format!("#{n}"));
        assert_eq!(Reply::to(paid).await.status, 200);
        site.mintsoft.despatch(id, Some(&format!("JD{n}"))).unwrap();
        site.mintsoft.add_tracking_event(id, "InTransit").unwrap();
        site.sync_however_it_ends().await;
        let detail = site.get("logistics/orders").await;
        assert_eq!(detail.status, 200, "{path}: {}", detail.text);
    }
    site.mintsoft.forget_faults();
    site.mintsoft.create_order(OrderSpec::of(CLIENT, "ladore-a\u{0}b", &[("LADORE_X", 1)]));
    site.sync().await;
    for id in &orders {
        site.becomes(*id, "status", "DESPATCHED").await;
    }
    until("every paid order is linked", async || {
        site.count("select count(*) from shop_links where state <> 'linked'").await == 0
    })
    .await;
    let scans = "select count(distinct logistics_order_id) from logistics_tracking_events";
    until("every scan is there", async || {
        site.sync().await;
        site.count(scans).await == i64::try_from(orders.len()).unwrap()
    })
    .await;
    truth::the_log_is_dense_and_says_nothing_twice(&site).await;
    let list = site.get("logistics/orders").await.expect(200);
    assert_eq!(list["total"], Value::from(orders.len() + 1));
}
