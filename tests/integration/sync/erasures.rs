//! An operator erases the personal data of an order, wherever the order stands; and what couriers wrote goes with it.

use chrono::TimeDelta;
use logistics_domain::OrderStreamId;
use logistics_ledger::access::Justification;
use logistics_ledger::ledger::rebuild::{RebuildOptions, rebuild};
use logistics_ledger::sync::erasure::{address_of, erase_personal_data};

use crate::support::world::{CLIENT, World};

/// Has the personal data of the order erased; tells whether that was news.
pub async fn erased(world: &World, stream: OrderStreamId) -> bool {
    let justification =
        Justification::checked("key:1".to_owned(), "The customer asked for it.", world.clock.now()).unwrap();
    let address = address_of(world.pool(), stream).await.unwrap().expect("it stands in the ledger");
    erase_personal_data(&world.sources.ledger, address, &justification, "request-1".to_owned()).await.unwrap()
}

/// How many persons, keys and rows as they were received are kept.
pub async fn kept(world: &World) -> (i64, i64, i64) {
    (
        world.count("select count(*) from logistics_order_recipients").await,
        world.count("select count(*) from order_streams where sealed_key is not null").await,
        world.count("select count(*) from parked_orders where raw_sealed is not null").await,
    )
}

/// Who is named by an erasure, and why.
async fn named(world: &World) -> Vec<(String, String, String)> {
    sqlx::query_as(
        "select metadata->>'source', metadata->>'actor', payload->>'reason' from events
         where event_type = 'PersonalDataErased'",
    )
    .fetch_all(world.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn the_person_of_an_order_that_the_warehouse_has_no_more_is_erased_by_an_operator() {
    let world = World::shared().await;
    let (kept_on, gone) = (world.order("ladore-1"), world.order("ladore-2"));
    world.poll().await;
    world.mintsoft.merge(kept_on, gone).unwrap();
    world.read_whole(gone).await;
    assert!(erased(&world, world.stream(gone)).await);
    assert_eq!(kept(&world).await, (1, 1, 0), "the survivor's alone");
    assert_eq!(world.history(gone).await, ["OrderDiscovered", "OrderVanished", "PersonalDataErased"]);
    let by = ("operator".to_owned(), "key:1".to_owned(), "The customer asked for it.".to_owned());
    assert_eq!(named(&world).await, [by]);
    assert!(!erased(&world, world.stream(gone)).await, "it had been done");
    assert_eq!(named(&world).await.len(), 1);
}

#[tokio::test]
async fn whom_an_operator_erased_stays_erased_though_the_warehouse_shows_the_person_again() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(kept(&world).await, (0, 0, 0));
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    world.poll().await;
    world.read_whole(id).await;
    assert!(world.history(id).await.contains(&"OrderDispatched".to_owned()), "the order goes on");
    assert_eq!(kept(&world).await, (0, 0, 0));
    assert_eq!(
        world.count("select count(*) from raw_payloads").await,
        1,
        "the one of before, which nobody opens"
    );
}

#[tokio::test]
async fn of_an_order_in_doubt_the_row_as_received_is_forgotten_and_not_kept_again() {
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.poll().await;
    world.mintsoft.set_client(id, 99).unwrap();
    world.read_whole(id).await;
    assert_eq!(kept(&world).await, (1, 1, 1));
    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(kept(&world).await, (0, 0, 0));
    world.read_whole(id).await;
    assert_eq!(kept(&world).await, (0, 0, 0));
    assert_eq!(world.parked().await.len(), 1, "it is in doubt still");
    world.mintsoft.set_client(id, CLIENT).unwrap();
    world.read_whole(id).await;
    assert_eq!(world.row(id, "withheld_reason").await, None);
    assert_eq!(kept(&world).await, (0, 0, 0));
}

#[tokio::test]
async fn what_couriers_wrote_of_a_person_is_shown_no_more_once_the_person_is_erased() {
    const SIGNED: &str = "Delivered, signed for by Xiomara";
    let world = World::shared().await;
    let id = world.order("ladore-1");
    world.mintsoft.despatch(id, Some("JD1")).unwrap();
    let scanned = |text: &str, minute: i64| {
        let at = world.clock.now() - TimeDelta::minutes(60 - minute);
        assert!(world.mintsoft.add_tracking_event_at(id, "Delivered", text, at).unwrap());
    };
    scanned(SIGNED, 0);
    world.poll().await;
    let texts = "select count(*) from logistics_tracking_events t where t::text like '%Xiomara%'";
    let shown = async || world.count(texts).await;
    let last = async || world.row(id, "order_data_json").await.unwrap();
    assert_eq!(shown().await, 1);
    assert!(last().await.contains("Xiomara"));
    let carrier = world.row(id, "carrier_phase").await;

    assert!(erased(&world, world.stream(id)).await);
    assert_eq!(shown().await, 0);
    assert!(!last().await.contains("Xiomara"), "{}", last().await);
    assert_eq!(world.row(id, "carrier_phase").await, carrier, "what it was taken for stays");
    scanned("Left with Xiomara", 30);
    world.poll().await;
    assert_eq!(world.count("select count(*) from logistics_tracking_events").await, 2);
    assert_eq!(shown().await, 0);
    assert!(!last().await.contains("Xiomara"));
    let later = "select count(*) from events where payload::text like '%Left with%'";
    assert_eq!(world.count(later).await, 0, "what comes later is not recorded");

    let check = RebuildOptions { check_only: true, ..RebuildOptions::default() };
    let checked = rebuild(world.database.owner_pool(), &world.sources.ring, &check).await.unwrap();
    assert_eq!(checked.differences, 0, "{:?}", checked.differing_rows);
}

/// An order of Ladore's that left, and whose personal data was erased before a courier wrote anything.
async fn erased_on_its_way(world: &World, number: &str) -> i64 {
    let id = world.order(number);
    world.mintsoft.despatch(id, Some(number)).unwrap();
    world.poll().await;
    assert!(erased(world, world.stream(id)).await);
    id
}

#[tokio::test]
async fn whether_it_was_delivered_is_still_read_in_what_couriers_write_once_the_person_is_erased() {
    let world = World::shared().await;
    let id = erased_on_its_way(&world, "ladore-1").await;
    let denied = erased_on_its_way(&world, "ladore-2").await;
    // The warehouse has a word of its own for one of its tracking statuses.
    let renamed = sqlx::query(
        r#"update upstream_lists set fetched_at = $1,
             names = replace(names::text, '"InTransit"', '"Zzz"')::jsonb where kind = 'tracking_statuses'"#,
    );
    renamed.bind(world.clock.now()).execute(world.pool()).await.unwrap();
    let at = world.clock.now();
    let signed = "Delivered, signed for by Xiomara";
    assert!(world.mintsoft.add_tracking_event_at(id, "InTransit", signed, at).unwrap());
    assert!(world.mintsoft.add_tracking_event_at(denied, "Delivered", "No entregado", at).unwrap());
    world.poll().await;
    let scans = "select count(*) from logistics_tracking_events where event_status in ('Zzz', 'Delivered') \
                 and event_description is null";
    assert_eq!(world.count(scans).await, 2);
    assert!(world.row(id, "delivered_at").await.is_some());
    assert_eq!(world.row(denied, "delivered_at").await, None);
    for (id, tab) in [(id, "delivered"), (denied, "on_the_way")] {
        assert_eq!(world.row(id, "tab").await.as_deref(), Some(tab));
    }
    assert_eq!(world.row(id, "due_at").await, None, "no promise is open");
    let check = RebuildOptions { check_only: true, ..RebuildOptions::default() };
    let checked = rebuild(world.database.owner_pool(), &world.sources.ring, &check).await.unwrap();
    assert_eq!(checked.differences, 0, "{:?}", checked.differing_rows);
}
