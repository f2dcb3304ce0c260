//! Orders that are read again by their id: when that ends, what it holds up, and what is kept when it fails.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::TenantId;
use logistics_ledger::jobs::{NewJob, enqueue};
use logistics_ledger::sandbox::{Fault, OrderSpec, SandboxSettings};
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::recheck::RECHECK_ACCOUNT;
use logistics_ledger::sync::reread::RereadOrder;
use logistics_projections::orders::{StillOpen, to_recheck};
use serde_json::json;

use crate::support::world::{CLIENT, KALLPA, World};

impl World {
    pub async fn enqueue(&self, job: &NewJob) {
        enqueue(&mut self.pool().acquire().await.unwrap(), job).await.unwrap();
    }

    /// The orders that the next recheck would read, had none been asked about since.
    pub async fn to_recheck(&self, asked_before: DateTime<Utc>) -> Vec<i64> {
        let long_ago = self.clock.now() - TimeDelta::days(30);
        let still_open = StillOpen { dispatched_since: long_ago, vanished_since: long_ago };
        let (pool, account) = (self.pool(), self.account);
        to_recheck(pool, account, asked_before, still_open, 10).await.unwrap()
    }

    /// Nobody can open the order any more.
    pub async fn break_key(&self, mintsoft_order_id: i64) {
        sqlx::query(r"update order_streams set sealed_key = '\x00' where stream_id = $1")
            .bind(self.stream(mintsoft_order_id).0)
            .execute(self.database.owner_pool())
            .await
            .unwrap();
    }

    /// The order has waited longest for its re-read.
    pub async fn age(&self, mintsoft_order_id: i64) {
        for asked_long_ago in [
            "update order_checks set answered_at = answered_at - interval '1 day' where stream_id = $1",
            "update logistics_orders set observed_at = observed_at - interval '1 day' where id = $1",
        ] {
            let asking = sqlx::query(asked_long_ago).bind(self.stream(mintsoft_order_id).0);
            asking.execute(self.database.owner_pool()).await.unwrap();
        }
    }

    /// Re-reads the orders that are due, once.
    pub async fn recheck(&self) {
        let payload = json!({"account_id": self.account});
        self.enqueue(&NewJob::due(RECHECK_ACCOUNT, payload, self.clock.now())).await;
        self.settle().await;
    }

    pub async fn run(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.database.owner_pool()).await.unwrap();
    }
}

#[tokio::test]
async fn an_order_that_shows_no_number_is_parked_and_not_read_for_ever() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.edit(id, |order| order.number = String::new()).unwrap();
    world.mintsoft.forget_calls();
    world.poll().await;
    assert_eq!(world.mintsoft.count_calls(&format!("get /api/order/{id}")), 1);
    assert_eq!(world.parked().await[0].1, "wrong_shape");
    assert_eq!(world.row(id, "mintsoft_order_number").await.as_deref(), Some("ladore-1"));
    world.mintsoft.edit(id, |order| order.number = "ladore-1".into()).unwrap();
    world.poll().await;
    assert_eq!(world.parked().await, []);
}

#[tokio::test]
async fn what_rows_leave_out_is_read_apart_from_what_somebody_waits_for() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, None).unwrap();
    world.poll().await;
    assert_eq!(world.count("select count(*) from jobs where kind = 'complete_order'").await, 1);
    assert_eq!(world.count("select count(*) from jobs where kind = 'reread_order'").await, 0);
    assert_eq!(world.mintsoft.count_calls(&format!("get /api/order/{id}/shipments")), 1);
}

#[tokio::test]
async fn an_order_whose_answer_is_overtaken_by_a_list_is_read_again() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    let shipments = format!("get /api/order/{id}/shipments");
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 5_000 }, 1, Some(&shipments));
    let listed_meanwhile = async {
        while world.mintsoft.count_calls(&shipments) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.poll().await;
        assert_eq!(world.row(id, "status").await.as_deref(), Some("DESPATCHED"));
        assert_eq!(world.mintsoft.count_calls(&shipments), 1, "the list came first");
    };
    tokio::join!(world.read_whole(id), listed_meanwhile);
    assert_eq!(world.mintsoft.count_calls(&shipments), 2);
    assert_eq!(world.history(id).await.last().map(String::as_str), Some("ShipmentsChanged"));
}

