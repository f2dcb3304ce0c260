//! A tenant's change of zone: all its orders are counted by other days, which may take longer than a statement or a request.

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_ledger::postgres::{PoolSettings, connect};
use logistics_ledger::tenancy::{Tenancy, TenantPatch};
use sqlx::{Connection, Executor, PgConnection, PgPool};

use super::{LADORE, World};

const ZONE: &str = "Pacific/Kiritimati";

fn to_another_zone() -> TenantPatch {
    TenantPatch { timezone: Some(ZONE.to_owned()), ..TenantPatch::default() }
}

impl World {
    /// Has this happen whenever orders are counted anew.
    async fn whenever_counted(&self, deed: &str) {
        let sql = format!(
            "create function meanwhile() returns trigger language plpgsql as $$ begin perform {deed}; return null; end $$;
             create trigger meanwhile before insert on logistics_order_counts
               for each statement execute function meanwhile()"
        );
        sqlx::raw_sql(&sql).execute(self.database.owner_pool()).await.unwrap();
    }

    async fn zone(&self) -> String {
        let zone = "select timezone from tenants where id = 7";
        sqlx::query_scalar(zone).fetch_one(self.database.pool()).await.unwrap()
    }
}

#[tokio::test]
async fn another_zone_may_take_longer_than_a_statement_of_the_service() {
    let world = World::create().await;
    world.whenever_counted("pg_sleep(0.6)").await;
    let statement_timeout = Duration::from_millis(200);
    let hasty =
        connect(world.database.url(), &PoolSettings { statement_timeout, ..PoolSettings::default() }).await;
    let hasty = hasty.unwrap();
    let ring = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
    let tenancy = Tenancy::over(hasty.clone(), ring, false);
    let changed = tenancy.patch_tenant(LADORE, &to_another_zone(), world.now).await.unwrap();
    assert_eq!(changed.unwrap().timezone, ZONE);
    let limit: String = sqlx::query_scalar("show statement_timeout").fetch_one(&hasty).await.unwrap();
    assert_eq!(limit, "200ms", "everything else has its limit");
}

/// Waits until somebody stands before a lock that the test holds.
async fn somebody_waits(pool: &PgPool) {
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                   and database = (select oid from pg_database where datname = current_database())";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(pool).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn another_zone_is_set_though_whoever_asked_for_it_waits_no_longer() {
    let world = World::create().await;
    world.whenever_counted("pg_advisory_xact_lock_shared(7)").await;
    let mut in_the_way = PgConnection::connect(world.database.url()).await.unwrap();
    in_the_way.execute("select pg_advisory_lock(7)").await.unwrap();
    let (tenancy, now): (Tenancy, DateTime<Utc>) = (world.tenancy.clone(), world.now);
    let asking = tokio::spawn(async move { tenancy.patch_tenant(LADORE, &to_another_zone(), now).await });
    somebody_waits(world.database.pool()).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert_ne!(world.zone().await, ZONE);
    in_the_way.close().await.unwrap();
    while world.zone().await != ZONE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_zone_that_was_named_by_an_abbreviation_is_the_place_that_it_stands_for() {
    let world = World::create().await;
    let owner = world.database.owner_pool();
    let place = include_str!("../../../migrations/20261127100000_alter_abbreviated_zones.sql");
    for (name, told) in [
        ("CET", "Europe/Brussels"),
        ("MET", "Europe/Brussels"),
        ("EET", "Europe/Athens"),
        ("WET", "Europe/Lisbon"),
        ("Europe/Madrid", "Europe/Madrid"),
    ] {
        sqlx::query("update tenants set timezone = $1 where id = 7").bind(name).execute(owner).await.unwrap();
        sqlx::raw_sql(place).execute(owner).await.unwrap();
        assert_eq!(world.zone().await, told);
    }
}
