//! Undoing a link over the API: who may, what is told, and what the history says of it.

use std::time::Duration;

use logistics_ledger::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::Executor as _;

use super::addresses::NOBODYS;
use super::world::{Answer, World};
use crate::isolation::world::{BESIDE, OTHER, OWN};
use crate::rebuild::world::live;

const LINKS: &str = "/api/v1/logistics/links";

/// An order of the own tenant that fulfils the shop order 101, and the link of that.
async fn linked(world: &World, key: &str) -> (String, Value) {
    let order = "select id::text from logistics_orders where tenant_id = $1 and withheld_reason is null
                 and vanished_at is null order by id limit 1";
    let order: String =
        sqlx::query_scalar(order).bind(OWN.0).fetch_one(world.database.owner_pool()).await.unwrap();
    let body = json!({"order_id": 101, "order_name": "#1", "fulfilled_by": order});
    let asked = world.send(Method::POST, LINKS, key, &body).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{asked:?}");
    for _ in 0..500 {
        let listed = world.get(&format!("{LINKS}?state=linked"), key).await;
        if let Some(link) = listed.body["items"].get(0) {
            return (order, link.clone());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the order that was chosen is never tied");
}

async fn undo(world: &World, link: &str, key: &str) -> Answer {
    super::world::answer(
        world.request(Method::POST, &format!("{LINKS}/{link}/undo")).header("x-api-key", key),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_undone_is_missing_and_the_history_says_who_undid_it() {
    let world = World::create().await;
    world.database.owner_pool().execute(BESIDE).await.unwrap();
    live(&world.app.sources().ledger, 11, 24, 0..4).await;
    let key = world.key(Role::Ventas, Some(OWN)).await;
    let (order, link) = linked(&world, &key).await;
    let id = link["id"].as_str().unwrap();

    for role in [Role::Viewer, Role::Auditor, Role::Logistica] {
        let refused = undo(&world, id, &world.key(role, Some(OWN)).await).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "role_not_allowed"), "{role}");
    }
    let stranger = world.key(Role::Admin, Some(OTHER)).await;
    for (key, id) in [(&stranger, id), (&key, NOBODYS)] {
        let refused = undo(&world, id, key).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "link_unknown"));
    }

    let undone = undo(&world, id, &key).await;
    assert_eq!((undone.status, &undone.body["state"]), (StatusCode::OK, &json!("not_found")), "{undone:?}");
    assert_eq!((&undone.body["basis"], &undone.body["linked_at"]), (&Value::Null, &Value::Null));
    assert!(undone.body["reason"].as_str().unwrap().starts_with("The link was undone;"), "{undone:?}");
    assert_eq!(undo(&world, id, &key).await.body, undone.body, "to undo it again changes nothing");

    let shown = world.get(&format!("/api/v1/logistics/orders/{order}"), &key).await;
    assert_eq!(shown.body["shop_order"], Value::Null, "{shown:?}");
    let history = world.get(&format!("/api/v1/logistics/orders/{order}/history?limit=200"), &key).await;
    let events = history.body["items"].as_array().unwrap();
    let told = events.iter().rfind(|event| event["type"] == "OrderUnlinked").unwrap();
    assert!(told["actor"].as_str().unwrap().starts_with("key:"), "{told}");
    assert!(told.to_string().contains("The link was undone."), "{told}");
}

#[tokio::test]
async fn what_no_order_is_tied_to_has_no_link_to_undo() {
    let world = World::create().await;
    world.database.owner_pool().execute(BESIDE).await.unwrap();
    let key = world.key(Role::Admin, Some(OWN)).await;
    let link = world.get(LINKS, &key).await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let refused = undo(&world, &link, &key).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "link_not_made"));
}
