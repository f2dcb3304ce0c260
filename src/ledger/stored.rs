//! Orders as they are stored: events, owner, sealed key and last check, read by stream; one, or many in one query.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_domain::order::Observed;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

/// A stream as `order_streams` and `order_checks` have it.
#[derive(Clone, Debug)]
pub(super) struct StreamRecord {
    pub(super) owner: TenantId,
    /// None once it was destroyed.
    pub(super) sealed_key: Option<Vec<u8>>,
    pub(super) last_checked: Option<Observed>,
}

/// A stream that has begun: its events by sequence, and its record.
pub(super) struct Stored {
    pub(super) events: Vec<StoredText>,
    pub(super) record: StreamRecord,
}

/// An event as its columns have it, payload and metadata as text.
pub(super) struct StoredText {
    pub(super) sequence: i64,
    pub(super) event_type: String,
    pub(super) event_version: String,
    pub(super) payload: String,
    pub(super) metadata: String,
}

/// Those of the streams that have begun, as of one instant. A stream and its first event begin together.
///
/// One row a stream: ten rows of thirteen columns each cost the server and the driver more than what is in them.
pub(super) async fn read(
    connection: &mut PgConnection,
    streams: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, Arc<Stored>>> {
    let rows = sqlx::query(
        "select s.stream_id, h.sequences, h.types, h.versions, h.payloads, h.metadata,
                s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at, c.raw_sha256
         from order_streams s
         left join order_checks c on c.stream_id = s.stream_id
         cross join lateral (
           select array_agg(e.sequence) as sequences, array_agg(e.event_type) as types,
                  array_agg(e.event_version) as versions, array_agg(e.payload::text) as payloads,
                  array_agg(e.metadata::text) as metadata
           from events e where e.aggregate_type = 'logistics_order' and e.aggregate_id = s.stream_id::text) h
         where s.stream_id = any($1) and h.sequences is not null",
    )
    .bind(streams)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, Arc::new(Stored::from_row(row)?)))).collect()
}

impl FromRow<'_, PgRow> for Stored {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let sequences: Vec<i64> = row.try_get(1)?;
        let [types, versions, payloads, metadata] =
            [2, 3, 4, 5].map(|column| row.try_get::<Vec<String>, _>(column));
        let texts = types?.into_iter().zip(versions?).zip(payloads?.into_iter().zip(metadata?));
        let mut events: Vec<StoredText> = sequences
            .into_iter()
            .zip(texts)
            .map(|(sequence, ((event_type, event_version), (payload, metadata)))| StoredText {
                sequence,
                event_type,
                event_version,
                payload,
                metadata,
            })
            .collect();
        events.sort_unstable_by_key(|event| event.sequence);
        Ok(Self { events, record: StreamRecord::from_row(row)? })
    }
}

impl FromRow<'_, PgRow> for StreamRecord {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        let asked_at: Option<DateTime<Utc>> = row.try_get("asked_at")?;
        let last_checked = match asked_at {
            None => None,
            Some(asked_at) => Some(Observed {
                asked_at,
                answered_at: row.try_get("answered_at")?,
                upstream_updated_at: row.try_get("upstream_updated_at")?,
                raw_sha256: row.try_get("raw_sha256")?,
            }),
        };
        let owner = TenantId(row.try_get("tenant_id")?);
        Ok(Self { owner, sealed_key: row.try_get("sealed_key")?, last_checked })
    }
}
