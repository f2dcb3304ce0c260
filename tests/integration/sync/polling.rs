//! The regular reading of an account.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{Fault, ListOrder, OrderSpec, SandboxSettings, status};
use logistics_ledger::sync::runs::SyncRun;
use logistics_ledger::sync::tracking::forget_waiting;
use logistics_ledger::sync::{NamesCache, Sources, SyncSettings};

use crate::support::world::{CLIENT, KALLPA, LADORE, World};

#[tokio::test]
async fn orders_of_the_list_become_rows_of_their_tenants() {
    let world = World::shared().await;
    let ladore = world.order("ladore-1001");
    let kallpa = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-7", &[("KALLPA_MUG", 2)]));
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.seen, run.changed, run.error), ("done", 2, 2, None));
    assert_eq!(world.row(ladore, "tenant_id").await.as_deref(), Some("7"));
    assert_eq!(world.row(kallpa, "tenant_id").await.as_deref(), Some("8"));
    assert_eq!(world.row(ladore, "status").await.as_deref(), Some("NEW"));
    assert_eq!(world.history(ladore).await, ["OrderDiscovered"]);
}

#[tokio::test]
async fn every_page_is_read_and_nothing_is_read_twice_into_the_ledger() {
    let world = World::shared().await;
    for number in 0..230 {
        world.order(&format!("ladore-{number}"));
    }
    let run = world.poll().await;
    assert_eq!((run.pages, run.seen, run.changed), (3, 230, 230));
    let again = world.poll().await;
    assert_eq!((again.seen, again.changed), (230, 0), "the overlap is read and changes nothing");
    assert_eq!(world.count("select count(*) from events").await, 230);
}

#[tokio::test]
async fn a_move_in_the_warehouse_is_one_event_for_each_difference() {
    let world = World::shared().await;
    let id = world.order("ladore-1001");
    world.poll().await;
    world.mintsoft.set_status(id, status::PRINTED).unwrap();
    world.poll().await;
    world.mintsoft.despatch(id, Some("JD0001")).unwrap();
    world.poll().await;
    let history = world.history(id).await;
    assert_eq!(history[..2], ["OrderDiscovered", "StatusChanged"]);
    for name in ["TrackingNumberChanged", "OrderDispatched"] {
        assert!(history.iter().any(|event| event == name), "{name} in {history:?}");
    }
    assert_eq!(world.row(id, "tracking_number").await.as_deref(), Some("JD0001"));
}

#[tokio::test]
async fn a_reading_that_breaks_off_fails_the_run_and_leaves_the_cursor() {
    let world = World::shared().await;
    world.order("ladore-1");
    world.poll().await;
    let cursor = "select extract(epoch from since)::bigint from sync_cursors where kind = 'orders'";
    let before = world.count(cursor).await;
    let late = world.order("ladore-2");
    for fault in [Fault::NotAnArray, Fault::TruncatedJson, Fault::HtmlOk] {
        world.mintsoft.fail_next(fault, 5, Some("Order/List"));
        let run = world.poll().await;
        assert_eq!(run.state, "failed");
        assert!(run.error.is_some_and(|error| error.contains("contract")), "the run says why");
        assert_eq!(world.count(cursor).await, before);
        world.mintsoft.forget_faults();
    }
    assert_eq!(world.poll().await.state, "done");
    assert_eq!(world.history(late).await, ["OrderDiscovered"]);
}

#[tokio::test]
async fn a_second_run_waits_for_the_first() {
    use logistics_ledger::sync::runs::{Asked, ask};
    let world = World::shared().await;
    let now = world.clock.now();
    let Asked::Queued(first) = ask(world.pool(), world.account, "key:1", now).await.unwrap() else {
        panic!("the first is queued")
    };
    let Asked::UnderWay(second) = ask(world.pool(), world.account, "key:2", now).await.unwrap() else {
        panic!("the second is told of the first")
    };
    assert_eq!(first.run_id, second.run_id);
    world.settle().await;
    assert!(matches!(ask(world.pool(), world.account, "key:2", now).await.unwrap(), Asked::Queued(_)));
}

#[tokio::test]
async fn a_schedule_is_put_for_each_account_once_and_makes_runs() {
    let world = World::shared().await;
    world.order("ladore-1");
    for _ in 0..2 {
        world.sources.plan().await.unwrap();
    }
    world.settle().await;
    assert_eq!(world.count("select count(*) from sync_runs where state = 'done'").await, 1);
    assert_eq!(world.count("select count(*) from schedules where name like '%/%'").await, 2);
    assert_eq!(world.count("select count(*) from logistics_orders").await, 1);
}

