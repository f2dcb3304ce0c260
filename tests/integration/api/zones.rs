//! Zones: only one by which the database can count days as we do is taken: packages of the server leave old names out, and it takes some
//! names for abbreviations.

use logistics_ledger::app::App;
use logistics_ledger::postgres::{PoolSettings, connect};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::world::{World, answer, unlimited};

/// What the database takes for an abbreviation that means less than the name does.
const ABBREVIATED: [&str; 4] = ["CET", "MET", "EET", "WET"];

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

/// Those names of these that this server has.
async fn present(world: &World, names: &[&str]) -> Vec<String> {
    sqlx::query_scalar("select name from pg_timezone_names where name = any($1) order by name")
        .bind(names)
        .fetch_all(world.database.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_name_that_the_database_takes_for_an_abbreviation_without_summer_is_refused() {
    let world = World::create().await;
    let staff = world.staff().await;
    let set = async |language: &str, name: &str| {
        let asked = world.request(Method::PATCH, "/api/v1/tenants/7").header("x-api-key", &staff);
        answer(asked.header("accept-language", language).json(&json!({ "timezone": name }))).await
    };
    for name in present(&world, &ABBREVIATED).await {
        for (language, told) in [("en", "name a place, as Europe/Madrid"), ("es", "que una abreviatura")] {
            let refused = set(language, &name).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
            assert_eq!(refused.body["field"], "timezone");
            assert!(refused.detail().contains(told), "{refused:?}");
        }
    }
    // Abbreviations that mean what the name means.
    for name in present(&world, &["UTC", "EST", "Europe/Madrid"]).await {
        let changed = set("en", &name).await;
        assert_eq!(
            (changed.status, &changed.body["timezone"]),
            (StatusCode::OK, &json!(name)),
            "{changed:?}"
        );
    }
}

/// So no other name need be refused.
#[tokio::test]
async fn the_database_keeps_the_time_of_every_other_zone() {
    let world = World::create().await;
    let mut connection = world.database.owner_pool().acquire().await.unwrap();
    sqlx::raw_sql(
        "create function pg_temp.told(zone text, at timestamptz) returns timestamp language plpgsql as \
           $$ begin perform set_config('timezone', zone, true); return at::timestamp; end $$",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    let apart: Vec<String> = sqlx::query_scalar(
        "select distinct name from pg_timezone_names, (values ('2026-01-01Z'::timestamptz), ('2026-07-01Z')) as halves(at)
         where at at time zone name <> pg_temp.told(name, at) order by name",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    assert_eq!(apart, present(&world, &ABBREVIATED).await);
}
