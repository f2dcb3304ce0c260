//! What frames every answer: ids, headers, problems for what is not there, and health that tells the truth.

use logistics_ledger::access::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{LADORE, World, answer};

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
    let behind = get("/readyz").await;
    assert_eq!((behind.status, behind.code()), (StatusCode::SERVICE_UNAVAILABLE, "migrations_missing"));

    world.database.pool().close().await;
    let away = get("/readyz").await;
    assert_eq!((away.status, away.code()), (StatusCode::SERVICE_UNAVAILABLE, "database_away"));
    assert_eq!(get("/healthz").await.status, StatusCode::OK, "the process itself lives");
    let list = world.get("/api/v1/logistics/orders", "llk_any").await;
    assert_eq!((list.status, list.code()), (StatusCode::SERVICE_UNAVAILABLE, "database_away"));
    assert!(list.headers.contains_key("retry-after"));
}
