//! The platform's staff has the personal data of an order erased over HTTP.

use logistics_ledger::access::Role;
use logistics_ledger::sandbox::OrderSpec;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::site::{CLIENT, Site};
use super::world::LADORE;

#[tokio::test]
async fn the_staff_erases_the_person_of_an_order_and_nobody_else_does() {
    let site = Site::with_both_brands().await;
    site.sandbox.world().create_order(OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_1", 1)]));
    site.sync(7).await;
    let orders = site.get("logistics/orders?tenant_id=7").await.body;
    let id = orders["items"][0]["id"].as_str().unwrap().to_owned();
    let (path, reason) =
        (format!("logistics/orders/{id}/erase"), json!({"reason": "The customer asked for it."}));
    let shown = site.get(&format!("logistics/orders/{id}?tenant_id=7")).await.body;
    assert!(shown["recipient"].is_object(), "{shown}");

    let admin = site.world.key(Role::Admin, Some(LADORE)).await;
    let refused = site.world.send(Method::POST, &format!("/api/v1/{path}"), &admin, &reason).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "role_not_allowed"));
    let foreign = site.send(Method::POST, &format!("{path}?tenant_id=8"), &reason).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::NOT_FOUND, "order_unknown"));
    for bad in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(501)})] {
        let bad = site.send(Method::POST, &format!("{path}?tenant_id=7"), &bad).await;
        assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
    assert_eq!(site.count("select count(*) from logistics_order_recipients").await, 1);

    for _ in 0..2 {
        let erased = site.send(Method::POST, &format!("{path}?tenant_id=7"), &reason).await;
        assert_eq!((erased.status, &erased.body), (StatusCode::OK, &json!({"id": id, "state": "erased"})));
    }
    assert_eq!(site.count("select count(*) from logistics_order_recipients").await, 0);
    let shown = site.get(&format!("logistics/orders/{id}?tenant_id=7")).await.body;
    assert!(shown["recipient"].is_null(), "{shown}");
    let history = site.get(&format!("logistics/orders/{id}/history?tenant_id=7")).await.body;
    let last = history["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["type"], &last["version"]), (&json!("PersonalDataErased"), &json!("1.1")), "{last}");
    assert_eq!(
        (&last["source"], &last["payload"]["reason"]),
        (&json!("operator"), &reason["reason"]),
        "{last}"
    );
    assert!(last["actor"].as_str().unwrap().starts_with("key:"), "{last}");
    assert_eq!(site.count("select count(*) from events where event_type = 'PersonalDataErased'").await, 1);
}
