//! What frames every answer: ids, headers, problems for what is not there, and health that tells the truth.

use std::time::Duration;

use logistics_ledger::access::Role;
use logistics_ledger::api::Origin;
use logistics_ledger::app::AppSettings;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::time::sleep;

use super::world::{LADORE, World, answer, unlimited};
use crate::support::service::until;

#[tokio::test]
async fn every_answer_carries_the_requests_id_and_is_kept_by_no_cache() {
    let world = World::create().await;
    let given = answer(world.request(Method::GET, "/healthz").header("x-request-id", "host-7")).await;
    assert_eq!(given.headers["x-request-id"], "host-7");
    assert_eq!(given.headers["cache-control"], "no-store");
    assert_eq!(given.headers["x-content-type-options"], "nosniff");
    let made = answer(world.request(Method::GET, "/nowhere").header("x-request-id", "two words")).await;
    assert_eq!(made.headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_taken_are_problems() {
    let world = World::create().await;
    let key = world.key(Role::Admin, Some(LADORE)).await;
    for path in ["/", "/nowhere", "/api/v1", "/api/v1/nowhere", "/api/v1/logistics/orders/"] {
        let got = world.get(path, &key).await;
        assert_eq!((got.status, got.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
    }
    let delete = world.send(Method::DELETE, "/api/v1/logistics/orders", &key, &json!({})).await;
    assert_eq!((delete.status, delete.code()), (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    assert!(delete.headers["allow"].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn health_needs_no_key_and_readiness_follows_the_database() {
    let world = World::create().await;
    let get = |path| answer(world.request(Method::GET, path));
    assert_eq!(get("/healthz").await.body, json!({"status": "alive"}));
    assert_eq!(get("/readyz").await.body, json!({"status": "ready"}));

    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(world.database.owner_pool())
        .await
        .unwrap();
    until("it is found out", async || get("/readyz").await.status == StatusCode::SERVICE_UNAVAILABLE).await;
    let behind = get("/readyz").await;
    assert_eq!(behind.code(), "migrations_missing");
    assert!(behind.headers.contains_key("retry-after"));

    world.database.pool().close().await;
    until("it is found out", async || get("/readyz").await.code() == "database_away").await;
    assert_eq!(get("/healthz").await.status, StatusCode::OK, "the process itself lives");
    let list = world.get("/api/v1/logistics/orders", "llk_any").await;
    assert_eq!((list.status, list.code()), (StatusCode::SERVICE_UNAVAILABLE, "database_away"));
    assert!(list.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn only_pages_of_the_origins_that_are_named_may_call_from_a_browser() {
    let origins: Vec<Origin> = vec!["https://app.example.com".parse().unwrap()];
    let world = World::with(AppSettings { origins: origins.into(), ..unlimited() }).await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let orders = "/api/v1/logistics/orders";
    let preflight = |origin: &str, path: &str| {
        let request = world.request(Method::OPTIONS, path).header("origin", origin);
        answer(request.header("access-control-request-method", "GET"))
    };
    let told = preflight("https://app.example.com", orders).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);
    assert_eq!(told.headers["access-control-allow-origin"], "https://app.example.com");
    assert!(told.headers["access-control-allow-headers"].to_str().unwrap().contains("x-api-key"));
    assert!(!told.headers.contains_key("access-control-allow-credentials"), "no cookies from there");
    for (origin, path) in [
        ("https://evil.example.com", orders),
        ("https://app.example.com.evil.example", orders),
        ("https://app.example.com", "/dashboard/orders"),
        ("https://app.example.com", "/api/v1/webhooks/shopify/7"),
    ] {
        let refused = preflight(origin, path).await;
        assert!(!refused.headers.contains_key("access-control-allow-origin"), "{origin} {path}");
    }
    let read = world.request(Method::GET, orders).header("x-api-key", &key);
    let read = answer(read.header("origin", "https://app.example.com")).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.headers["access-control-allow-origin"], "https://app.example.com");
    assert!(read.headers["access-control-expose-headers"].to_str().unwrap().contains("retry-after"));
    assert!(read.headers.get_all("vary").iter().any(|value| value == "origin"));
}

#[tokio::test]
async fn what_the_database_gave_up_is_told_to_be_asked_for_less() {
    let world = World::create().await;
    let key = world.key(Role::Viewer, Some(LADORE)).await;
    let owner = world.database.owner_pool();
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table logistics_orders in access exclusive mode").execute(&mut *held).await.unwrap();
    // As a statement that takes longer than one may is cancelled by the server itself.
    let cancel = "select coalesce(bool_or(pg_cancel_backend(pid)), false) from pg_stat_activity
                  where datname = current_database() and wait_event_type = 'Lock'";
    // Again and again, since background work may wait for the table too.
    let cancelling = async {
        loop {
            sqlx::query_scalar::<_, bool>(cancel).fetch_one(owner).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
    };
    let got = tokio::select! {
        got = world.get("/api/v1/logistics/orders", &key) => got,
        never = cancelling => never,
    };
    assert_eq!((got.status, got.code()), (StatusCode::SERVICE_UNAVAILABLE, "timed_out"));
    assert!(got.headers.contains_key("retry-after"));
}
