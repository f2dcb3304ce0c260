//! Orders as they are stored: events, owner, sealed key and last check, read by stream; one, or many in one query. Of a history
//! that is known up to some event only the rest is read.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use logistics_domain::order::Observed;
use logistics_domain::{LogisticsOrder, TenantId};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row};
use uuid::Uuid;

use super::leaf::Content;

/// A stream, and the sequence that its events are asked from; 0 asks for all.
pub(super) type Asked = (Uuid, i64);

/// A stream as `order_streams` and `order_checks` have it.
#[derive(Clone, Debug)]
pub(super) struct StreamRecord {
    pub(super) owner: TenantId,
    /// None once it was destroyed.
    pub(super) sealed_key: Option<Vec<u8>>,
    pub(super) last_checked: Option<Observed>,
}

/// A stream that has begun: its events by sequence from the one that was asked for, and its record.
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

impl StoredText {
    /// What it says, and where in its stream, as a hash.
    pub(super) fn content_hash(&self, aggregate_id: &str) -> [u8; 32] {
        let content = Content {
            aggregate_type: LogisticsOrder::TYPE,
            aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            payload: &self.payload,
            metadata: &self.metadata,
        };
        content.hash()
    }
}

/// Those of the streams that have begun, as of one instant. A stream and its first event begin together.
///
/// One row a stream: ten rows of thirteen columns each cost the server and the driver more than what is in them.
pub(super) async fn read(
    connection: &mut PgConnection,
    asked: &[Asked],
) -> sqlx::Result<HashMap<Asked, Arc<Stored>>> {
    let (streams, firsts): (Vec<Uuid>, Vec<i64>) = asked.iter().copied().unzip();
    let rows = sqlx::query(
        "select s.stream_id, h.sequences, h.types, h.versions, h.payloads, h.metadata,
                s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at, c.raw_sha256, a.first
         from unnest($1::uuid[], $2::bigint[]) as a(stream_id, first)
         join order_streams s on s.stream_id = a.stream_id
         left join order_checks c on c.stream_id = s.stream_id
         cross join lateral (
           select array_agg(e.sequence) as sequences, array_agg(e.event_type) as types,
                  array_agg(e.event_version) as versions, array_agg(e.payload::text) as payloads,
                  array_agg(e.metadata::text) as metadata
           from events e
           where e.aggregate_type = 'logistics_order' and e.aggregate_id = s.stream_id::text
             and e.sequence >= a.first) h
         where h.sequences is not null",
    )
    .bind(streams)
    .bind(firsts)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok(((row.try_get(0)?, row.try_get(12)?), Arc::new(Stored::from_row(row)?))))
        .collect()
}

/// What is stored of one stream, of which few events are expected: a row each.
pub(super) async fn read_on(
    connection: &mut PgConnection,
    (stream, first): Asked,
) -> sqlx::Result<Option<Arc<Stored>>> {
    let rows = sqlx::query(
        "select e.sequence, e.event_type, e.event_version, e.payload::text, e.metadata::text,
                s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at, c.raw_sha256
         from order_streams s
         join events e on e.aggregate_type = 'logistics_order' and e.aggregate_id = s.stream_id::text
         left join order_checks c on c.stream_id = s.stream_id
         where s.stream_id = $1 and e.sequence >= $2",
    )
    .bind(stream)
    .bind(first)
    .fetch_all(connection)
    .await?;
    let Some(one) = rows.first() else { return Ok(None) };
    let record = StreamRecord::from_row(one)?;
    let mut events = rows.iter().map(StoredText::from_row).collect::<sqlx::Result<Vec<_>>>()?;
    events.sort_unstable_by_key(|event| event.sequence);
    Ok(Some(Arc::new(Stored { events, record })))
}

impl FromRow<'_, PgRow> for StoredText {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            sequence: row.try_get(0)?,
            event_type: row.try_get(1)?,
            event_version: row.try_get(2)?,
            payload: row.try_get(3)?,
            metadata: row.try_get(4)?,
        })
    }
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
