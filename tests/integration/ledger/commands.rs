//! One command at a time: what is recorded, what the read tables show, what is refused.

use logistics_domain::{Command, Refusal, Source, TenantId};
use logistics_ledger::ledger::{Intended, LedgerError, OpenOrder};

use super::desk::{Desk, Toggle, address, address_of, provenance, sight, stream};

#[tokio::test]
async fn an_observation_is_recorded_with_its_row_its_recipient_and_its_bytes() {
    let desk = Desk::open().await;
    let committed =
        desk.ledger.execute(address(2207), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    assert_eq!((committed.version, committed.positions), (1, 0..1));
    assert_eq!(committed.events[0].name(), "OrderDiscovered");

    let shown: (String, String, i64, String) = sqlx::query_as(
        "select o.mintsoft_order_number, o.status, o.version, r.name
         from logistics_orders o join logistics_order_recipients r on r.logistics_order_id = o.id
         where o.id = $1 and o.tenant_id = 7",
    )
    .bind(stream(2207).0)
    .fetch_one(desk.database.pool())
    .await
    .unwrap();
    assert_eq!(shown, ("ladore-2207".into(), "STATUS 1".into(), 1, "Rosa Luz".into()));
    assert_eq!(desk.count("select count(*) from raw_payloads").await, 1);
    assert_eq!(desk.count("select next_position from ledger_heads where tenant_id = 7").await, 1);
}

#[tokio::test]
async fn the_same_observation_again_adds_nothing() {
    let desk = Desk::open().await;
    for _ in 0..2 {
        desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    }
    let again = desk.ledger.execute(address(1), &sight(5, 1), &provenance(Source::Poll)).await.unwrap();
    assert_eq!((again.version, again.events.len()), (1, 0));
    assert_eq!(desk.positions(TenantId(7)).await, [0]);
}

#[tokio::test]
async fn a_history_is_read_back_into_the_state_that_was_left() {
    let desk = Desk::open().await;
    for (minute, status) in [(0, 1), (10, 2), (20, 4)] {
        desk.ledger.execute(address(1), &sight(minute, status), &provenance(Source::Recheck)).await.unwrap();
    }
    let seen = |order: &OpenOrder| -> Intended {
        assert_eq!(order.version, 3);
        assert_eq!(order.order.facts.status.as_ref().unwrap().id, 4);
        let row = order.row.as_ref().unwrap();
        assert_eq!((row.version, row.status_id), (3, Some(4)));
        Command::Release.into()
    };
    desk.ledger.execute(address(1), &seen, &provenance(Source::User)).await.unwrap();
    let shown = desk.count("select status_id::bigint from logistics_orders").await;
    assert_eq!(shown, 4);
}

#[tokio::test]
async fn a_refusal_is_told_and_nothing_is_recorded() {
    let desk = Desk::open().await;
    let refused = desk.ledger.execute(address(1), &Toggle, &provenance(Source::User)).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::UnknownOrder)), "{refused}");
    assert_eq!(desk.count("select count(*) from events").await, 0);
    assert_eq!(desk.count("select count(*) from order_streams").await, 0);
}

#[tokio::test]
async fn a_stream_never_changes_its_tenant() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let foreign = address_of(TenantId(8), 1);
    let refused = desk.ledger.execute(foreign, &sight(1, 2), &provenance(Source::Poll)).await.unwrap_err();
    assert!(matches!(refused, LedgerError::OwnedByAnother { owner: TenantId(7), .. }), "{refused}");
    let owners = desk.ledger.owner_of(&[stream(1), stream(2)]).await.unwrap();
    assert_eq!(owners.into_iter().collect::<Vec<_>>(), [(stream(1), TenantId(7))]);
}

#[tokio::test]
async fn a_ledger_that_was_stopped_takes_no_more_commands() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    desk.ledger.clone().stop().await;
    let refused = desk.ledger.execute(address(1), &Toggle, &provenance(Source::User)).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Stopped), "{refused}");
}
