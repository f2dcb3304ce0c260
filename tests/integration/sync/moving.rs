//! A brand that goes to another account of the same Mintsoft: its orders go on in the streams that they have.

use std::time::Duration;

use chrono::TimeDelta;
use logistics_domain::{AccountId, Source};
use logistics_ledger::jobs::enqueue;
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::sandbox::{OrderSpec, SandboxSettings, SandboxUser};
use logistics_ledger::sync::links::{LinkRequest, LinkState, Origin, find_link};
use logistics_ledger::sync::refresh::{Refreshed, Refresher};
use logistics_ledger::sync::reread::RereadOrder;
use logistics_ledger::sync::{Cause, SyncSettings, runs};
use logistics_ledger::tenancy::{AccountType, ConfigPatch, ShopPlatform, Tenancy};
use logistics_projections::TenantScope;
use logistics_projections::orders::{ReadAt, StillOpen, find_order, to_recheck};

use crate::support::world::{CLIENT, KALLPA, LADORE, World};

/// What Mintsoft calls an order of status 2.
const PRINTED: &str = "PRINTED";

/// Ladore gets a login of its own, and with it sees all that the warehouse has.
async fn moved_away(world: &World) -> AccountId {
    let own = ConfigPatch {
        account_type: Some(AccountType::Dedicated),
        shared_client_id: Some(None),
        credentials: Some(Credentials::login("ladore@brand.example", "sandbox")),
        ..ConfigPatch::default()
    };
    changed(world, &own).await
}

async fn moved_back(world: &World) -> AccountId {
    let shared = ConfigPatch {
        account_type: Some(AccountType::Shared),
        shared_client_id: Some(Some(CLIENT)),
        credentials: Some(Credentials::login("ops@warehouse.example", "sandbox")),
        ..ConfigPatch::default()
    };
    changed(world, &shared).await
}

async fn changed(world: &World, patch: &ConfigPatch) -> AccountId {
    let (config, _) = world.sources.change_config(LADORE, patch, "operator".into(), false).await.unwrap();
    config.account_id
}

/// Reads an account as a poll does.
async fn poll(world: &World, account: AccountId) {
    runs::ask(world.pool(), account, "test", world.clock.now()).await.unwrap();
    world.settle().await;
    let failed = world.count("select count(*) from sync_runs where state <> 'done'").await;
    assert_eq!(failed, 0, "every account is read");
}

async fn orders(world: &World) -> Vec<(i64, String, i64)> {
    sqlx::query_as("select tenant_id, mintsoft_order_number, version from logistics_orders order by 1, 2")
        .fetch_all(world.pool())
        .await
        .unwrap()
}

/// Two of Ladore's orders and one of Kallpa's, read on the account that they share.
async fn shared_world() -> (World, [i64; 3]) {
    let mut settings = SandboxSettings::default();
    settings.users.push(SandboxUser::admin("ladore@brand.example", "sandbox"));
    // Whoever opens an order here waits until it is read, however busy the machine is.
    let patient = SyncSettings { refresh_wait: Duration::from_mins(1), ..SyncSettings::default() };
    let world = World::with(patient, settings).await;
    let kallpa = OrderSpec::of(CLIENT, "kallpa-1", &[("KALLPA_1", 1)]);
    let ids = [world.order("ladore-1"), world.order("ladore-2"), world.mintsoft.create_order(kallpa)];
    world.poll().await;
    (world, ids)
}

#[tokio::test]
async fn a_brand_that_gets_a_login_of_its_own_keeps_each_order_in_its_stream() {
    let (world, [first, _, kallpa]) = shared_world().await;
    let before = orders(&world).await;
    let own = moved_away(&world).await;
    assert_ne!(own, world.account);
    poll(&world, own).await;
    assert_eq!(orders(&world).await, before, "nothing is doubled, and Kallpa's order stays Kallpa's");

    world.mintsoft.set_status(first, 2).unwrap();
    world.mintsoft.set_status(kallpa, 2).unwrap();
    world.order("ladore-3");
    let late = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-2", &[("KALLPA_1", 1)]));
    poll(&world, own).await;
    let after = orders(&world).await;
    let of = |tenant: i64| after.iter().filter(|order| order.0 == tenant).collect::<Vec<_>>();
    assert_eq!((of(LADORE.0).len(), of(KALLPA.0).len()), (3, 1), "{after:?}");
    assert!(world.history(first).await.contains(&"StatusChanged".to_owned()));
    assert_eq!(world.history(kallpa).await, ["OrderDiscovered"], "Ladore's account tells nothing of it");
    poll(&world, world.account).await;
    assert!(world.history(kallpa).await.contains(&"StatusChanged".to_owned()));
    assert_eq!(world.row(late, "tenant_id").await.as_deref(), Some("8"), "a new one of Kallpa's is Kallpa's");

    assert_eq!(moved_back(&world).await, world.account);
    world.order("ladore-4");
    poll(&world, world.account).await;
    assert_eq!(orders(&world).await.len(), 6, "back again, and nothing is doubled");
}