#[tokio::test]
async fn couriers_scans_find_their_order_and_the_delivery_is_known_from_them() {
    let world = World::shared().await;
    let id = world.order("ladore-1001");
    world.mintsoft.despatch(id, Some("JD0001")).unwrap();
    world.mintsoft.add_shipment(id, "JD0001", true).unwrap();
    world.poll().await;
    for status in ["InTransit", "OutForDelivery", "Delivered"] {
        world.mintsoft.add_tracking_event(id, status).unwrap();
    }
    world.poll().await;
    world.poll().await;
    let history = world.history(id).await;
    let scans = history.iter().filter(|name| *name == "TrackingEventRecorded").count();
    assert_eq!(scans, 3, "{history:?}");
    assert_eq!(history.iter().filter(|name| *name == "OrderDelivered").count(), 1);
    assert!(world.row(id, "delivered_at").await.is_some());
    assert_eq!(world.count("select count(*) from logistics_tracking_events").await, 3);
}

#[tokio::test]
async fn a_brand_that_joins_an_account_later_gets_the_orders_that_were_there_before() {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "tumi-1", &[("TUMI_1", 1)]));
    world.poll().await;
    assert_eq!(world.parked().await, [("tumi-1".to_owned(), "unknown_prefix".to_owned())]);
    world.join(9, "TUMI").await;
    world.poll().await;
    assert_eq!(world.row(id, "tenant_id").await.as_deref(), Some("9"));
    assert_eq!(world.parked().await, []);
}

#[tokio::test]
async fn orders_that_were_read_are_read_whatever_becomes_of_the_scans() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.fail_next(Fault::HtmlOk, 5, Some("TrackingEvents/List"));
    let run = world.poll().await;
    assert_eq!(run.state, "failed");
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
    assert_eq!(world.count("select count(*) from sync_cursors where kind = 'orders'").await, 1);
    assert_eq!(world.count("select count(*) from sync_cursors where kind = 'tracking'").await, 0);
}

#[tokio::test]
async fn a_poll_is_none_for_tenants_that_take_no_part_in_it() {
    use logistics_ledger::tenancy::TenantPatch;
    let world = World::shared().await;
    world.join(9, "TUMI").await;
    let patch = TenantPatch { is_active: Some(false), ..TenantPatch::default() };
    world.sources.tenancy.patch_tenant(KALLPA, &patch, world.clock.now()).await.unwrap();
    sqlx::query("update logistics_config set sync_enabled = false where tenant_id = 9")
        .execute(world.database.owner_pool())
        .await
        .unwrap();
    assert_eq!(world.poll().await.state, "done");
    let synced: Vec<i64> =
        sqlx::query_scalar("select tenant_id from logistics_config where last_synced_at is not null")
            .fetch_all(world.pool())
            .await
            .unwrap();
    assert_eq!(synced, [LADORE.0], "the orders of the others were passed over");
}

/// A poll in which something happens upstream between the first page and the second.
async fn poll_while(world: &World, happens: impl FnOnce()) -> SyncRun {
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 0 }, 1, Some("Order/List"));
    world.mintsoft.fail_next(Fault::ActsLate { milliseconds: 2_000 }, 1, Some("Order/List"));
    let (run, ()) = tokio::join!(world.poll(), async {
        while world.mintsoft.count_calls("Order/List") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        happens();
    });
    run
}

#[tokio::test]
async fn a_list_that_an_order_leaves_while_it_is_read_is_read_again() {
    let world = World::shared().await;
    let ids: Vec<i64> = (0..120).map(|number| world.order(&format!("ladore-{number}"))).collect();
    // The first row of the second page moves into the gap, in the first.
    let run = poll_while(&world, || world.mintsoft.merge(ids[110], ids[50]).unwrap()).await;
    assert_eq!((run.state.as_str(), run.pages), ("done", 4));
    assert!(world.row(ids[100], "id").await.is_some());
}

#[tokio::test]
async fn a_list_that_moves_while_it_is_read_is_read_again() {
    let clock = Clock::manual(Clock::system().now() - TimeDelta::minutes(10));
    let behind_ours =
        SandboxSettings { clock, list_order: ListOrder::LastUpdated, ..SandboxSettings::default() };
    let world = World::with(SyncSettings::default(), behind_ours).await;
    let ids: Vec<i64> = (0..120).map(|number| world.order(&format!("ladore-{number}"))).collect();
    // The first row of the second page moves to the first, which was read.
    let run = poll_while(&world, || world.mintsoft.touch(ids[50]).unwrap()).await;
    assert_eq!((run.state.as_str(), run.pages, run.changed), ("done", 4, 120));
    assert!(world.row(ids[100], "id").await.is_some());
    assert_eq!(world.poll().await.pages, 2, "a list that stands still is read once");
}

