//! What stands beside the read tables of a person that is erased, under whichever account: rows as they were received, and scans
//! that wait.

use logistics_domain::{AccountId, Source, TenantId};
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::sandbox::OrderSpec;
use logistics_ledger::sync::{Cause, runs};
use logistics_ledger::tenancy::{AccountType, ConfigPatch, NewConfig, NewTenant};

use super::erasures::{erased, kept};
use crate::support::world::{CLIENT, LADORE, World};

/// How many scans wait, and how many of them name whoever signed.
async fn waiting(world: &World) -> (i64, i64) {
    (
        world.count("select count(*) from unplaced_scans").await,
        world.count("select count(*) from unplaced_scans where scan::text like '%Xiomara%'").await,
    )
}

#[tokio::test]
async fn a_row_that_waits_for_an_operator_is_forgotten_once_the_warehouse_removed_the_person() {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "SO-1", &[("LADORE_1", 1)]));
    world.poll().await;
    world.run("create table held as select raw_sealed from parked_orders").await;
    world.mintsoft.edit(id, |order| order.number = "ladore-1".into()).unwrap();
    world.poll().await;
    // As when the operator decided between the poll's look for decisions and its taking in of the order.
    world
        .run(
            "update parked_orders
             set assigned_tenant_id = 8, resolved_at = null, raw_sealed = (select raw_sealed from held)",
        )
        .await;
    world.read_whole(id).await;
    assert_eq!(world.parked().await, [("SO-1".to_owned(), "owner_changed".to_owned())]);
    assert_eq!(kept(&world).await, (1, 1, 1));
    world.mintsoft.remove_personal_data(id).unwrap();
    world.read_whole(id).await;
    assert_eq!(kept(&world).await, (0, 0, 0));
    assert_eq!(world.parked().await.len(), 1, "it waits still");
}

/// The brand of another client of the warehouse.
async fn neighbour(world: &World) -> AccountId {
    let (tenancy, now) = (&world.sources.tenancy, world.clock.now());
    let tumi = NewTenant { id: 9, name: "Tumi".into(), slug: "tumi".into(), timezone: "America/Lima".into() };
    tenancy.add_tenant(&tumi, now).await.unwrap();
    let config = NewConfig {
        account_type: AccountType::Shared,
        api_url: world.sandbox.url(),
        credentials: Credentials::login("ops@warehouse.example", "sandbox"),
        sku_prefix: Some("TUMI".into()),
        shared_client_id: Some(CLIENT + 6),
        timezone: Some("Europe/London".into()),
        sync_enabled: true,
    };
    tenancy.create_config(TenantId(9), &config, now).await.unwrap().account_id
}

/// Reads the order whole by that account.
async fn read_by(world: &World, account: AccountId, id: i64) {
    let account = world.sources.account(account, None).await.unwrap();
    world.sources.read_whole(&account, id, &Cause::own(Source::Recheck, "job:1")).await.unwrap();
}

/// What the account keeps of an order, as it is left where nothing forgets it: a row as received, and a scan that says who signed.
async fn left_behind(world: &World, account: AccountId, scan: i64, order: i64) {
    sqlx::query(
        r#"with parked as (
             insert into parked_orders (account_id, row_key, mintsoft_order_id, reason, detail, raw_sealed,
                                        first_seen_at, last_seen_at)
             values ($1, 'order:' || $3, $3, 'no_sku', '', '\x00', now(), now())
             on conflict do nothing)
           insert into unplaced_scans (account_id, scan_id, mintsoft_order_id, scan, seen_at)
           values ($1, $2, $3, '{"description": "Signed for by Xiomara"}', now())"#,
    )
    .bind(account.0)
    .bind(scan)
    .bind(order)
    .execute(world.database.owner_pool())
    .await
    .unwrap();
}

/// Ladore is booked under another client from now on.
async fn booked_under(world: &World, client: i64) -> AccountId {
    let patch = ConfigPatch { shared_client_id: Some(Some(client)), ..ConfigPatch::default() };
    world.sources.change_config(LADORE, &patch, "operator".into(), false).await.unwrap().0.account_id
}

#[tokio::test]
async fn what_an_account_keeps_of_an_order_is_forgotten_though_the_brand_has_left_it() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    let passed = neighbour(&world).await;
    assert_eq!(booked_under(&world, CLIENT + 6).await, passed);
    let read = async || read_by(&world, passed, id).await;
    world.mintsoft.edit(id, |order| order.items[0].sku = "TUMI_1".into()).unwrap();
    read().await;
    assert_eq!(world.parked().await, [("ladore-1".to_owned(), "sku_disagrees".to_owned())]);
    assert_ne!(booked_under(&world, CLIENT + 7).await, passed);
    assert_eq!(kept(&world).await, (1, 1, 1));
    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(kept(&world).await, (0, 0, 0));

    // The account does not know the order any more, and parks it like any other.
    read().await;
    assert_eq!(world.parked().await, [("ladore-1".to_owned(), "foreign_client".to_owned())]);
    assert_eq!(kept(&world).await, (0, 0, 0));
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    let at = world.clock.now();
    assert!(world.mintsoft.add_tracking_event_at(id, "Delivered", "Signed for by Xiomara", at).unwrap());
    runs::ask(world.pool(), passed, "test", at).await.unwrap();
    world.settle().await;
    assert_eq!(waiting(&world).await, (1, 0));
}