#[tokio::test]
async fn consignments_that_no_callback_had_read_are_read_half_a_minute_after_the_dispatch() {
    let world = World::shared().await;
    let (id, known, collected) = (world.order("ladore-1"), world.order("ladore-2"), world.order("ladore-3"));
    world.poll().await;
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.despatch(known, Some("JD2")).unwrap();
    world.mintsoft.despatch(collected, None).unwrap();
    let asked = |id: i64| world.mintsoft.count_calls(&format!("get /api/order/{id}/shipments"));
    world.poll().await;
    world.read_whole(known).await;
    assert_eq!((asked(id), asked(known)), (0, 1));
    let due = "select run_at > now() + interval '20 seconds' from jobs where kind = 'read_consignments'";
    let waits: Vec<bool> = sqlx::query_scalar(due).fetch_all(world.pool()).await.unwrap();
    assert_eq!(waits, [true, true], "the one without a tracking number has none");
    world.run("update jobs set run_at = now() where kind = 'read_consignments'").await;
    world.settle().await;
    assert_eq!((asked(id), asked(known)), (1, 1));
    assert_eq!(world.history(id).await.last().map(String::as_str), Some("ShipmentsChanged"));
}

#[tokio::test]
async fn consignments_at_which_upstream_fails_are_asked_for_again_and_also_where_the_number_came_last() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, None).unwrap();
    world.poll().await;
    let waiting = "select count(*) from jobs where kind = 'read_consignments' and state = 'ready'";
    assert_eq!(world.count("select count(*) from jobs where kind = 'read_consignments'").await, 0);
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.mintsoft.edit(id, |order| order.tracking_number = Some("JD1".into())).unwrap();
    let shipments = format!("get /api/order/{id}/shipments");
    world.mintsoft.fail_next(Fault::NotAnArray, 1, Some(&shipments));
    world.poll().await;
    for known in [false, true] {
        world.run("update jobs set run_at = now() where kind = 'read_consignments'").await;
        world.settle().await;
        let is_known = world.history(id).await.contains(&"ShipmentsChanged".to_owned());
        assert_eq!((is_known, world.count(waiting).await), (known, i64::from(!known)));
    }
}

#[tokio::test]
async fn orders_of_a_tenant_that_rests_and_those_that_cannot_be_read_hold_up_no_other() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let (bad, good) = (world.order("ladore-1"), world.order("ladore-2"));
    let rests = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-7", &[("KALLPA_MUG", 2)]));
    world.poll().await;
    let before = world.clock.now();
    assert_eq!(world.to_recheck(before).await.len(), 3);
    world.run("update tenants set is_active = false where id = 8").await;
    let open = world.to_recheck(before).await;
    assert!(!open.contains(&rests) && open.len() == 2, "{open:?}");

    world.mintsoft.fail_next(Fault::NullBody, 5, Some(&format!("Order/{bad}")));
    world.recheck().await;
    assert_eq!(world.to_recheck(before).await, Vec::<i64>::new(), "both were tried: {bad} and {good}");
    assert_eq!(world.to_recheck(world.clock.now()).await.len(), 2, "and come again");
}

#[tokio::test]
async fn what_ended_is_not_asked_about() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let ids: Vec<i64> = (1..=6).map(|number| world.order(&format!("ladore-{number}"))).collect();
    let [open, cancelled, long_gone, left, arrived, refuted] = ids[..] else { panic!("six orders") };
    world.mintsoft.cancel(cancelled).unwrap();
    for id in [long_gone, left, arrived, refuted] {
        world.mintsoft.despatch(id, None).unwrap();
    }
    world.poll().await;
    for (id, change) in [
        (long_gone, "dispatched_at = now() - interval '31 days'"),
        (left, "dispatched_at = now() - interval '29 days'"),
        (arrived, "delivered_at = now(), tab = 'delivered'"),
        // A later scan told that it was no delivery.
        (refuted, "delivered_at = now()"),
    ] {
        let change = format!("update logistics_orders set {change} where id = $1");
        let changing = sqlx::query(&change).bind(world.stream(id).0);
        changing.execute(world.database.owner_pool()).await.unwrap();
    }
    world.mintsoft.forget_calls();
    world.recheck().await;
    let asked =
        |id: &i64| world.mintsoft.calls().iter().any(|call| call.path.ends_with(&format!("/Order/{id}")));
    let asked: Vec<i64> = ids.iter().copied().filter(asked).collect();
    assert_eq!(asked, [open, left, refuted]);
}

