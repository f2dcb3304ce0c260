//! Orders over HTTP. What a list or a history holds is the read models' to test; here is what a query may say.

use logistics_domain::order::facts::LinkBasis;
use logistics_ledger::access::Role;
use logistics_projections::orders::AlsoFulfilled;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{LADORE, World, answer};

#[tokio::test]
async fn an_empty_list_has_the_hosts_shape() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let list = world.get("/api/v1/logistics/orders?limit=10&skip=5", &key).await;
    let expected = json!({
        "total": 0, "total_is_exact": true, "items": [], "skip": 5, "limit": 10, "next_cursor": null
    });
    assert_eq!(list.body, expected, "{list:?}");
    let all = "search=rosa&status=NEW,5&date_field=dispatched_at&date_from=2026-09-01&date_to=2026-09-01\
               &courier=royal+mail,14&linked=true&created_from=2026-08-01&updated_to=2026-12-01&ordered_from=2026-01-01\
               &sort_by=mintsoft_order_number&sort_order=asc&tenant_id=7";
    assert_eq!(world.get(&format!("/api/v1/logistics/orders?{all}"), &key).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cursor_is_taken_as_it_was_given_and_for_its_own_list_only() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let rows: Vec<_> = (1..=3).map(crate::projections::order).collect();
    crate::projections::put_orders(world.database.pool(), &rows).await;
    let path = "/api/v1/logistics/orders?limit=2";
    let first = world.get(path, &key).await;
    assert_eq!((first.body["total"].as_i64(), first.body["items"].as_array().unwrap().len()), (Some(3), 2));
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = world.get(&format!("{path}&cursor={cursor}"), &key).await;
    assert_eq!(second.body["items"][0]["mintsoft_order_number"], "ladore-1", "{second:?}");
    assert_eq!((second.body["total"].as_i64(), &second.body["next_cursor"]), (Some(3), &json!(null)));
    for (query, code) in [
        (format!("{path}&cursor={}", &cursor[1..]), "cursor_invalid"),
        (format!("{path}&cursor=%00"), "cursor_invalid"),
        (format!("{path}&cursor={cursor}&status=NEW"), "cursor_of_other_list"),
        (format!("{path}&cursor={cursor}&sort_by=created_at"), "cursor_of_other_list"),
        (format!("{path}&cursor={cursor}&sort_order=asc"), "cursor_of_other_list"),
    ] {
        let refused = world.get(&query, &key).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, code), "{query}");
        assert_eq!(refused.body["field"], "cursor", "{query}");
        let asked = world.request(Method::GET, &query).header("x-api-key", &key);
        let spanish = answer(asked.header("accept-language", "es")).await;
        assert!(spanish.detail().contains("cursor: envía next_cursor entero"), "{spanish:?}");
    }
}

#[tokio::test]
async fn orders_are_counted_by_status_under_the_same_conditions() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let rows: Vec<_> = (1..=3).map(crate::projections::order).collect();
    crate::projections::put_orders(world.database.pool(), &rows).await;
    for (query, exact, orders) in [
        ("", true, 3),
        ("?search=ladore-2", true, 1),
        ("?status=DESPATCHED", true, 0),
        ("?tab=in_warehouse,closed&attention=false", true, 3),
        ("?tab=delivered", true, 0),
        ("?attention=true", true, 0),
        ("?ordered_from=2026-03-01&ordered_to=2026-03-01", true, 3),
        ("?ordered_from=2026-03-02", true, 0),
        ("?ordered_from=2026-03-01&created_to=2026-03-05", false, 3),
    ] {
        let counted = world.get(&format!("/api/v1/logistics/orders/counts{query}"), &key).await;
        let mut expected =
            json!({"total": orders, "need_attention": 0, "is_exact": exact, "statuses": [], "tabs": []});
        if orders > 0 {
            expected["statuses"] = json!([{"status": "NEW", "status_id": 1, "orders": orders}]);
            expected["tabs"] = json!([{"tab": "in_warehouse", "orders": orders, "need_attention": 0}]);
        }
        assert_eq!(counted.body, expected, "{query}");
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

#[tokio::test]
async fn a_survivor_of_merges_tells_each_shop_order_that_it_fulfils_and_is_found_by_each() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let mut row = crate::projections::order(1);
    (row.order_id, row.shop_order_name) = (Some(501), Some("#7001".into()));
    row.link_basis = Some(LinkBasis::Name);
    row.order_data.also_fulfils =
        vec![AlsoFulfilled { order_id: 502, name: "#7002".into(), basis: LinkBasis::Host }];
    crate::projections::put_orders(world.database.pool(), std::slice::from_ref(&row)).await;
    let shown = world.get(&format!("/api/v1/logistics/orders/{}", row.id), &key).await.body;
    assert_eq!(shown["shop_order"]["name"], "#7001", "{shown}");
    let also = &shown["also_fulfils"][0];
    assert_eq!(
        (&also["order_id"], &also["name"], &also["basis"]),
        (&json!(502), &json!("#7002"), &json!("host"))
    );
    for name in ["%237001", "%237002"] {
        let found = world.get(&format!("/api/v1/logistics/orders?search={name}"), &key).await.body;
        assert_eq!(found["total"], 1, "{name}");
    }
}
