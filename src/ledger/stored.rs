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
    pub(super) rows: Vec<(i64, PgRow)>,
    pub(super) record: StreamRecord,
}

/// What is known of a stream beside its history; none where it has not begun.
pub(super) async fn record(
    connection: &mut PgConnection,
    stream: Uuid,
) -> sqlx::Result<Option<StreamRecord>> {
    sqlx::query_as(
        "select s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at, c.raw_sha256
         from order_streams s left join order_checks c on c.stream_id = s.stream_id
         where s.stream_id = $1",
    )
    .bind(stream)
    .fetch_optional(connection)
    .await
}

/// Those of the streams that have begun, as of one instant. A stream and its first event begin together.
pub(super) async fn read(
    connection: &mut PgConnection,
    streams: &[Uuid],
) -> sqlx::Result<HashMap<Uuid, Arc<Stored>>> {
    let rows = sqlx::query(
        "select e.sequence, e.event_type, e.event_version, e.payload, e.metadata, s.stream_id,
                s.tenant_id, s.sealed_key, c.asked_at, c.answered_at, c.upstream_updated_at, c.raw_sha256
         from order_streams s
         join events e on e.aggregate_type = 'logistics_order' and e.aggregate_id = s.stream_id::text
         left join order_checks c on c.stream_id = s.stream_id
         where s.stream_id = any($1)",
    )
    .bind(streams)
    .fetch_all(connection)
    .await?;
    let mut found: HashMap<Uuid, Stored> = HashMap::with_capacity(streams.len());
    for row in rows {
        let (sequence, stream): (i64, Uuid) = (row.try_get(0)?, row.try_get(5)?);
        if let Some(stored) = found.get_mut(&stream) {
            stored.rows.push((sequence, row));
        } else {
            let record = StreamRecord::from_row(&row)?;
            found.insert(stream, Stored { rows: vec![(sequence, row)], record });
        }
    }
    let shared = |(stream, mut stored): (Uuid, Stored)| {
        stored.rows.sort_unstable_by_key(|(sequence, _)| *sequence);
        (stream, Arc::new(stored))
    };
    Ok(found.into_iter().map(shared).collect())
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
