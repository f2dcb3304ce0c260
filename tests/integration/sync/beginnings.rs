//! Accounts that are read from the beginning again: what changed since they were last read is found, however long ago that was.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use logistics_domain::TenantId;
use logistics_ledger::clock::Clock;
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::sandbox::{OrderSpec, SandboxSettings, SandboxUser};
use logistics_ledger::sync::{Sources, SyncSettings};
use logistics_ledger::tenancy::ConfigPatch;

use crate::support::world::{CLIENT, KALLPA, LADORE, World};

const DAY: Duration = Duration::from_hours(24);

fn reaching(days: u32) -> SyncSettings {
    SyncSettings { first_poll_reach: DAY * days, ..SyncSettings::default() }
}

/// An account that was read up to forty days ago, of a warehouse where it is ten days ago; a first poll reaches back for seven.
async fn long_unread() -> World {
    let clock = Clock::manual(Clock::system().now() - TimeDelta::days(10));
    let mut sandbox = SandboxSettings { clock, ..SandboxSettings::default() };
    sandbox.users.push(SandboxUser::admin("other@warehouse.example", "sandbox"));
    let mut world = World::with(reaching(40), sandbox).await;
    world.poll().await;
    let settings = Arc::new(reaching(7));
    world.sources = Arc::new(Sources { settings, ..(*world.sources).clone() });
    world
}

async fn change(world: &World, tenant: TenantId, patch: ConfigPatch) {
    world.sources.change_config(tenant, &patch, "operator".into(), true).await.unwrap();
}

async fn switch(world: &World, tenant: TenantId, sync_enabled: bool) {
    change(world, tenant, ConfigPatch { sync_enabled: Some(sync_enabled), ..ConfigPatch::default() }).await;
}

#[tokio::test]
async fn a_rest_longer_than_the_reach_of_a_first_poll_leaves_no_gap() {
    let world = long_unread().await;
    for tenant in [LADORE, KALLPA] {
        switch(&world, tenant, false).await;
    }
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.mintsoft.add_tracking_event(id, "Delivered").unwrap();
    // Twice, since the second finds no cursor that would tell.
    for sync_enabled in [true, false, true] {
        switch(&world, LADORE, sync_enabled).await;
    }
    world.poll().await;
    world.poll().await;
    let history = world.history(id).await;
    assert!(history.contains(&"TrackingEventRecorded".to_owned()), "the order and its scans: {history:?}");
}

#[tokio::test]
async fn a_login_that_failed_for_long_is_replaced_without_a_gap() {
    let world = long_unread().await;
    let id = world.order("ladore-1");
    let credentials = Some(Credentials::login("other@warehouse.example", "sandbox"));
    change(&world, LADORE, ConfigPatch { credentials, ..ConfigPatch::default() }).await;
    world.poll().await;
    assert_eq!(world.history(id).await, ["OrderDiscovered"]);
}

#[tokio::test]
async fn a_brand_that_rested_while_others_were_read_for_misses_nothing() {
    let world = long_unread().await;
    switch(&world, KALLPA, false).await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-1", &[("KALLPA_1", 1)]));
    world.run("update sync_cursors set since = now()").await;
    world
        .run("update logistics_config set last_synced_at = now() - interval '30 days' where tenant_id = 8")
        .await;
    world.poll().await;
    assert_eq!(world.row(id, "tenant_id").await, None);
    switch(&world, KALLPA, true).await;
    world.poll().await;
    assert_eq!(world.row(id, "tenant_id").await.as_deref(), Some("8"));
}