#[tokio::test]
async fn an_order_that_cannot_be_taken_in_is_parked_alone_until_it_can() {
    let world = World::shared().await;
    let bad = world.order("ladore-1");
    world.poll().await;
    world.run("create table kept as select stream_id, sealed_key from order_streams").await;
    world.break_key(bad).await;
    world.mintsoft.set_status(bad, status::PRINTED).unwrap();
    let good = world.order("ladore-2");
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.parked), ("done", 1));
    assert_eq!(world.history(good).await, ["OrderDiscovered"]);
    assert_eq!(world.parked().await, [("ladore-1".to_owned(), "not_taken".to_owned())]);
    assert_eq!(world.row(bad, "status").await.as_deref(), Some("NEW"));

    world.run("update order_streams s set sealed_key = k.sealed_key from kept k where k.stream_id = s.stream_id")
        .await;
    world.poll().await;
    assert_eq!(world.parked().await, []);
    assert_eq!(world.row(bad, "status").await.as_deref(), Some("PRINTED"));
}

#[tokio::test]
async fn every_page_of_scans_is_read() {
    let world = World::shared().await;
    for number in 1..=30 {
        let id = world.order(&format!("ladore-{number}"));
        let tracking = format!("JD{number}");
        world.mintsoft.despatch(id, Some(&tracking)).unwrap();
        world.mintsoft.add_shipment(id, &tracking, true).unwrap();
        for _ in 0..20 {
            world.mintsoft.add_tracking_event(id, "InTransit").unwrap();
        }
    }
    world.poll().await;
    assert_eq!(world.mintsoft.count_calls("TrackingEvents/List"), 2);
    assert_eq!(world.count("select count(*) from logistics_tracking_events").await, 600);
}

#[tokio::test]
async fn scans_wait_until_it_is_known_what_their_statuses_are_called() {
    // The first is tried twice.
    for (fault, times) in [(Fault::HtmlBadGateway, 2), (Fault::Status { code: 404 }, 1)] {
        scans_wait_for_their_names(fault, times).await;
    }
}

async fn scans_wait_for_their_names(fault: Fault, times: u32) {
    let mut world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.mintsoft.add_tracking_event(id, "OutForDelivery").unwrap();
    world.mintsoft.fail_next(fault, times, Some("TrackingEvents/Statuses"));
    assert_eq!(world.poll().await.state, "done", "the orders are read");
    assert_eq!(world.count("select count(*) from logistics_tracking_events").await, 0);
    assert_eq!(world.count("select count(*) from sync_cursors where kind = 'tracking'").await, 0);
    world.mintsoft.forget_calls();
    world.poll().await;
    assert_eq!(world.mintsoft.count_calls("TrackingEvents/Statuses"), 0, "it is not asked for all the time");

    // As after a restart.
    let names = NamesCache::over(world.pool().clone(), world.clock.clone());
    world.sources = Arc::new(Sources { names, ..(*world.sources).clone() });
    world.poll().await;
    let told = "select count(*) from logistics_tracking_events where event_status = 'OutForDelivery'";
    assert_eq!(world.count(told).await, 1);
    assert_eq!(
        world.mintsoft.count_calls("Order/Statuses"),
        0,
        "that list was told, and is not asked for again"
    );
}

/// How many scans wait for their order.
const WAITING: &str = "select count(*) from unplaced_scans";

/// A poll has read the scan of an order that is parked, and the cursor stands behind it: only what waits is left.
async fn with_a_scan_that_waits() -> (World, i64) {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("LADORE_1", 1)]));
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.mintsoft.add_tracking_event(id, "Delivered").unwrap();
    world.poll().await;
    world.run("update sync_cursors set since = since + interval '1 day' where kind = 'tracking'").await;
    world.poll().await;
    world.poll().await;
    assert_eq!(world.count(WAITING).await, 1);
    (world, id)
}

#[tokio::test]
async fn scans_of_a_parked_order_wait_for_its_owner() {
    let (world, id) = with_a_scan_that_waits().await;
    world.mintsoft.edit(id, |order| order.number = "ladore-1".into()).unwrap();
    world.poll().await;
    world.poll().await;
    assert!(world.row(id, "delivered_at").await.is_some(), "{:?}", world.history(id).await);
    assert_eq!(world.count(WAITING).await, 0);
}

#[tokio::test]
async fn scans_wait_ninety_days_and_no_longer() {
    let (world, _) = with_a_scan_that_waits().await;
    for (days, forgotten, waiting) in [("89 days", 0, 1), ("2 days", 1, 0)] {
        sqlx::query("update unplaced_scans set seen_at = seen_at - $1::text::interval")
            .bind(days)
            .execute(world.database.owner_pool())
            .await
            .unwrap();
        // Whether or not the account is read any more.
        assert_eq!(forget_waiting(world.pool(), world.clock.now()).await.unwrap(), forgotten, "{days}");
        assert_eq!(world.count(WAITING).await, waiting, "{days}");
    }
}
