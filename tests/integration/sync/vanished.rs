//! Orders that upstream says are gone: one wrong answer is put right, and a true one is not told twice.

use std::time::Duration;

use chrono::TimeDelta;
use logistics_ledger::sandbox::{Fault, SandboxSettings};
use logistics_ledger::sync::SyncSettings;

use crate::support::world::World;

/// A world in which each recheck may ask for every order.
async fn impatient() -> World {
    let settings = SyncSettings { recheck_interval: Duration::ZERO, ..SyncSettings::default() };
    World::with(settings, SandboxSettings::default()).await
}

#[tokio::test]
async fn an_order_that_was_told_to_be_gone_by_mistake_is_there_again_at_the_next_recheck() {
    let world = impatient().await;
    let (open, delivered) = (world.order("ladore-1"), world.order("ladore-2"));
    world.mintsoft.despatch(delivered, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(delivered, "JD1", true).unwrap();
    world.mintsoft.add_tracking_event(delivered, "Delivered").unwrap();
    world.poll().await;
    world.poll().await;
    assert!(world.row(delivered, "delivered_at").await.is_some());
    for id in [open, delivered] {
        world.mintsoft.fail_next(Fault::Status { code: 404 }, 1, Some(&format!("get /api/order/{id}")));
    }
    world.recheck().await;
    world.read_whole(delivered).await;
    for id in [open, delivered] {
        assert_eq!(world.history(id).await.last().map(String::as_str), Some("OrderVanished"));
    }
    world.recheck().await;
    for id in [open, delivered] {
        assert!(world.history(id).await.contains(&"OrderReappeared".to_owned()));
        assert_eq!(world.row(id, "vanished_at").await, None);
    }
}

#[tokio::test]
async fn an_order_that_is_gone_is_asked_about_for_some_days_and_told_once() {
    let world = impatient().await;
    let (kept, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    world.mintsoft.merge(kept, gone).unwrap();
    let asked = || world.mintsoft.count_calls(&format!("get /api/order/{gone}"));
    for times in 1..=3 {
        world.recheck().await;
        assert_eq!(asked(), times);
        assert_eq!(world.history(gone).await, ["OrderDiscovered", "OrderVanished"]);
    }
    let days = TimeDelta::days(4);
    sqlx::query("update logistics_orders set vanished_at = vanished_at - $2 where id = $1")
        .bind(world.stream(gone).0)
        .bind(days)
        .execute(world.database.owner_pool())
        .await
        .unwrap();
    world.recheck().await;
    assert_eq!(asked(), 3, "then it is believed");
}
