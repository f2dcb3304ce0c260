//! The control API, as a person with `curl` uses it.

use serde_json::{Value, json};

use super::caller::{Said, Site, site};

async fn ask(site: &Site, method: &str, path: &str, body: Option<Value>) -> Said {
    site.call(method, &format!("/sandbox/{path}"), None, body).await
}

#[tokio::test]
async fn an_order_is_created_and_lives_through_everything_by_hand() {
    let site = site().await;
    let spec = json!({ "number": "ladore-1001", "client_id": 3,
        "items": [{ "sku": "LADORE_A" }, { "sku": "LADORE_B", "quantity": 2 }] });
    let id = ask(&site, "POST", "orders", Some(spec)).await.json()["id"].as_i64().unwrap();
    let wish = |wish: &str| format!("orders/{id}/{wish}");
    for (path, body) in [
        ("status", json!({ "status": 15 })),
        ("touch", json!({})),
        ("despatch", json!({ "tracking": "JD1" })),
        ("tracking", json!({ "status": "Delivered", "text": "Entregado" })),
    ] {
        let said = ask(&site, "POST", &wish(path), Some(body)).await;
        assert_eq!(said.status, 200, "{path}: {}", said.text);
    }
    let part = ask(&site, "POST", &wish("split"), Some(json!({ "skus": ["LADORE_B"] }))).await.json();
    assert_eq!(site.world.order(part["id"].as_i64().unwrap()).unwrap().part, 2);
    let copy = ask(&site, "POST", &wish("copy"), None).await.json()["id"].clone();
    assert_eq!(ask(&site, "POST", &wish("merge"), Some(json!({ "absorbed": copy }))).await.status, 200);
    for path in ["remove-personal-data", "cancel"] {
        assert_eq!(ask(&site, "POST", &wish(path), None).await.status, 200, "{path}");
    }
    let said =
        ask(&site, "POST", &wish("shipment"), Some(json!({ "number": "JD9", "tracked": false }))).await;
    assert!(said.json()["id"].is_number());
    let order = site.world.order(id).unwrap();
    assert_eq!(
        (order.status, order.pii_removed, order.number.as_str()),
        (3, true, "ladore-1001+ladore-1001-Copy")
    );
    assert_eq!(ask(&site, "GET", "orders?client=3", None).await.json()[0]["id"], json!(id));
}

#[tokio::test]
async fn faults_time_keys_and_calls_are_at_hand() {
    let site = site().await;
    let key = site.log_in("three@example.com", "third").await;
    let fault =
        json!({ "fault": "too_many_requests", "retry_after_seconds": 5, "times": 1, "path": "Order/List" });
    assert_eq!(ask(&site, "POST", "faults", Some(fault)).await.status, 200);
    assert_eq!(site.get("/api/Order/List").await.status, 429);
    ask(&site, "POST", "faults", Some(json!({ "fault": "html_bad_gateway", "times": 9 }))).await;
    ask(&site, "DELETE", "faults", None).await;
    assert_eq!(site.get("/api/Order/List").await.status, 200);
    let now = ask(&site, "POST", "time", Some(json!({ "skip": "1h 30m" }))).await.json();
    assert_eq!(now["now"], json!("2026-02-09T15:30:00Z"));
    ask(&site, "POST", "keys/expire", None).await;
    assert_eq!(site.call("GET", "/api/Order/List", Some(&key), None).await.status, 401);
    let calls = ask(&site, "GET", "calls", None).await.json();
    assert_eq!((&calls[1]["path"], &calls[1]["status"]), (&json!("/api/Order/List"), &json!(429)));
    ask(&site, "DELETE", "calls", None).await;
    assert_eq!(ask(&site, "GET", "calls", None).await.text, "[]");
    assert_eq!(ask(&site, "GET", "living?after=0", None).await.text, "[]");
}

#[tokio::test]
async fn a_wish_that_makes_no_sense_is_told_so() {
    let site = site().await;
    let id = site.order("SO-1");
    for (method, path, body, status) in [
        ("POST", "orders/7/cancel".to_owned(), None, 404),
        ("POST", format!("orders/{id}/fly"), None, 404),
        ("POST", "orders/x/cancel".to_owned(), None, 400),
        ("POST", format!("orders/{id}/status"), Some(json!({ "status": "NEW" })), 400),
        ("POST", format!("orders/{id}/status"), Some(json!({ "statuz": 1 })), 400),
        ("POST", format!("orders/{id}/tracking"), Some(json!({ "status": "Delivered" })), 409),
        ("POST", format!("orders/{id}/merge"), Some(json!({ "absorbed": id })), 409),
        ("POST", "time".to_owned(), Some(json!({ "skip": "-1h" })), 400),
        ("POST", "time".to_owned(), Some(json!({ "skip": "100years" })), 409),
        ("POST", "faults".to_owned(), Some(json!({ "fault": "gremlins" })), 400),
        ("GET", "weather".to_owned(), None, 404),
    ] {
        let said = ask(&site, method, &path, body).await;
        assert_eq!(said.status, status, "{path}: {}", said.text);
        assert!(said.json()["Message"].is_string());
    }
}
