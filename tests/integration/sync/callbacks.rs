//! Which orders get the ledger's callbacks, and what a delivered one tells beside the scans.

use chrono::TimeDelta;
use logistics_ledger::sandbox::SandboxSettings;
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::reread::RereadOrder;

use crate::support::world::World;

#[tokio::test]
async fn callbacks_are_registered_for_open_orders_alone() {
    let public_url = Some("https://ledger.example.com".to_owned());
    let settings = SyncSettings { public_url, ..SyncSettings::default() };
    let world = World::with(settings, SandboxSettings::default()).await;
    let (open, left, cancelled) = (world.order("ladore-1"), world.order("ladore-2"), world.order("ladore-3"));
    world.mintsoft.despatch(left, None).unwrap();
    world.mintsoft.cancel(cancelled).unwrap();
    world.poll().await;
    assert_eq!(world.count("select count(*) from logistics_orders").await, 3);
    let asked = "select (payload->>'mintsoft_order_id')::bigint from jobs where kind = 'register_callbacks'";
    let asked: Vec<i64> = sqlx::query_scalar(asked).fetch_all(world.pool()).await.unwrap();
    assert_eq!(asked, [open]);
}

#[tokio::test]
async fn a_delivered_callback_reads_no_months_of_scans_and_proves_nothing_of_what_is_still_there() {
    let world = World::shared().await;
    let (there, left) = (world.order("ladore-1"), world.order("ladore-2"));
    world.mintsoft.despatch(left, None).unwrap();
    world.poll().await;
    world.run("delete from sync_cursors").await;
    world.mintsoft.forget_calls();
    let received_at = world.clock.now();
    for id in [there, left] {
        let (event, received_at) = (Some("delivered".to_owned()), Some(received_at));
        let told = RereadOrder { event, received_at, ..RereadOrder::of(world.account, id) };
        world.enqueue(&told.job("delivery:test", world.clock.now())).await;
    }
    world.settle().await;
    assert_eq!(world.mintsoft.count_calls("trackingevents/list"), 0, "the next poll reads them");
    assert_eq!(world.row(there, "delivered_at").await, None, "{:?}", world.history(there).await);
    assert!(world.row(left, "delivered_at").await.is_some(), "{:?}", world.history(left).await);

    // Where the warehouse shows only a little later that it has left, the callback was right all the same.
    world.mintsoft.despatch(there, None).unwrap();
    world.run("update jobs set run_at = now() - interval '1 second' where state = 'ready' and kind = 'reread_order'").await;
    world.settle().await;
    let told = world.row(there, "delivered_at").await;
    assert_eq!(
        told,
        world.row(left, "delivered_at").await,
        "when it arrived: {:?}",
        world.history(there).await
    );
}

#[tokio::test]
async fn a_delivered_callback_is_recorded_once_the_delivery_that_a_scan_told_is_refuted() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.poll().await;
    let scanned = async |minutes_ago: i64, status: &str, text: &str| {
        let courier_time = world.clock.now() - TimeDelta::minutes(minutes_ago);
        world.mintsoft.add_tracking_event_at(id, status, text, courier_time).unwrap();
        world.poll().await;
    };
    let call_back = async |key: &str| {
        let received_at = world.clock.now();
        let event = Some("delivered".to_owned());
        let told =
            RereadOrder { event, received_at: Some(received_at), ..RereadOrder::of(world.account, id) };
        world.enqueue(&told.job(key, received_at)).await;
        world.settle().await;
    };
    let told = async || world.history(id).await.iter().filter(|name| *name == "OrderDelivered").count();
    scanned(30, "Delivered", "Delivered").await;
    call_back("delivery:1").await;
    assert_eq!(told().await, 1, "scan and callback tell the same");
    let first = world.row(id, "delivered_at").await;
    scanned(20, "Exception", "Could not deliver").await;
    assert_eq!((world.row(id, "tab").await.as_deref(), told().await), (Some("on_the_way"), 1));
    call_back("delivery:2").await;
    assert_eq!((world.row(id, "tab").await.as_deref(), told().await), (Some("delivered"), 2));
    assert!(world.row(id, "delivered_at").await > first);
    world.poll().await;
    call_back("delivery:3").await;
    assert_eq!(told().await, 2, "{:?}", world.history(id).await);
}
