//! A configuration that changes between two answers of a run: what comes after the change is taken in for whom it is read then.

use std::time::Duration;

use logistics_domain::{Source, TenantId};
use logistics_ledger::sandbox::{Fault, OrderSpec, SandboxSettings};
use logistics_ledger::sync::runs::SyncRun;
use logistics_ledger::sync::{Cause, SyncError, SyncSettings};
use logistics_ledger::tenancy::{ConfigPatch, TenantPatch};

use crate::support::world::{CLIENT, KALLPA, LADORE, World};

/// So many orders fill a page of the list.
const PAGE: i64 = 100;

impl World {
    async fn reconfigure(&self, tenant: TenantId, patch: ConfigPatch) {
        self.sources.change_config(tenant, &patch, "operator".into(), true).await.unwrap();
    }

    async fn orders(&self) -> i64 {
        self.count("select count(*) from logistics_orders").await
    }
}

/// A page of Ladore's orders, and a second one with another of Ladore's and one of Kallpa's.
async fn of_two_pages() -> (World, i64, i64) {
    let world = World::shared().await;
    for number in 0..PAGE {
        world.order(&format!("ladore-{number}"));
    }
    let kallpa = OrderSpec::of(CLIENT, "kallpa-1", &[("KALLPA_1", 1)]);
    let (ladore, kallpa) = (world.order("ladore-last"), world.mintsoft.create_order(kallpa));
    (world, ladore, kallpa)
}

/// A poll in which something is changed once the first page is taken in, and before the second comes.
async fn poll_while(world: &World, change: impl Future<Output = ()>) -> SyncRun {
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 0 }, 1, Some("Order/List"));
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 3_000 }, 1, Some("Order/List"));
    let (run, ()) = tokio::join!(world.poll(), async {
        world.is_asked("Order/List", 2).await;
        while world.count("select pages::bigint from sync_runs").await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(world.orders().await, PAGE, "the first page was taken in");
        change.await;
    });
    run
}

#[tokio::test]
async fn what_a_brand_claims_no_longer_is_not_taken_in_for_it() {
    let (world, ladore, kallpa) = of_two_pages().await;
    let narrowed = ConfigPatch { sku_prefix: Some(Some("LDR".into())), ..ConfigPatch::default() };
    let run = poll_while(&world, world.reconfigure(LADORE, narrowed)).await;
    assert_eq!(world.row(ladore, "tenant_id").await, None, "it is nobody's");
    assert_eq!(world.row(kallpa, "tenant_id").await.as_deref(), Some("8"));
    assert_eq!((run.state.as_str(), run.pages), ("done", 2), "by the configuration that it ended with");
    let pages = world.mintsoft.count_calls("Order/List");
    assert_eq!(pages, 4, "two for each configuration");
}

#[tokio::test]
async fn a_brand_that_goes_to_another_account_leaves_nothing_behind_in_a_run_of_the_former_one() {
    let (world, ladore, kallpa) = of_two_pages().await;
    let moved = ConfigPatch { shared_client_id: Some(Some(CLIENT + 6)), ..ConfigPatch::default() };
    let run = poll_while(&world, world.reconfigure(LADORE, moved)).await;
    assert_eq!(run.state, "done");
    assert_eq!(world.row(ladore, "tenant_id").await, None, "its own account reads it, if it is its own");
    assert_eq!(world.row(kallpa, "tenant_id").await.as_deref(), Some("8"));
}

#[tokio::test]
async fn a_brand_that_is_switched_off_is_not_read_for_the_rest_of_a_run() {
    let (world, ladore, kallpa) = of_two_pages().await;
    let off = ConfigPatch { sync_enabled: Some(false), ..ConfigPatch::default() };
    let run = poll_while(&world, world.reconfigure(LADORE, off)).await;
    assert_eq!((run.state.as_str(), run.pages), ("done", 2));
    assert_eq!(world.row(ladore, "tenant_id").await, None);
    assert_eq!(world.row(kallpa, "tenant_id").await.as_deref(), Some("8"));
    let synced = "select sum(tenant_id)::bigint from logistics_config where last_synced_at is not null";
    assert_eq!(world.count(synced).await, KALLPA.0, "Ladore took no part to the end");
}