#[tokio::test]
async fn an_order_that_is_gone_and_cannot_be_opened_holds_up_no_other() {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let (bad, good, kept) = (world.order("ladore-1"), world.order("ladore-2"), world.order("ladore-3"));
    world.poll().await;
    world.mintsoft.merge(kept, bad).unwrap();
    world.break_key(bad).await;
    world.age(bad).await;
    let before = world.clock.now();
    assert_eq!(world.to_recheck(before).await[0], bad);
    world.recheck().await;
    let left = world.to_recheck(before).await;
    assert_eq!(left, Vec::<i64>::new(), "all were tried: {bad}, {good} and {kept}");
}

#[tokio::test]
async fn a_part_that_cannot_be_opened_holds_up_no_page() {
    let world = World::shared().await;
    let spec = OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_A", 1), ("LADORE_B", 1)]);
    let id = world.mintsoft.create_order(spec);
    let part = world.mintsoft.split(id, &["LADORE_B"]).unwrap();
    world.poll().await;
    // As when the one was tied, and the other could not be.
    sqlx::query(
        "update logistics_orders set order_id = 1, shop_order_name = '#1', link_basis = 'name'
         where mintsoft_order_id = $1",
    )
    .bind(id)
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    world.break_key(part).await;
    world.mintsoft.touch(part).unwrap();
    let other = world.order("ladore-2");
    let run = world.poll().await;
    assert_eq!((run.state.as_str(), run.error), ("done", None));
    assert!(world.row(other, "id").await.is_some());
}

#[tokio::test]
async fn scans_that_an_order_would_not_take_wait_until_it_does() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.poll().await;
    world.run("create table kept as select stream_id, sealed_key from order_streams").await;
    world.run(r"update order_streams set sealed_key = '\x00'").await;
    world.mintsoft.add_tracking_event(id, "Delivered").unwrap();
    world.poll().await;
    assert_eq!(world.count("select count(*) from unplaced_scans").await, 1);
    world.poll().await;
    assert_eq!(world.count("select count(*) from unplaced_scans").await, 1, "what was not recorded stays");
    world.run("update order_streams s set sealed_key = k.sealed_key from kept k where k.stream_id = s.stream_id")
        .await;
    // The scan lies before the cursor by now; only those that wait are left.
    world.run("update sync_cursors set since = since + interval '1 day' where kind = 'tracking'").await;
    world.poll().await;
    assert!(world.row(id, "delivered_at").await.is_some(), "{:?}", world.history(id).await);
    assert_eq!(world.count("select count(*) from unplaced_scans").await, 0);
}

#[tokio::test]
async fn a_delivered_callback_counts_from_when_it_came_and_many_share_a_sweep() {
    let world = World::shared().await;
    let ids: Vec<i64> = (1..=4).map(|number| world.order(&format!("ladore-{number}"))).collect();
    for id in &ids {
        world.mintsoft.despatch(*id, None).unwrap();
    }
    world.poll().await;
    world.mintsoft.forget_calls();
    let received_at = DateTime::from_timestamp(world.clock.now().timestamp() - 3600, 0).unwrap();
    for &id in &ids {
        let event = Some("delivered".to_owned());
        let told =
            RereadOrder { event, received_at: Some(received_at), ..RereadOrder::of(world.account, id) };
        world.enqueue(&told.job("delivery:test", received_at)).await;
    }
    world.settle().await;
    assert_eq!(world.mintsoft.count_calls("trackingevents/list"), 1);
    let told: Vec<DateTime<Utc>> = sqlx::query_scalar("select delivered_at from logistics_orders")
        .fetch_all(world.pool())
        .await
        .unwrap();
    assert_eq!(told, vec![received_at; ids.len()]);
}

#[tokio::test]
async fn a_tenant_that_is_active_again_gets_what_was_made_meanwhile() {
    use logistics_ledger::tenancy::TenantPatch;
    let world = World::shared().await;
    let set = async |is_active: bool| {
        let patch = TenantPatch { is_active: Some(is_active), ..TenantPatch::default() };
        world.sources.tenancy.patch_tenant(KALLPA, &patch, world.clock.now()).await.unwrap();
    };
    set(false).await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-7", &[("KALLPA_MUG", 2)]));
    world.poll().await;
    world.run("update sync_cursors set since = since + interval '1 day'").await;
    set(true).await;
    world.poll().await;
    assert_eq!(world.row(id, "tenant_id").await, Some(TenantId(8).to_string()));
}
