//! A rebuild that ends before its time, or meets others: the tables that people read are as they were.

use std::sync::Arc;
use std::time::Duration;

use logistics_domain::order::Observed;
use logistics_domain::order::facts::TrackingEvent;
use logistics_domain::{Command, Provenance, Source};
use logistics_ledger::ledger::rebuild::{
    RebuildError, RebuildOptions, RebuildReport, clear_leftovers, rebuild,
};
use logistics_ledger::ledger::{Intended, OpenOrder};
use logistics_ledger::postgres::PoolSettings;
use logistics_ledger::upkeep::clear_rebuilds;
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::world::{World, address, live, start};

/// What stands in the way of a rebuild at one point of it, and how one sees that it got there.
pub struct Obstacle {
    lock: &'static str,
    table: &'static str,
}

/// Keys are asked for while the shadows are filled.
const WHILE_FILLING: Obstacle =
    Obstacle { lock: "lock table order_streams in access exclusive mode", table: "order_streams" };
/// A reader that keeps its transaction open.
pub const AT_THE_SWAP: Obstacle = Obstacle {
    lock: "lock table logistics_tracking_events in access share mode",
    table: "logistics_tracking_events",
};

/// A rebuild that goes on by itself.
pub fn running(world: &World) -> JoinHandle<Result<RebuildReport, RebuildError>> {
    let (owner, ring) = (world.owner().clone(), Arc::clone(&world.ring));
    tokio::spawn(async move { rebuild(&owner, &ring, &RebuildOptions::default()).await })
}

impl Obstacle {
    /// Puts it there; it is gone with the connection.
    pub async fn put(&self, world: &World) -> PgConnection {
        let mut connection = PgConnection::connect(world.database.url()).await.unwrap();
        connection.execute("begin").await.unwrap();
        connection.execute(self.lock).await.unwrap();
        connection
    }

