//! Which orders get the ledger's callbacks.

use logistics_ledger::sandbox::SandboxSettings;
use logistics_ledger::sync::SyncSettings;

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
