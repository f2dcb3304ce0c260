//! The log as histories read it, and what a stored event tells of its place.

use chrono::SubsecRound;
use logistics_domain::Provenance;
use logistics_projections::event_log::{self, HistoryRange, RawEvent, history};

use super::*;

/// Appends a plain event as the table's owner, past the ledger.
async fn append(db: &TestDatabase, row: &OrderRow, position: i64, recorded_at: DateTime<Utc>) {
    let provenance = Provenance {
        source: Source::Poll,
        actor: "system".into(),
        correlation_id: "c".into(),
        cause: Some("run:1".into()),
        observed_at: recorded_at,
    };
    sqlx::query(
        "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
             tenant_id, position, recorded_at, leaf_hash) \
         select $1, $2, coalesce(max(sequence), 0) + 1, 'OrderReleased', '1.0', '{\"type\":\"OrderReleased\"}', $3, \
             $4, $5, $6, sha256('') from events where aggregate_id = $2",
    )
    .bind(event_log::AGGREGATE_TYPE)
    .bind(row.id.0.to_string())
    .bind(sqlx::types::Json(provenance.to_metadata()))
    .bind(row.tenant_id.0)
    .bind(position)
    .bind(recorded_at)
    .execute(db.owner_pool())
    .await
    .unwrap();
}

#[tokio::test]
async fn a_history_can_be_read_in_parts_and_as_of_an_instant() {
    let db = TestDatabase::create().await;
    let row = order(1);
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    for position in 0..3 {
        append(&db, &row, position, minute(position)).await;
    }
    let sequences = async |range| {
        let events = history(db.pool(), &LADORE, row.id, range).await.unwrap();
        events.iter().map(|event| event.sequence).collect::<Vec<_>>()
    };
    let all = HistoryRange::default();
    assert_eq!(sequences(all).await, [1, 2, 3]);
    assert_eq!(sequences(HistoryRange { as_of: Some(minute(1)), ..all }).await, [1, 2]);
    assert_eq!(sequences(HistoryRange { after: 1, limit: 1, ..all }).await, [2]);
    let first = history(db.pool(), &LADORE, row.id, all).await.unwrap().remove(0);
    assert_eq!((first.position, first.name.as_str(), first.version.as_str()), (0, "OrderReleased", "1.0"));
    assert_eq!((first.source.as_deref(), first.cause.as_deref()), (Some("poll"), Some("run:1")));
    assert_eq!(serde_json::to_value(&first).unwrap()["type"], "OrderReleased");
}

#[tokio::test]
async fn what_was_known_then_is_a_beginning_where_the_clock_was_set_back() {
    let db = TestDatabase::create().await;
    let row = order(1);
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    for (position, recorded) in [1, 4, 2, 5].into_iter().enumerate() {
        append(&db, &row, i64::try_from(position).unwrap(), minute(recorded)).await;
    }
    let sequences = async |as_of, after| {
        let range = HistoryRange { as_of: Some(minute(as_of)), after, ..HistoryRange::default() };
        let events = history(db.pool(), &LADORE, row.id, range).await.unwrap();
        events.iter().map(|event| event.sequence).collect::<Vec<_>>()
    };
    assert_eq!(sequences(0, 0).await, [0; 0]);
    for then in [1, 2, 3] {
        assert_eq!(sequences(then, 0).await, [1], "the third follows the second, which is not known yet");
        assert_eq!(sequences(then, 1).await, [0; 0]);
    }
    assert_eq!(sequences(4, 0).await, [1, 2, 3]);
    assert_eq!(sequences(4, 2).await, [3]);
    assert_eq!(sequences(5, 0).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn the_history_of_anothers_or_a_withheld_order_is_empty_but_for_staff() {
    let db = TestDatabase::create().await;
    let row = OrderRow { withheld_reason: Some("doubt".into()), ..order(1) };
    put_orders(db.pool(), std::slice::from_ref(&row)).await;
    append(&db, &row, 0, minute(0)).await;
    let count = async |scope, withheld_too| {
        let range = HistoryRange { withheld_too, ..HistoryRange::default() };
        history(db.pool(), scope, row.id, range).await.unwrap().len()
    };
    assert_eq!(count(&LADORE, false).await, 0);
    assert_eq!(count(&LADORE, true).await, 1);
    assert_eq!(count(&OTHER, true).await, 0);
}

#[tokio::test]
async fn a_stored_event_tells_its_place() {
    let db = TestDatabase::create().await;
    let ours = order(1);
    append(&db, &ours, 0, minute(1)).await;
    append(&db, &ours, 1, minute(2)).await;
    let stored: RawEvent = sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, metadata::text \
         from events order by position desc limit 1",
    )
    .fetch_one(db.pool())
    .await
    .unwrap();
    let place = stored.place().unwrap();
    assert_eq!((place.tenant, place.stream, place.sequence), (ours.tenant_id, ours.id, 2));
    assert_eq!((place.source, place.observed_at), (Source::Poll, minute(2).trunc_subsecs(6)));
}