#[tokio::test]
async fn what_begins_at_an_order_is_asked_of_the_account_that_the_brand_reads_now() {
    let (world, [first, second, kallpa]) = shared_world().await;
    let own = moved_away(&world).await;
    let (sources, home) = (&world.sources, world.account);
    assert_eq!(sources.account(home, Some(LADORE)).await.unwrap().id, own);
    assert_eq!(sources.account(home, Some(KALLPA)).await.unwrap().id, home);

    // A person opens an old order.
    world.mintsoft.set_status(first, 2).unwrap();
    let refresher = Refresher::over(sources.clone());
    assert_eq!(refresher.refresh(LADORE, home, first).await, Refreshed::Read);
    assert_eq!(world.row(first, "status").await.as_deref(), Some(PRINTED));

    // The slow round finds them by the account that they are read by now.
    let (now, long_ago) = (world.clock.now(), world.clock.now() - TimeDelta::days(30));
    let open = async |account| {
        let still_open = StillOpen { dispatched_since: long_ago, vanished_since: long_ago };
        let mut open = to_recheck(world.pool(), account, now, still_open, 10).await.unwrap();
        open.sort_unstable();
        open
    };
    assert_eq!(open(own).await, [first, second]);
    assert_eq!(open(home).await, [kallpa]);
    // So does a re-read that a callback asked for, with the token that it was registered with.
    world.mintsoft.set_status(second, 2).unwrap();
    let job = RereadOrder::of(home, second).job("delivery", now);
    enqueue(&mut world.pool().acquire().await.unwrap(), &job).await.unwrap();
    world.settle().await;
    assert_eq!(world.row(second, "status").await.as_deref(), Some(PRINTED));

    world.mintsoft.merge(first, second).unwrap();
    let account = sources.account(own, None).await.unwrap();
    let cause = Cause::own(Source::Recheck, "job:1");
    sources.read_whole(&account, second, &cause).await.unwrap();
    assert!(world.history(second).await.contains(&"OrderVanished".to_owned()));
    // What Ladore's account does not show is not gone for that.
    world.mintsoft.merge(first, kallpa).unwrap();
    sources.read_whole(&account, kallpa, &cause).await.unwrap();
    assert!(!world.history(kallpa).await.contains(&"OrderVanished".to_owned()));
}

#[tokio::test]
async fn a_paid_order_is_linked_to_the_order_that_the_brand_brought_along() {
    let (world, [first, ..]) = shared_world().await;
    moved_away(&world).await;
    let request = LinkRequest {
        tenant: LADORE,
        origin: Origin::Shop { platform: ShopPlatform::Shopify, external_id: "1".into() },
        name: "#1".into(),
        order_number: None,
        requested_by: "delivery:018f".into(),
    };
    let link = world.request_link(&request).await;
    world.settle().await;
    assert_eq!(find_link(world.pool(), link.id).await.unwrap().unwrap().state, LinkState::Linked);
    assert_eq!(world.row(first, "shop_order_name").await.as_deref(), Some("#1"));
}

#[tokio::test]
async fn a_brand_that_is_booked_under_another_client_keeps_what_was_booked_under_the_first() {
    let (world, [first, ..]) = shared_world().await;
    let other = ConfigPatch { shared_client_id: Some(Some(CLIENT + 6)), ..ConfigPatch::default() };
    let own = changed(&world, &other).await;
    assert_ne!(own, world.account);
    world.mintsoft.set_status(first, 2).unwrap();
    let refresher = Refresher::over(world.sources.clone());
    assert_eq!(refresher.refresh(LADORE, world.account, first).await, Refreshed::Read);
    assert_eq!(world.row(first, "status").await.as_deref(), Some(PRINTED));
    assert_eq!(world.row(first, "withheld_reason").await, None, "its client is no evidence against it");
    assert_eq!(world.count("select count(*) from parked_orders").await, 0);
}

#[tokio::test]
async fn a_login_of_ones_own_takes_nothing_that_looks_like_another_brands() {
    let (world, _) = shared_world().await;
    let own = moved_away(&world).await;
    let doubtful =
        world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-9", &[("KALLPA_1", 1), ("FLYER", 1)]));
    let foreign = world.mintsoft.create_order(OrderSpec::of(CLIENT, "kallpa-10", &[("KALLPA_1", 1)]));
    let plain = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("FLYER", 1)]));
    poll(&world, own).await;
    let owner = async |id| world.row(id, "tenant_id").await;
    assert_eq!((owner(doubtful).await, owner(foreign).await), (None, None));
    assert_eq!(owner(plain).await.as_deref(), Some("7"), "whatever speaks for nobody else is its own");
    let parked = "select count(*) from parked_orders where resolved_at is null";
    assert_eq!(world.count(parked).await, 1, "the doubtful one");
}

#[tokio::test]
async fn the_freshness_of_an_order_follows_the_account_that_it_is_read_by() {
    let (world, [first, ..]) = shared_world().await;
    let own = moved_away(&world).await;
    let soon = world.clock.now() + TimeDelta::hours(1);
    let checked_at = async || {
        let read = ReadAt { now: soon, stale_after: TimeDelta::minutes(5) };
        let scope = TenantScope::granted(LADORE);
        let order = find_order(world.pool(), &scope, world.stream(first), read).await.unwrap();
        order.unwrap().freshness.checked_at
    };
    let polled = async |account: AccountId| {
        let mut connection = world.pool().acquire().await.unwrap();
        Tenancy::record_poll(&mut connection, account, &[LADORE], soon, soon).await.unwrap();
    };
    polled(world.account).await;
    assert!(checked_at().await < soon, "the poll of the account that it left says nothing of it");
    polled(own).await;
    assert_eq!(checked_at().await, soon);
}

#[tokio::test]
async fn what_the_shared_account_parked_is_settled_once_the_brands_own_login_has_taken_it_in() {
    let (world, _) = shared_world().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("LADORE_1", 1)]));
    poll(&world, world.account).await;
    assert_eq!(world.parked().await, [("SO-1".to_owned(), "unknown_prefix".to_owned())]);
    let own = moved_away(&world).await;
    poll(&world, own).await;
    assert_eq!(world.row(id, "tenant_id").await.as_deref(), Some("7"));
    assert_eq!(world.parked().await, [], "nobody can decide of it any more");
    assert_eq!(world.count("select count(*) from parked_orders where raw_sealed is not null").await, 0);
}
