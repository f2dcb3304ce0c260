//! Reading the log of events: the history of one order for people, and what followers of a tenant are told (`feed`). A
//! rebuild streams the log by queries of its own; what it gets is a [`RawEvent`]. Nothing here writes; the ledger alone
//! appends.

mod entries;
mod feed;
mod streams;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use logistics_domain::provenance::UnknownSource;
use logistics_domain::{OrderStreamId, Source, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{FromRow, PgExecutor};
use utoipa::ToSchema;

use crate::event_place::EventPlace;
use crate::scope::TenantScope;

pub use entries::{LogEntry, entries, entries_of, leaf_hashes};
pub use feed::{Change, FeedEvent, Glance, LeafHash, follow, newest_event, newest_position};
pub use streams::{BrokenStream, broken_streams};

/// The aggregate type of the streams of orders.
pub const AGGREGATE_TYPE: &str = "logistics_order";

/// The event that erases the person of an order.
pub const ERASURE: &str = "PersonalDataErased";

/// The event that holds a courier's words, which stand open in it, and where they stand. Of a person who was erased they are shown
/// to nobody.
pub const COURIER_WORDS: (&str, &str) = ("TrackingEventRecorded", "/scan/description");

/// The most events of a history that are answered at once.
pub const HISTORY_MAX: i64 = 1000;

/// An event as a history shows it. All instants are in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct LoggedEvent {
    /// The event's place in the tenant's ledger, from 0.
    pub position: i64,
    /// The event's number in the order's stream, from 1.
    pub sequence: i64,
    /// The name of the event.
    #[serde(rename = "type")]
    #[sqlx(rename = "event_type")]
    pub name: String,
    /// The version of the event's shape.
    #[sqlx(rename = "event_version")]
    pub version: String,
    /// When the event was appended (UTC).
    pub recorded_at: DateTime<Utc>,
    /// When what the event tells was observed, as RFC 3339 text.
    pub observed_at: Option<String>,
    /// Which kind of source the event came from.
    pub source: Option<String>,
    /// Who acted: `user:<id>`, `key:<id>`, `operator` for the command line, or `system` for the ledger's own work.
    pub actor: Option<String>,
    /// What caused it: `run:<id>` (a poll), `refresh:<id>` (somebody opened the order), `delivery:<id>` (a webhook),
    /// `decision:<id>` (an operator's, of a parked order) or `job:<id>` (other background work); null where a person or
    /// program asked for it directly.
    pub cause: Option<String>,
    /// What the event says, as it was recorded: in the shape of its `version`, which may be an older one than today's. Personal
    /// data in it is sealed; what a courier wrote is open until the person is erased.
    pub payload: Value,
}

/// Which part of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRange {
    /// What was known at this instant (UTC): all before the first event that was recorded later; everything when there is none.
    pub as_of: Option<DateTime<Utc>>,
    /// After this number in the stream; 0 begins at the beginning.
    pub after: i64,
    /// How many events, from 1 to [`HISTORY_MAX`].
    pub limit: i64,
    /// Whether an order that is shown to no tenant is shown; for the platform's staff alone.
    pub withheld_too: bool,
}

impl Default for HistoryRange {
    fn default() -> Self {
        Self { as_of: None, after: 0, limit: HISTORY_MAX, withheld_too: false }
    }
}

/// How far the ledger of the tenant `t.id` reaches ([`next_position`]): an expression, for a statement that asks for more than that.
pub const NEXT_POSITION_OF_T: &str =
    "coalesce((select h.next_position from ledger_heads h where h.tenant_id = t.id), 0)";

/// The position that the tenant's next event gets: how far its ledger reaches.
pub async fn next_position(executor: impl PgExecutor<'_>, scope: &TenantScope) -> sqlx::Result<i64> {
    let reached: Option<i64> =
        sqlx::query_scalar("select next_position from ledger_heads where tenant_id = $1")
            .bind(scope.tenant().0)
            .fetch_optional(executor)
            .await?;
    Ok(reached.unwrap_or(0))
}