    /// Waits until somebody stands before it, and tells the process.
    pub async fn met(&self, world: &World) -> i32 {
        let waiting = "select pid from pg_locks where relation = $1::regclass and not granted and database = \
                       (select oid from pg_database where datname = current_database())";
        loop {
            let met = sqlx::query_scalar(waiting).bind(self.table).fetch_optional(world.database.pool());
            if let Some(pid) = met.await.unwrap() {
                return pid;
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Waits until the server has noticed that nobody rebuilds any more.
async fn quiet(world: &World) {
    let claims = "select count(*) from pg_locks where locktype = 'advisory' and database = \
                  (select oid from pg_database where datname = current_database())";
    while world.count(claims).await > 0 {
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_given_up_midway_changes_nothing_and_the_next_one_clears_up() {
    let world = World::with_orders(21, 30, 5).await;
    let (rows, tables) = (world.rows().await, world.identities().await);
    for obstacle in [WHILE_FILLING, AT_THE_SWAP] {
        let in_the_way = obstacle.put(&world).await;
        let rebuilding = running(&world);
        obstacle.met(&world).await;
        rebuilding.abort();
        assert!(rebuilding.await.unwrap_err().is_cancelled());
        in_the_way.close().await.unwrap();
        quiet(&world).await;
        assert!(world.leftovers().await >= 6, "tables and their keys");
        assert_eq!((world.rows().await, world.identities().await), (rows.clone(), tables.clone()));
    }
    assert!(clear_leftovers(world.owner(), None).await.unwrap());
    assert_eq!(world.leftovers().await, 0);
    assert!(world.rebuild().await.swapped);
    assert_eq!(world.rows().await, rows);
}

/// What a running service does now and then, once.
async fn looked_after(world: &World) {
    let (pool, url) = (world.database.pool().clone(), world.database.url().to_owned());
    let stopping = CancellationToken::new();
    stopping.cancel();
    clear_rebuilds(pool, url, PoolSettings::default(), stopping).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_clears_up_after_a_killed_rebuild_and_lets_a_running_one_be() {
    let world = World::with_orders(30, 30, 5).await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    looked_after(&world).await;
    assert!(world.leftovers().await >= 6, "tables and their keys");
    in_the_way.close().await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);

    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    rebuilding.abort();
    assert!(rebuilding.await.unwrap_err().is_cancelled());
    in_the_way.close().await.unwrap();
    quiet(&world).await;
    assert!(world.count("select count(*) from logistics_order_recipients_shadow").await > 0);
    looked_after(&world).await;
    assert_eq!(world.leftovers().await, 0);
    assert!(world.rebuild().await.swapped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_waits_for_a_moment_while_somebody_clears_up() {
    let world = World::with_orders(31, 5, 3).await;
    let mut clearing = PgConnection::connect(world.database.url()).await.unwrap();
    clearing.execute("select pg_advisory_lock(x'72656275696c6400'::bigint)").await.unwrap();
    let rebuilding = running(&world);
    sleep(Duration::from_millis(20)).await;
    clearing.execute("select pg_advisory_unlock(x'72656275696c6400'::bigint)").await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_given_up_at_any_moment_leaves_whole_tables() {
    let world = World::with_orders(22, 60, 5).await;
    let rows = world.rows().await;
    for step in 0..12 {
        let rebuilding = running(&world);
        sleep(Duration::from_millis(step * 25)).await;
        rebuilding.abort();
        // It may have ended just before.
        let _ended = rebuilding.await;
        quiet(&world).await;
        assert_eq!(world.rows().await, rows);
    }
    let report = world.rebuild().await;
    assert_eq!((report.differences, report.swapped), (0, true));
    assert_eq!((world.rows().await, world.leftovers().await), (rows, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_whose_connection_is_cut_says_so_and_changes_nothing() {
    let world = World::with_orders(23, 30, 5).await;
    let (rows, tables) = (world.rows().await, world.identities().await);
    for obstacle in [WHILE_FILLING, AT_THE_SWAP] {
        let in_the_way = obstacle.put(&world).await;
        let rebuilding = running(&world);
        let pid = obstacle.met(&world).await;
        world.run(&format!("select pg_terminate_backend({pid})")).await;
        let refused = rebuilding.await.unwrap().unwrap_err();
        assert!(matches!(refused, RebuildError::Database(_)), "{refused}");
        in_the_way.close().await.unwrap();
        quiet(&world).await;
        assert_eq!((world.rows().await, world.identities().await), (rows.clone(), tables.clone()));
    }
    assert!(world.rebuild().await.swapped);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rebuilds_at_once_the_second_is_refused_and_disturbs_nothing() {
    let world = World::with_orders(24, 30, 5).await;
    let in_the_way = WHILE_FILLING.put(&world).await;
    let first = running(&world);
    WHILE_FILLING.met(&world).await;
    let refused = world.try_rebuild().await.unwrap_err();
    assert!(matches!(refused, RebuildError::AlreadyRunning), "{refused}");
    assert!(!clear_leftovers(world.owner(), None).await.unwrap());
    in_the_way.close().await.unwrap();
    let report = first.await.unwrap().unwrap();
    assert_eq!((report.differences, report.swapped), (0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_let_go_delays_the_swap_and_no_append() {
    let world = World::with_orders(25, 30, 5).await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    // Between the attempts, appends come through.
    live(&world.ledger, 26, 30, 5..8).await;
    assert!(!rebuilding.is_finished());
    in_the_way.close().await.unwrap();
    let report = rebuilding.await.unwrap().unwrap();
    assert_eq!((report.differences, report.swapped), (0, true), "{:?}", report.differing_rows);
    assert!(report.caught_up > 0);
    assert_eq!(world.check().await.differences, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_changes_before_the_swap_is_the_one_that_days_are_counted_by() {
    let world = World::with_orders(25, 40, 5).await;
    world
        .run(
            "insert into tenants (id, name, slug, timezone, created_at) \
             values (1, 'one', 'one', 'UTC', now()), (2, 'two', 'two', 'UTC', now())",
        )
        .await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    // It comes in between two attempts of the swap.
    world.run("update tenants set timezone = 'Pacific/Kiritimati' where id = 2").await;
    in_the_way.close().await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);
    world.assert_beside().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_changes_and_changes_back_leaves_no_order_among_the_days_between() {
    let world = World::with_orders(27, 40, 5).await;
    world
        .run(
            "insert into tenants (id, name, slug, timezone, created_at) \
             values (1, 'one', 'one', 'UTC', now()), (2, 'two', 'two', 'UTC', now())",
        )
        .await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    world.run("update tenants set timezone = 'Pacific/Kiritimati' where id = 2").await;
    live(&world.ledger, 28, 40, 5..6).await;
    // Until a round has folded what was appended.
    let behind = "select count(*) from logistics_orders o left join logistics_orders_shadow s using (id) \
                  where s.version is distinct from o.version";
    while world.count(behind).await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.run("update tenants set timezone = 'UTC' where id = 2").await;
    in_the_way.close().await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);
    world.assert_beside().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_attempt_finds_that_is_tried_again_is_counted_once() {
    const ORDERS: i64 = 80;
    let world = World::with_orders(29, ORDERS, 4).await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let (owner, ring) = (world.owner().clone(), Arc::clone(&world.ring));
    let options = RebuildOptions { differences_told_max: 0, ..RebuildOptions::default() };
    let rebuilding = tokio::spawn(async move { rebuild(&owner, &ring, &options).await });
    AT_THE_SWAP.met(&world).await;
    // All rows were compared by now; these differences are found as their orders move on, some of them in attempts that fail.
    let damaged = sqlx::query("update logistics_order_recipients set town = 'Nowhere'");
    let damaged = damaged.execute(world.owner()).await.unwrap().rows_affected();
    assert!(damaged > 20, "{damaged}");
    for order in 1..=ORDERS {
        // An order that nobody saw yet has no scans.
        let _refused = world.ledger.execute(address(order), &scanned, &provenance()).await;
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!rebuilding.is_finished());
    in_the_way.close().await.unwrap();
    let report = rebuilding.await.unwrap().unwrap();
    assert_eq!((report.differences, report.swapped), (damaged, true));
}

/// A scan that no random history has.
fn scanned(_: &OpenOrder) -> Intended {
    let scan = TrackingEvent {
        id: 1_000_000,
        shipment_id: None,
        status_id: None,
        status: Some("InTransit".into()),
        description: None,
        stage_code: None,
        courier_event_id: None,
        happened_at: None,
        delivered: false,
    };
    let observed =
        Observed { asked_at: start(), answered_at: start(), upstream_updated_at: None, raw_sha256: None };
    Command::RecordTracking { scans: vec![scan], observed }.into()
}

fn provenance() -> Provenance {
    Provenance {
        source: Source::Poll,
        actor: "system".into(),
        correlation_id: "run:1".into(),
        cause: None,
        observed_at: start(),
    }
}