#[tokio::test]
async fn a_run_ends_once_no_brand_is_switched_on_any_more() {
    let (world, ..) = of_two_pages().await;
    let off = || TenantPatch { is_active: Some(false), ..TenantPatch::default() };
    let run = poll_while(&world, async {
        for tenant in [LADORE, KALLPA] {
            world.sources.tenancy.patch_tenant(tenant, &off(), world.clock.now()).await.unwrap();
        }
    })
    .await;
    assert_eq!((run.state.as_str(), run.pages), ("failed", 1));
    assert!(run.error.is_some_and(|told| told.contains("switched on")));
    assert_eq!(world.count("select count(*) from sync_cursors").await, 0);

    world.mintsoft.forget_calls();
    assert_eq!(world.poll().await.state, "failed");
    assert_eq!(world.mintsoft.calls().len(), 0, "nor does another begin");
}

#[tokio::test]
async fn scans_of_a_brand_that_is_switched_off_meanwhile_are_not_taken_in() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.poll().await;
    world.mintsoft.add_tracking_event(id, "InTransit").unwrap();
    world.mintsoft.forget_calls();
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 1_500 }, 1, Some("TrackingEvents/List"));
    let off = ConfigPatch { sync_enabled: Some(false), ..ConfigPatch::default() };
    let (run, ()) = tokio::join!(world.poll(), async {
        world.is_asked("TrackingEvents/List", 1).await;
        world.reconfigure(LADORE, off).await;
    });
    assert_eq!(
        (run.state.as_str(), world.count("select count(*) from logistics_tracking_events").await),
        ("done", 0)
    );
}

#[tokio::test]
async fn a_round_of_rereads_leaves_out_what_was_switched_off_meanwhile() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let (first, second) = (world.order("ladore-1"), world.order("ladore-2"));
    let kallpa = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-1", &[("KALLPA_1", 1)]));
    world.poll().await;
    for id in [first, second, kallpa] {
        world.mintsoft.set_status(id, 2).unwrap();
    }
    world.age(first).await;
    world.mintsoft.forget_calls();
    let asked = format!("GET /api/Order/{first}");
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 1_500 }, 1, Some(&asked));
    let off = ConfigPatch { sync_enabled: Some(false), ..ConfigPatch::default() };
    let ((), ()) = tokio::join!(world.recheck(), async {
        world.is_asked(&asked, 1).await;
        world.reconfigure(LADORE, off).await;
    });
    assert_eq!(world.mintsoft.count_calls(&format!("GET /api/Order/{second}")), 0);
    let of = async |id| world.row(id, "status_id").await;
    assert_eq!(
        [of(first).await, of(second).await, of(kallpa).await].map(|id| id == Some("2".into())),
        [false, false, true]
    );
}

#[tokio::test]
async fn an_order_that_was_asked_of_an_account_is_not_taken_in_for_what_the_account_has_become() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    let account = world.sources.account(world.account, None).await.unwrap();
    let cause = Cause::own(Source::Recheck, "job:1");
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 1_500 }, 1, Some("GET /api/Order/"));
    let narrowed = ConfigPatch { sku_prefix: Some(Some("LDR".into())), ..ConfigPatch::default() };
    let (read, ()) = tokio::join!(world.sources.read_whole(&account, id, &cause), async {
        world.is_asked("GET /api/Order/", 1).await;
        world.reconfigure(LADORE, narrowed).await;
    });
    assert!(matches!(read, Err(SyncError::ConfiguredAnew)), "{read:?}");
    assert_eq!((world.orders().await, world.parked().await), (0, vec![]));
}
