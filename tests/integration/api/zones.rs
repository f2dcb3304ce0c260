//! Zones: only one by which the database can count days is taken, since packages of the server leave old names out.

use logistics_ledger::app::App;
use logistics_ledger::postgres::{PoolSettings, connect};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{World, answer, unlimited};

/// A database whose server does not know `US/Pacific`, as where `tzdata-legacy` is not installed.
async fn without_old_names() -> World {
    let mut world = World::create().await;
    sqlx::raw_sql(
        "create schema packaged; grant usage on schema packaged to public; \
         create view packaged.pg_timezone_names as select * from pg_catalog.pg_timezone_names where name <> 'US/Pacific'; \
         grant select on packaged.pg_timezone_names to public; \
         do $$ begin execute format('alter database %I set search_path = packaged, pg_catalog, public', current_database()); end $$",
    )
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    let pool = connect(world.database.url(), &PoolSettings::default()).await.unwrap();
    let ring = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
    world.app = App::start(pool, ring, world.clock.clone(), unlimited()).await.unwrap();
    world
}

#[tokio::test]
async fn a_zone_that_the_database_does_not_know_is_refused_in_both_languages() {
    let world = without_old_names().await;
    let staff = world.staff().await;
    for (language, told) in [
        ("en", "timezone: the database does not know this time zone"),
        ("es", "timezone: envía el nombre vigente"),
    ] {
        let tenant = json!({ "id": 9, "slug": "tumi", "name": "Tumi", "timezone": "US/Pacific" });
        for (method, path, body) in [
            (Method::POST, "/api/v1/tenants", tenant),
            (Method::PATCH, "/api/v1/tenants/7", json!({ "timezone": "US/Pacific" })),
        ] {
            let asked = world.request(method, path).header("x-api-key", &staff).json(&body);
            let refused = answer(asked.header("accept-language", language)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {refused:?}");
            assert_eq!(refused.body["field"], "timezone");
            assert!(refused.detail().contains(told), "{refused:?}");
        }
    }
    let known = json!({ "timezone": "America/Los_Angeles" });
    let changed = world.send(Method::PATCH, "/api/v1/tenants/7", &staff, &known).await;
    assert_eq!(
        (changed.status, &changed.body["timezone"]),
        (StatusCode::OK, &known["timezone"]),
        "{changed:?}"
    );
}
