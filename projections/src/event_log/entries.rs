//! The log for those who prove and verify it: every stored column of events, and their leaf hashes alone.

use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use sqlx::{FromRow, PgExecutor};

use super::{AGGREGATE_TYPE, LeafHash};
use crate::scope::TenantScope;

/// An event with all that its leaf hash is over, and that hash, whatever somebody made of them.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct LogEntry {
    /// Its place in the tenant's ledger, from 0.
    pub position: i64,
    /// When it was appended (UTC, the database's clock); none where what is stored is no instant of the years 1 to 9999.
    pub recorded_at: Option<DateTime<Utc>>,
    /// The kind of stream.
    pub aggregate_type: String,
    /// The stream.
    pub aggregate_id: String,
    /// Its number in the stream, from 1.
    pub sequence: i64,
    /// The name of the event.
    pub event_type: String,
    /// The version of its shape.
    pub event_version: String,
    /// The JSON of the event, as it is stored.
    pub payload: String,
    /// The JSON of its metadata, as it is stored.
    pub metadata: String,
    /// The hash over all of these: 32 bytes, unless it was altered.
    pub leaf_hash: Vec<u8>,
}

/// An instant that the client's calendar does not have would be a panic in place of an answer.
const COLUMNS: &str = "position, \
     case when recorded_at >= '0001-01-01T00:00:00Z' and recorded_at < '10000-01-01T00:00:00Z' then recorded_at end as recorded_at, \
     aggregate_type, aggregate_id, sequence, event_type, event_version, \
     coalesce(payload::text, '') as payload, coalesce(metadata::text, '') as metadata, \
     coalesce(leaf_hash, '') as leaf_hash";

/// The tenant's events at the first position from `begin` on that has one, and at the `span` - 1 positions behind it, in their order:
/// all of them, however many stand at one position, but at most `limit`. None where there is no event from `begin` on.
pub async fn entries(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    begin: i64,
    span: i64,
    limit: i64,
) -> sqlx::Result<Vec<LogEntry>> {
    sqlx::query_as(&format!(
        "with page as (select min(position) as first from events where tenant_id = $1 and position >= $2) \
         select {COLUMNS} from events \
         where tenant_id = $1 and position >= (select first from page) \
           and position <= least((select first from page), $4) + $3 \
         order by position limit $5"
    ))
    .bind(scope.tenant().0)
    .bind(begin)
    .bind(span - 1)
    .bind(i64::MAX - (span - 1))
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The events of an order, at most `limit`, oldest first. Whether the order may be shown is not asked.
pub async fn entries_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    order: OrderStreamId,
    limit: i64,
) -> sqlx::Result<Vec<LogEntry>> {
    sqlx::query_as(&format!(
        "select {COLUMNS} from events \
         where aggregate_type = $1 and aggregate_id = $2 and tenant_id = $3 order by sequence limit $4"
    ))
    .bind(AGGREGATE_TYPE)
    .bind(order.0.to_string())
    .bind(scope.tenant().0)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The leaf hashes of the tenant's events at positions from `begin` up to `end` without it, each with its position, in their
/// order. One whose stored hash is none is left out.
pub async fn leaf_hashes(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    begin: i64,
    end: i64,
) -> sqlx::Result<Vec<(i64, LeafHash)>> {
    sqlx::query_as(
        "select position, leaf_hash from events where tenant_id = $1 and position >= $2 and position < $3 \
           and octet_length(leaf_hash) = 32 order by position",
    )
    .bind(scope.tenant().0)
    .bind(begin)
    .bind(end)
    .fetch_all(executor)
    .await
}
