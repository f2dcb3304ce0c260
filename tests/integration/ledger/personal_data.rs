//! Personal data: sealed by a key of the order, erased for good with it.

use logistics_domain::Source;
use logistics_ledger::ledger::sealing::open_recipient;
use logistics_ledger::ledger::{Intended, Intent, OpenOrder};

use super::desk::{Desk, Sight, address, provenance, rosa, sight, stream};
use logistics_domain::Command;

fn erased(minute: i64, status: i32) -> Sight {
    Sight { personal_data_removed: true, ..sight(minute, status) }
}

impl Desk {
    async fn keys(&self) -> i64 {
        self.count("select count(*) from order_streams where sealed_key is not null").await
    }
}

#[tokio::test]
async fn no_stored_event_nor_raw_payload_shows_a_name() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let shown = desk
        .count(
            "select (select count(*) from events where payload::text like '%Rosa%')
                  + (select count(*) from raw_payloads where position('Rosa'::bytea in sealed) > 0)
                  + (select count(*) from logistics_orders o where o::text like '%Rosa%')",
        )
        .await;
    assert_eq!(shown, 0);
    let opens = |order: &OpenOrder| -> Intended {
        let sealed = order.order.facts.recipient.as_ref().unwrap();
        assert_eq!(open_recipient(order.key.as_ref().unwrap(), sealed).unwrap(), rosa());
        Command::Release.into()
    };
    desk.ledger.execute(address(1), &opens, &provenance(Source::User)).await.unwrap();
}

#[tokio::test]
async fn erasing_destroys_the_key_and_clears_the_row_and_keeps_nothing_afterwards() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(desk.keys().await, 1);
    desk.ledger.execute(address(1), &erased(10, 2), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(desk.keys().await, 0);
    assert_eq!(desk.count("select count(*) from logistics_order_recipients").await, 0);
    assert_eq!(desk.count("select count(*) from raw_payloads").await, 1);

    let later = sight(20, 4);
    let keyless = |order: &OpenOrder| {
        assert!(order.key.is_none() && order.order.erased);
        later.command(order)
    };
    let committed = desk.ledger.execute(address(1), &keyless, &provenance(Source::Poll)).await.unwrap();
    assert_eq!(committed.events[0].name(), "StatusChanged");
    assert_eq!(desk.count("select count(*) from logistics_order_recipients").await, 0);
    assert_eq!(desk.count("select count(*) from raw_payloads").await, 1);
}

#[tokio::test]
async fn an_order_that_is_found_without_its_person_never_gets_a_key() {
    let desk = Desk::open().await;
    let committed = desk.ledger.execute(address(1), &erased(0, 1), &provenance(Source::Poll)).await.unwrap();
    assert_eq!(committed.events.len(), 2);
    assert_eq!(desk.keys().await, 0);
    let ended = desk.count("select count(*) from order_streams where key_destroyed_at is not null").await;
    assert_eq!((ended, desk.count("select count(*) from raw_payloads").await), (1, 0));
}

#[tokio::test]
async fn two_sources_that_discover_an_order_at_once_share_one_stream_and_one_key() {
    let desk = Desk::open().await;
    let other = desk.another_instance();
    for order in 1..=20 {
        let (poll, callback) = (provenance(Source::Poll), provenance(Source::ConnectAction));
        let (one, two) = (sight(0, 1), sight(5, 2));
        let (first, second) = tokio::join!(
            desk.ledger.execute(address(order), &one, &poll),
            other.execute(address(order), &two, &callback),
        );
        first.unwrap();
        second.unwrap();
        let opens = |open: &OpenOrder| -> Intended {
            assert!(
                open_recipient(open.key.as_ref().unwrap(), open.order.facts.recipient.as_ref().unwrap())
                    .is_ok()
            );
            Command::Release.into()
        };
        other.execute(address(order), &opens, &poll).await.unwrap();
        let found: i64 = sqlx::query_scalar(
            "select count(*) from events where aggregate_id = $1 and event_type = 'OrderDiscovered'",
        )
        .bind(stream(order).to_string())
        .fetch_one(desk.owner())
        .await
        .unwrap();
        assert_eq!(found, 1);
    }
    assert_eq!(desk.keys().await, 20);
}