#[tokio::test]
async fn scans_that_wait_for_an_order_lose_the_couriers_text_with_its_person_and_are_recorded_later() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.mintsoft.add_shipment(id, "JD1", true).unwrap();
    world.poll().await;
    // As while the order cannot be opened.
    world.run("create table held as select stream_id, sealed_key from order_streams").await;
    world.run(r"update order_streams set sealed_key = '\x00'").await;
    let at = world.clock.now();
    for status in ["OutForDelivery", "Delivered"] {
        assert!(world.mintsoft.add_tracking_event_at(id, status, "Signed for by Xiomara", at).unwrap());
    }
    world.poll().await;
    assert_eq!(waiting(&world).await, (2, 2));
    // Of the one the order is known, of the other the shipment.
    world
        .run(
            "update unplaced_scans set mintsoft_order_id = null where scan_id = (select max(scan_id) from unplaced_scans)",
        )
        .await;
    world.run("update order_streams s set sealed_key = k.sealed_key from held k where k.stream_id = s.stream_id").await;
    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(waiting(&world).await, (2, 0));
    world.poll().await;
    assert_eq!(waiting(&world).await, (0, 0));
    assert_eq!(world.row(id, "tab").await.as_deref(), Some("delivered"), "what they told is not lost");
    assert_eq!(world.count("select count(*) from events where payload::text like '%Xiomara%'").await, 0);
}

#[tokio::test]
async fn what_stands_beside_a_person_that_was_erased_before_is_forgotten_by_the_migrations() {
    let world = World::shared().await;
    let (id, other) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    assert!(erased(&world, world.stream(id)).await);
    let passed = neighbour(&world).await;
    let fills = [
        include_str!("../../../migrations/20261127050100_fill_erased_rows.sql"),
        include_str!("../../../migrations/20261127070000_fill_forgotten_rows.sql"),
    ];
    for fill in fills {
        world.run("delete from unplaced_scans").await;
        world.run("delete from parked_orders").await;
        // As an earlier version left it, under another account of the host.
        left_behind(&world, passed, 1, id).await;
        left_behind(&world, passed, 2, other).await;
        sqlx::raw_sql(fill).execute(world.database.owner_pool()).await.unwrap();
        assert_eq!(
            (kept(&world).await.2, waiting(&world).await),
            (1, (2, 1)),
            "the other person is not erased"
        );
    }
}

#[tokio::test]
async fn what_another_account_keeps_is_forgotten_though_the_order_begins_without_its_person() {
    let world = World::shared().await;
    let passed = neighbour(&world).await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT + 6, "SO-1", &[("LADORE_1", 1)]));
    read_by(&world, passed, id).await;
    assert_eq!(world.parked().await, [("SO-1".to_owned(), "unknown_prefix".to_owned())]);
    left_behind(&world, passed, 1, id).await;
    assert_eq!((kept(&world).await, waiting(&world).await), ((0, 0, 1), (1, 1)));
    let corrected = world.mintsoft.edit(id, |order| {
        order.client_id = CLIENT;
        order.number = "ladore-1".into();
    });
    corrected.unwrap();
    world.mintsoft.remove_personal_data(id).unwrap();
    world.poll().await;
    assert_eq!(world.history(id).await, ["OrderDiscovered", "PersonalDataErased"]);
    assert_eq!((kept(&world).await, waiting(&world).await), ((0, 0, 0), (1, 0)));
}

#[tokio::test]
async fn what_was_put_aside_while_a_person_was_erased_goes_once_the_person_is_erased_again() {
    let world = World::shared().await;
    let (id, other) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    assert!(erased(&world, world.stream(id)).await);
    let passed = neighbour(&world).await;
    left_behind(&world, passed, 1, id).await;
    left_behind(&world, world.account, 2, id).await;
    left_behind(&world, passed, 3, other).await;
    assert_eq!((kept(&world).await.2, waiting(&world).await), (3, (3, 3)));
    assert!(!erased(&world, world.stream(id)).await, "it had been done");
    assert_eq!(
        (kept(&world).await, waiting(&world).await),
        ((1, 1, 1), (3, 1)),
        "the other person is not erased"
    );
}

#[tokio::test]
async fn an_order_whose_person_is_erased_begins_without_it_under_another_account_of_the_host() {
    let world = World::shared().await;
    let (id, other) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(kept(&world).await, (1, 1, 0));
    let passed = neighbour(&world).await;
    for (id, number) in [(id, "TUMI-1"), (other, "TUMI-2")] {
        let booked_anew = world.mintsoft.edit(id, |order| {
            order.client_id = CLIENT + 6;
            order.number = number.into();
            order.items[0].sku = "TUMI_1".into();
        });
        booked_anew.unwrap();
        read_by(&world, passed, id).await;
    }
    assert_eq!(world.count("select count(*) from order_streams").await, 4);
    assert_eq!(kept(&world).await, (2, 2, 0), "the other person is not erased");
    let begun = "select count(*) from raw_payloads where tenant_id = 9";
    assert_eq!(world.count(begun).await, 1, "the other person's");
    read_by(&world, passed, id).await;
    assert_eq!(kept(&world).await, (2, 2, 0));
}

#[tokio::test]
async fn an_order_that_an_operator_gives_to_a_brand_begins_without_its_person_where_that_is_erased() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    assert!(erased(&world, world.stream(id)).await);
    let passed = neighbour(&world).await;
    let booked_anew = world.mintsoft.edit(id, |order| {
        order.client_id = CLIENT + 6;
        order.number = "SO-1".into();
    });
    booked_anew.unwrap();
    read_by(&world, passed, id).await;
    assert_eq!(world.parked().await, [("SO-1".to_owned(), "unknown_prefix".to_owned())]);
    world.run("update parked_orders set assigned_tenant_id = 9").await;
    read_by(&world, passed, id).await;
    assert_eq!(world.count("select count(*) from order_streams where tenant_id = 9").await, 1);
    assert_eq!(kept(&world).await, (0, 0, 0));
}
