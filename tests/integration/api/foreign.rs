//! What a foreign id inside an address of the own tenant leads to, and a method that a route does not take.

use std::collections::BTreeMap;

use logistics_domain::TenantId;
use logistics_ledger::access::Role;
use logistics_ledger::api::{Admits, Entry};
use reqwest::{Method, StatusCode};
use serde_json::json;
use sqlx::Executor;

use super::addresses::{NOBODYS, Things, address, address_of, body_of};
use super::world::{LADORE, World};
use crate::isolation::world::{BESIDE, OTHER, OWN};
use crate::rebuild::world::live;

/// The things of a tenant that routes lead to.
async fn things(world: &World, tenant: TenantId) -> Things {
    let order: String = sqlx::query_scalar(
        "select id::text from logistics_orders where tenant_id = $1 and withheld_reason is null and vanished_at is null \
         limit 1",
    )
    .bind(tenant.0)
    .fetch_one(world.database.owner_pool())
    .await
    .unwrap();
    let run: String = sqlx::query_scalar(
        "select r.id::text from sync_runs r join logistics_config c on c.account_id = r.account_id \
         where c.tenant_id = $1",
    )
    .bind(tenant.0)
    .fetch_one(world.database.owner_pool())
    .await
    .unwrap();
    let link: String = sqlx::query_scalar("select id::text from shop_links where tenant_id = $1 limit 1")
        .bind(tenant.0)
        .fetch_one(world.database.owner_pool())
        .await
        .unwrap();
    Things { order, run, link }
}

/// Routes that lead to a thing of a tenant, by an id.
fn to_things(entry: &Entry) -> bool {
    matches!(entry.admits, Admits::Tenant(_))
        && entry.path.replace("{tenant_id}", "").replace("{platform}", "").contains('{')
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_in_an_address_of_the_own_tenant_leads_nowhere() {
    let world = World::create().await;
    world.database.owner_pool().execute(BESIDE).await.unwrap();
    world.database.owner_pool().execute("update logistics_config set sync_enabled = false").await.unwrap();
    live(&world.app.sources().ledger, 11, 24, 0..4).await;
    let (own, foreign, nothing) = (things(&world, OWN).await, things(&world, OTHER).await, Things::nobodys());
    let keys = [world.staff().await, world.key(Role::Admin, Some(OWN)).await];
    let entries: Vec<Entry> = world.app.routes().iter().filter(|entry| to_things(entry)).cloned().collect();
    assert!(entries.len() >= 4, "{entries:?}");
    let kept = async || -> (i64, i64, i64) {
        sqlx::query_as(
            "select (select count(*) from order_requests), (select count(*) from events where aggregate_id = $1), \
                    (select count(*) from jobs where kind in ('cancel_order', 'post_comment'))",
        )
        .bind(&foreign.order)
        .fetch_one(world.database.owner_pool())
        .await
        .unwrap()
    };
    let before = kept().await;
    for entry in &entries {
        let to = |things: &Things| -> String { address_of(entry, OWN, things).unwrap() };
        for key in &keys {
            let ask = async |path: String| {
                let got = world.send(entry.method.clone(), &path, key, &body_of(entry)).await;
                (got.status, got.body["code"].clone(), got.body["detail"].clone())
            };
            let nobodys = ask(to(&nothing)).await;
            // As if it did not exist: not even the words differ.
            assert_eq!(ask(to(&foreign)).await, nobodys, "{} {}", entry.method, entry.path);
            let may = nobodys.0 != StatusCode::FORBIDDEN;
            if may {
                assert_eq!(nobodys.0, StatusCode::NOT_FOUND, "{} {nobodys:?}", entry.path);
            }
            let reads = entry.method == Method::GET && may;
            // The ids are real ones: under their own tenant they lead somewhere. Documents are the warehouse's, and there
            // is none here.
            if reads && !to(&own).contains(NOBODYS) && !entry.path.contains("{document_id}") {
                let found = ask(to(&own)).await;
                assert_ne!(found.0, StatusCode::NOT_FOUND, "{} {found:?}", entry.path);
            }
        }
    }
    assert_eq!(kept().await, before, "nothing is written down, so nothing is asked of the warehouse");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_order_cannot_be_chosen_for_a_shop_order() {
    let world = World::create().await;
    world.database.owner_pool().execute(BESIDE).await.unwrap();
    live(&world.app.sources().ledger, 11, 24, 0..4).await;
    let key = world.key(Role::Admin, Some(OWN)).await;
    let choose = async |order_id: i64, order: &str| {
        let body = json!({"order_id": order_id, "order_name": "#1", "fulfilled_by": order});
        let got = world.send(Method::POST, "/api/v1/logistics/links", &key, &body).await;
        (got.status, got.body["code"].clone(), got.body["detail"].clone())
    };
    let nobodys = choose(811, NOBODYS).await;
    assert_eq!((nobodys.0, &nobodys.1), (StatusCode::NOT_FOUND, &json!("order_unknown")));
    assert_eq!(choose(811, &things(&world, OTHER).await.order).await, nobodys, "as if it did not exist");
    assert_eq!(choose(811, "1").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(choose(812, &things(&world, OWN).await.order).await.0, StatusCode::ACCEPTED);
    let noted = "select count(*) from shop_links where order_id = 811";
    let noted: i64 = sqlx::query_scalar(noted).fetch_one(world.database.owner_pool()).await.unwrap();
    assert_eq!(noted, 0, "what is refused leaves nothing behind");
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_told_with_those_it_takes() {
    let world = World::create().await;
    let key = world.staff().await;
    let mut taken: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for entry in world.app.routes() {
        taken.entry(address(entry, LADORE)).or_default().push(entry.method.clone());
    }
    for (path, methods) in taken {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            if methods.contains(&method) {
                continue;
            }
            let got = world.send(method.clone(), &path, &key, &json!({})).await;
            let place = format!("{method} {path}");
            assert_eq!(
                (got.status, got.code()),
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
                "{place}"
            );
            let allowed = got.headers["allow"].to_str().unwrap();
            for method in &methods {
                assert!(allowed.split(',').any(|one| one.trim() == method.as_str()), "{place}: {allowed}");
            }
        }
    }
}
