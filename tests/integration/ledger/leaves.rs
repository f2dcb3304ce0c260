//! The stored leaf hash binds every column of an event, and is recomputed from what the table holds.

use chrono::{DateTime, Utc};
use logistics_domain::Source;
use logistics_ledger::ledger::leaf::{Content, canonical_json, leaf_hash};
use serde_json::Value;

use super::desk::{Desk, Sight, TENANT, Toggle, address, provenance, sight};

#[derive(sqlx::FromRow)]
struct Stored {
    aggregate_type: String,
    aggregate_id: String,
    sequence: i64,
    event_type: String,
    event_version: String,
    payload: Value,
    metadata: Value,
    payload_text: String,
    tenant_id: i64,
    position: i64,
    recorded_at: DateTime<Utc>,
    leaf_hash: Vec<u8>,
}

impl Desk {
    async fn stored(&self) -> Vec<Stored> {
        sqlx::query_as("select *, payload::text as payload_text from events order by tenant_id, position")
            .fetch_all(self.owner())
            .await
            .unwrap()
    }
}

/// The leaf as an auditor computes it, from the row alone.
fn recomputed(event: &Stored) -> [u8; 32] {
    let (payload, metadata) =
        (canonical_json(&event.payload).unwrap(), canonical_json(&event.metadata).unwrap());
    let content = Content {
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        payload: &payload,
        metadata: &metadata,
    };
    leaf_hash(event.tenant_id, event.position, event.recorded_at, &content.hash())
}

#[tokio::test]
async fn every_leaf_is_recomputed_from_the_stored_row() {
    let desk = Desk::open().await;
    for order in 1..=3 {
        for (minute, status) in [(0, 1), (10, 2), (20, 4)] {
            let seen = sight(minute, status);
            desk.ledger.execute(address(order), &seen, &provenance(Source::Poll)).await.unwrap();
        }
        desk.ledger.execute(address(order), &Toggle, &provenance(Source::Operator)).await.unwrap();
    }
    let stored = desk.stored().await;
    assert_eq!(stored.len(), 12);
    for event in &stored {
        assert_eq!(recomputed(event).as_slice(), event.leaf_hash, "{} {}", event.event_type, event.position);
        assert_eq!(event.payload_text, canonical_json(&event.payload).unwrap());
    }
    assert!(stored.is_sorted_by_key(|event| event.recorded_at));
}

#[tokio::test]
async fn a_changed_column_shows() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let tamper: [fn(&mut Stored); 6] = [
        |event| event.position += 1,
        |event| event.tenant_id += 1,
        |event| event.sequence += 1,
        |event| event.recorded_at += chrono::TimeDelta::microseconds(1),
        |event| event.payload["mintsoft_order_id"] = 2.into(),
        |event| event.metadata["source"] = "user".into(),
    ];
    for change in tamper {
        let mut event = desk.stored().await.remove(0);
        assert_eq!(recomputed(&event).as_slice(), event.leaf_hash);
        change(&mut event);
        assert_ne!(recomputed(&event).as_slice(), event.leaf_hash);
    }
}

#[tokio::test]
async fn erasing_a_person_leaves_every_leaf_whole() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let erased = Sight { personal_data_removed: true, ..sight(10, 2) };
    desk.ledger.execute(address(1), &erased, &provenance(Source::Recheck)).await.unwrap();
    let stored = desk.stored().await;
    assert_eq!(stored.last().unwrap().event_type, "PersonalDataErased");
    assert!(stored.iter().all(|event| recomputed(event).as_slice() == event.leaf_hash));
    assert_eq!(desk.positions(TENANT).await, [0, 1, 2]);
}