/// The events of an order, oldest first. None when the order is another tenant's, withheld or unknown.
///
/// What was known at an instant is a beginning of the stream: it ends before the first event that was recorded later, whatever the
/// instants after that one are. The database's clock may have been set back, and a history with a hole says what never was.
pub async fn history(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
    range: HistoryRange,
) -> sqlx::Result<Vec<LoggedEvent>> {
    sqlx::query_as(
        "select e.position, e.sequence, e.event_type, e.event_version, e.recorded_at, \
                e.metadata ->> 'observed_at' as observed_at, e.metadata ->> 'source' as source, \
                e.metadata ->> 'actor' as actor, e.metadata ->> 'cause' as cause, e.payload \
         from events e \
         where e.aggregate_type = $1 and e.aggregate_id = $2 and e.tenant_id = $3 and e.sequence > $4 \
           and e.sequence < coalesce((select min(later.sequence) from events later \
                where later.aggregate_type = $1 and later.aggregate_id = $2 and later.tenant_id = $3 \
                  and later.recorded_at > $5 and $5 is not null), $9) \
           and ($6 or exists (select from logistics_orders o where o.id = $7 and o.withheld_reason is null)) \
         order by e.sequence limit $8",
    )
    .bind(AGGREGATE_TYPE)
    .bind(id.0.to_string())
    .bind(scope.tenant().0)
    .bind(range.after)
    .bind(range.as_of)
    .bind(range.withheld_too)
    .bind(id.0)
    .bind(range.limit.clamp(1, HISTORY_MAX))
    .bind(i64::MAX)
    .fetch_all(executor)
    .await
}

/// Which history of an order it is, and which row was made of it. The number of the last event alone does not say: a standby
/// that took over without the last commits, or a backup, gives it again to another event, and a rebuild writes another row of
/// the same events.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RecordStamp {
    /// How many events made the order what it is.
    pub version: i64,
    /// The transaction that wrote the row.
    pub written_by: i64,
    /// The hash of the last of the events.
    pub leaf_hash: Option<LeafHash>,
}

/// What identifies the state of an order's history and read row, to tag answers by. None if it is another tenant's, withheld or unknown.
pub async fn record_stamp(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<RecordStamp>> {
    sqlx::query_as(
        "select o.version, o.xmin::text::bigint as written_by, e.leaf_hash \
         from logistics_orders o left join events e \
           on e.aggregate_type = $3 and e.aggregate_id = $4 and e.sequence = o.version and e.tenant_id = o.tenant_id \
         where o.id = $1 and o.tenant_id = $2 and o.withheld_reason is null",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .bind(AGGREGATE_TYPE)
    .bind(id.0.to_string())
    .fetch_optional(executor)
    .await
}

/// An event as it is stored, not yet upcast.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RawEvent {
    /// Whose it is.
    pub tenant_id: i64,
    /// Its place in that tenant's ledger.
    pub position: i64,
    /// The stream it stands in, as text.
    pub aggregate_id: String,
    /// Its number in that stream, from 1.
    pub sequence: i64,
    /// The name of the event.
    pub event_type: String,
    /// The version of the event's shape.
    pub event_version: String,
    /// The JSON of the event.
    pub payload: String,
    /// The JSON of its metadata.
    pub metadata: String,
}

/// A stored event whose place cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadablePlace {
    /// The id of the stream is no UUID.
    #[error("the stream id of the event is not a UUID")]
    Stream(#[source] uuid::Error),
    /// The metadata is not what the ledger writes.
    #[error("the metadata of the event cannot be read")]
    Metadata(#[source] serde_json::Error),
    /// The source is one that this version does not know.
    #[error("the event came from a source of a later version")]
    Source(#[source] UnknownSource),
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    source: &'a str,
    observed_at: DateTime<Utc>,
}

impl RawEvent {
    /// What the folds need to know of the event besides its content.
    pub fn place(&self) -> Result<EventPlace, UnreadablePlace> {
        let metadata: Metadata<'_> =
            serde_json::from_str(&self.metadata).map_err(UnreadablePlace::Metadata)?;
        Ok(EventPlace {
            tenant: TenantId(self.tenant_id),
            stream: OrderStreamId(self.aggregate_id.parse().map_err(UnreadablePlace::Stream)?),
            sequence: self.sequence,
            observed_at: metadata.observed_at,
            source: Source::from_str(metadata.source).map_err(UnreadablePlace::Source)?,
        })
    }
}
