//! What is refused says why in the caller's language, and names the field or parameter that is wrong.

use logistics_ledger::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{LADORE, World, answer};

/// How the sentence of a query that cannot be used begins.
const BEGINNINGS: [(&str, &str); 2] =
    [("en", "The query cannot be used"), ("es", "La consulta no se puede usar. ")];

/// Sees that the address is refused for its query, in both languages, with the field named and this told.
async fn is_refused(world: &World, key: &str, address: &str, field: Option<&str>, told: &str) {
    for (language, begins) in BEGINNINGS {
        let request = world.request(Method::GET, &format!("/api/v1{address}"));
        let refused = answer(request.header("x-api-key", key).header("accept-language", language)).await;
        let place = format!("{language} {address}: {refused:?}");
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "query_invalid"), "{place}");
        assert_eq!(refused.body["field"].as_str(), field, "{place}");
        assert!(refused.detail().starts_with(begins) && refused.detail().contains(told), "{place}");
        assert!(refused.detail().len() > begins.len() + 2, "{place}");
    }
}

#[tokio::test]
async fn a_query_of_orders_that_cannot_be_used_says_why_and_what_is_known() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let (long, many) = ("search=".to_owned() + &"ñ".repeat(201), vec!["NEW"; 101].join(","));
    let (statuses, couriers) = (format!("status={many}"), format!("courier={many}"));
    for (query, field, told) in [
        ("page=2", "page", "`skip`"),
        ("order+state=NEW", "order state", "`skip`"),
        ("order.state=NEW", "order.state", "`skip`"),
        ("by:+status=NEW", "by: status", "`skip`"),
        ("limit=0", "limit", "200"),
        ("limit=201", "limit", "200"),
        ("limit=many", "limit", "50"),
        ("skip=-1", "skip", "0"),
        ("sort_by=price", "sort_by", "`updated_at`"),
        ("sort_order=up", "sort_order", "`asc`"),
        ("date_from=01/09/2026", "date_from", "2026-11-23"),
        ("date_from=2026-09-02&date_to=2026-09-01", "date_from", "date_to"),
        ("limit=1&limit=2", "limit", "limit"),
        ("linked=maybe", "linked", "true"),
        ("tab=all", "tab", "`in_warehouse`, `on_the_way`, `delivered`, `closed`"),
        ("tab=5", "tab", "`closed`"),
        ("created_from=2026-09-02&created_to=2026-09-01", "created_from", "created_to"),
        ("date_from=2026-09-01&ordered_from=2026-09-01", "ordered_from", "date_from (date_field=ordered_at)"),
        (
            "date_to=2026-09-01&date_field=updated_at&updated_to=2026-09-01",
            "updated_to",
            "date_to (date_field=updated_at)",
        ),
        ("updated_to=%2B10000-01-01", "updated_to", "9999"),
        ("skip=1&cursor=AAAA", "skip", "cursor"),
        (&long, "search", "200"),
        (&statuses, "status", "100"),
        (&couriers, "courier", "100"),
        ("tenant_id=seven", "tenant_id", "1"),
        ("tenant_id=7&tenant_id=7", "tenant_id", "tenant_id"),
    ] {
        is_refused(&world, &key, &format!("/logistics/orders?{query}"), Some(field), told).await;
    }
    is_refused(&world, &key, &format!("/logistics/orders?{}", "skip=1&".repeat(65)), None, "64").await;
    let instant =
        "/logistics/orders/00000000-0000-0000-0000-000000000000/history?as_of=%2B10000-01-01T00:00:00Z";
    is_refused(&world, &world.key(Role::Auditor, Some(LADORE)).await, instant, Some("as_of"), "9999").await;
}

#[tokio::test]
async fn a_query_of_the_staff_that_cannot_be_used_says_why() {
    let world = World::create().await;
    let key = world.staff().await;
    let long = "ñ".repeat(201);
    for (address, field, told) in [
        (format!("/tenants?search={long}"), "search", "200"),
        ("/tenants?search=%00".to_owned(), "search", "search"),
        (format!("/people?search={long}"), "search", "200"),
        (format!("/logistics/parked-orders?search={long}"), "search", "200"),
        (format!("/logistics/parked-orders?reason={long}"), "reason", "200"),
        (format!("/logistics/links?tenant_id=7&search={long}"), "search", "200"),
        ("/tenants/7/logistics-config/preview?sku_prefix=LA%20DORE".to_owned(), "sku_prefix", "40"),
        ("/dead-letters/delivery-1/body".to_owned(), "personal_data", "true"),
    ] {
        is_refused(&world, &key, &address, Some(field), told).await;
    }
    // Letters are counted, not bytes.
    let all = "ñ".repeat(200);
    for address in ["/tenants", "/people", "/logistics/parked-orders"] {
        let found = world.get(&format!("/api/v1{address}?search={all}"), &key).await;
        assert_eq!((found.status, &found.body["total"]), (StatusCode::OK, &json!(0)), "{address}");
    }
}

#[tokio::test]
async fn a_number_of_the_host_that_stands_for_another_order_is_told_as_one_of_the_same_brand() {
    let world = World::create().await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    let ask = async |language: &str, name: &str| {
        let request = world.request(Method::POST, "/api/v1/logistics/links").header("x-api-key", &key);
        let body = json!({"order_id": 1, "order_name": name});
        answer(request.header("accept-language", language).json(&body)).await
    };
    assert_eq!(ask("es", "#1").await.status, StatusCode::ACCEPTED);
    assert_eq!(ask("es", "1").await.status, StatusCode::ACCEPTED, "asked again");
    for (language, told, other) in
        [("es", "otro pedido", "otra marca"), ("en", "another order", "another tenant")]
    {
        let refused = ask(language, "#2").await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "order_id_taken"));
        assert!(refused.detail().contains(told) && !refused.detail().contains(other), "{refused:?}");
    }
}
