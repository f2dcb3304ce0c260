//! Orders over HTTP. What a list or a history holds is the read models' to test; here is what a query may say.

use logistics_ledger::access::Role;
use reqwest::StatusCode;
use serde_json::json;

use super::world::{LADORE, World};

#[tokio::test]
async fn an_empty_list_has_the_hosts_shape() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let list = world.get("/api/v1/logistics/orders?limit=10&skip=5", &key).await;
    assert_eq!(list.body, json!({"total": 0, "items": [], "skip": 5, "limit": 10}), "{list:?}");
    let all = "search=rosa&status=NEW,5&date_field=dispatched_at&date_from=2026-09-01&date_to=2026-09-01\
               &sort_by=mintsoft_order_number&sort_order=asc&tenant_id=7";
    assert_eq!(world.get(&format!("/api/v1/logistics/orders?{all}"), &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_query_that_cannot_be_used_says_why_and_what_is_known() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    for (query, told) in [
        ("page=2", "`skip`"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("skip=-1", "skip"),
        ("sort_by=price", "updated_at"),
        ("sort_order=up", "asc"),
        ("date_from=01/09/2026", "date_from"),
        ("date_from=2026-09-02&date_to=2026-09-01", "date_from"),
        ("limit=1&limit=2", "limit"),
    ] {
        let refused = world.get(&format!("/api/v1/logistics/orders?{query}"), &key).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "query_invalid"), "{query}");
        assert!(refused.detail().contains(told), "{query}: {refused:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_there_is_not_found_under_any_address() {
    let world = World::create().await;
    let key = world.key(Role::Auditor, Some(LADORE)).await;
    for suffix in ["", "/tracking", "/history", "/history?as_of=2026-09-01T00:00:00Z"] {
        for id in ["00000000-0000-0000-0000-000000000000", "812", "%00"] {
            let got = world.get(&format!("/api/v1/logistics/orders/{id}{suffix}"), &key).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{id}{suffix}: {got:?}");
            got.code();
        }
    }
    let unknown =
        world.get("/api/v1/logistics/orders/00000000-0000-0000-0000-000000000000/history?at=now", &key);
    assert_eq!(unknown.await.code(), "query_invalid");
}
