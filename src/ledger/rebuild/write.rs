//! Folded streams into the shadow tables, with the same statements that the write path uses on the live ones.
//! Recipients are opened here, with the keys of a whole portion fetched at once.

use std::collections::HashMap;

use logistics_domain::order::facts::Sealed;
use logistics_domain::{OrderEvent, OrderStreamId};
use logistics_projections::Binder;
use logistics_projections::orders::OrderColumns;
use logistics_projections::recipients::{Change, Recipient, RecipientChanges};
use logistics_projections::tracking::TrackingColumns;
use logistics_projections::{Tables, orders, recipients, tracking};
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::RebuildError;
use super::fold::Folded;
use crate::ledger::sealing::open_recipient;
use crate::secrets::{KeyRing, OrderKey};

/// Writes the streams. What a shadow holds of an earlier version gives way, so writing again is harmless.
pub(super) async fn write(
    connection: &mut PgConnection,
    ring: &KeyRing,
    portion: &[Folded],
) -> Result<(), RebuildError> {
    let changes = recipient_changes(connection, ring, portion).await?;

    let rows: OrderColumns<'_> = portion.iter().filter_map(|folded| folded.row.as_ref()).collect();
    let upsert = orders::upsert_sql(Tables::Shadow, 1);
    rows.bind(Binder::of_arrays(sqlx::query(&upsert))).done().execute(&mut *connection).await?;

    if portion.iter().any(|folded| !folded.tracking.rows().is_empty()) {
        let scans: TrackingColumns<'_> = portion.iter().flat_map(|folded| folded.tracking.rows()).collect();
        let upsert = tracking::upsert_sql(Tables::Shadow, 1);
        scans.bind(Binder::of_arrays(sqlx::query(&upsert))).done().execute(&mut *connection).await?;
    }

    let mut columns = RecipientChanges::default();
    for (stream, change) in &changes {
        columns.add(*stream, change);
    }
    if changes.iter().any(|(_, change)| matches!(change, Change::Put(_))) {
        let upsert = recipients::upsert_sql(Tables::Shadow, 1);
        columns.bind_upsert(Binder::of_arrays(sqlx::query(&upsert))).done().execute(&mut *connection).await?;
    }
    if changes.iter().any(|(_, change)| matches!(change, Change::Delete)) {
        let removal = recipients::removal_sql(Tables::Shadow, 1);
        columns
            .bind_removal(Binder::of_arrays(sqlx::query(&removal)))
            .done()
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What became of each recipient, by the last event that tells of it.
async fn recipient_changes(
    connection: &mut PgConnection,
    ring: &KeyRing,
    portion: &[Folded],
) -> Result<Vec<(OrderStreamId, Change)>, RebuildError> {
    let told: Vec<_> = portion.iter().filter_map(|folded| folded.recipient.as_ref()).collect();
    let with_seal =
        told.iter().filter(|(_, event)| sealed_in(event).is_some()).map(|(at, _)| at.stream.0).collect();
    let keys = sealed_keys(connection, with_seal).await?;
    let mut changes = Vec::with_capacity(told.len());
    for (place, event) in told {
        let opened = match sealed_in(event) {
            Some(sealed) => opened(ring, place.stream, &keys, sealed)?,
            None => None,
        };
        changes.push((place.stream, recipients::apply(place, event, opened.as_ref())));
    }
    Ok(changes)
}

/// The sealed keys of streams by stream; none where the key was destroyed.
async fn sealed_keys(
    connection: &mut PgConnection,
    streams: Vec<Uuid>,
) -> sqlx::Result<HashMap<Uuid, Option<Vec<u8>>>> {
    if streams.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<(Uuid, Option<Vec<u8>>)> =
        sqlx::query_as("select stream_id, sealed_key from order_streams where stream_id = any($1)")
            .bind(streams)
            .fetch_all(connection)
            .await?;
    Ok(keys.into_iter().collect())
}

fn opened(
    ring: &KeyRing,
    stream: OrderStreamId,
    keys: &HashMap<Uuid, Option<Vec<u8>>>,
    sealed: &Sealed,
) -> Result<Option<Recipient>, RebuildError> {
    let Some(key) = keys.get(&stream.0) else {
        return Err(RebuildError::Corrupt { stream, what: "it has events but no owner".to_owned() });
    };
    let Some(key) = key else { return Ok(None) };
    OrderKey::unwrap(ring, stream.0, key)
        .and_then(|key| open_recipient(&key, sealed))
        .map(Some)
        .map_err(|source| RebuildError::Sealed { stream, source })
}

/// The recipient sealed in an event.
fn sealed_in(event: &OrderEvent) -> Option<&Sealed> {
    match event {
        OrderEvent::OrderDiscovered { facts, .. } => facts.recipient.as_ref(),
        OrderEvent::RecipientChanged { recipient, .. } => recipient.as_ref(),
        _ => None,
    }
}
