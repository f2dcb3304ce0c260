//! What a rebuild reads of the log: the heads, every event stream after stream, and which streams moved on. Each event
//! comes with the hash that was recorded of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use futures_util::stream::BoxStream;
use logistics_domain::OrderStreamId;
use logistics_projections::event_log::{AGGREGATE_TYPE, RawEvent};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::error::RebuildError;
use crate::ledger::leaf::{Content, NotCanonical, canonical_json, leaf_hash};

/// An event with what tells whether it is still the one that was appended.
#[derive(Clone, Debug, FromRow)]
pub(super) struct RecordedEvent {
    #[sqlx(flatten)]
    pub(super) event: RawEvent,
    pub(super) recorded_at: DateTime<Utc>,
    pub(super) leaf_hash: Vec<u8>,
}

impl RecordedEvent {
    /// Whether the hash that was recorded is that of the event and its place as they are stored now.
    pub(super) fn is_intact(&self) -> bool {
        let RawEvent { payload, metadata, .. } = &self.event;
        // The texts are canonical as the ledger writes them; whatever stored them otherwise is read first.
        self.fits(payload, metadata)
            || canonical(payload)
                .and_then(|payload| Ok((payload, canonical(metadata)?)))
                .is_ok_and(|(payload, metadata)| self.fits(&payload, &metadata))
    }

    fn fits(&self, payload: &str, metadata: &str) -> bool {
        let event = &self.event;
        let content = Content {
            aggregate_type: AGGREGATE_TYPE,
            aggregate_id: &event.aggregate_id,
            sequence: event.sequence,
            event_type: &event.event_type,
            event_version: &event.event_version,
            payload,
            metadata,
        };
        let leaf = leaf_hash(event.tenant_id, event.position, self.recorded_at, &content.hash());
        self.leaf_hash == leaf
    }
}

fn canonical(text: &str) -> Result<String, NotCanonical> {
    canonical_json(&serde_json::from_str::<Value>(text)?)
}

/// The end of each tenant's ledger: the position that its next event gets. Positions are given in the order of
/// commits, so whoever sees a head sees every event before it.
pub(super) type Heads = BTreeMap<i64, i64>;

/// What the log holds of each tenant: how many events, and the last position.
#[derive(Debug, Default)]
pub(super) struct Extents(BTreeMap<i64, (i64, i64)>);

impl Extents {
    /// Counts an event.
    pub(super) fn add(&mut self, event: &RawEvent) {
        let (events, last) = self.0.entry(event.tenant_id).or_default();
        *events += 1;
        *last = event.position.max(*last);
    }

    /// Refuses a log that does not reach from the first position to the heads of the same moment. No two events have one
    /// position, so as many as there are positions leave none out.
    pub(super) fn require(&self, heads: &Heads) -> Result<(), RebuildError> {
        let headless = self.0.keys().filter(|tenant| !heads.contains_key(tenant)).map(|tenant| (*tenant, 0));
        for (tenant, head) in heads.iter().map(|(tenant, head)| (*tenant, *head)).chain(headless) {
            let (events, last) = self.0.get(&tenant).copied().unwrap_or((0, -1));
            if events != head || last >= head {
                return Err(RebuildError::Incomplete { tenant, events, head });
            }
        }
        Ok(())
    }
}

/// The heads as the connection sees them.
pub(super) async fn heads(connection: &mut PgConnection) -> sqlx::Result<Heads> {
    let heads: Vec<(i64, i64)> =
        sqlx::query_as("select tenant_id, next_position from ledger_heads").fetch_all(connection).await?;
    Ok(heads.into_iter().collect())
}

/// Every event, stream after stream, each from its beginning. The server sorts; here one event is held at a time.
pub(super) fn whole(connection: &mut PgConnection) -> BoxStream<'_, sqlx::Result<RecordedEvent>> {
    sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, \
                metadata::text, recorded_at, leaf_hash \
         from events where aggregate_type = $1 order by aggregate_id, sequence",
    )
    .bind(AGGREGATE_TYPE)
    .fetch(connection)
}

/// Every event of these streams, in the same order.
pub(super) fn of_streams<'c>(
    connection: &'c mut PgConnection,
    streams: &'c [String],
) -> BoxStream<'c, sqlx::Result<RecordedEvent>> {
    sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, \
                metadata::text, recorded_at, leaf_hash \
         from events where aggregate_type = $1 and aggregate_id = any($2) order by aggregate_id, sequence",
    )
    .bind(AGGREGATE_TYPE)
    .bind(streams)
    .fetch(connection)
}

/// The streams with an event from `from` on, for those tenants whose head is another one in `to`.
pub(super) async fn moved(
    connection: &mut PgConnection,
    from: &Heads,
    to: &Heads,
) -> sqlx::Result<Vec<String>> {
    let (tenants, firsts): (Vec<i64>, Vec<i64>) = to
        .iter()
        .map(|(tenant, head)| (*tenant, *head, from.get(tenant).copied().unwrap_or(0)))
        .filter(|(_, head, first)| first < head)
        .map(|(tenant, _, first)| (tenant, first))
        .unzip();
    if tenants.is_empty() {
        return Ok(vec![]);
    }
    sqlx::query_scalar(
        "select distinct e.aggregate_id \
         from unnest($1::bigint[], $2::bigint[]) as since(tenant_id, position) \
         join events e on e.tenant_id = since.tenant_id and e.position >= since.position \
         where e.aggregate_type = $3 order by 1",
    )
    .bind(tenants)
    .bind(firsts)
    .bind(AGGREGATE_TYPE)
    .fetch_all(connection)
    .await
}

/// Rows that people read and that are ahead of their events.
const AHEAD: &str = "select shown.id, shown.version as shown, told.version as told \
                     from logistics_orders shown left join logistics_orders_shadow told on told.id = shown.id \
                     where (told.version is null or shown.version > told.version)";

/// Streams that began, and have no event.
const EMPTY: &str = "select s.stream_id, null, null \
                     from order_streams s left join logistics_orders_shadow told on told.id = s.stream_id \
                     where told.id is null";

/// Refuses a log that is behind what was made of it: in one snapshot no row that people read is ahead of its events, and no
/// stream is without any. To be asked once the shadows hold all that the snapshot has; of these orders, or of all.
pub(super) async fn require_witnessed(
    connection: &mut PgConnection,
    orders: Option<&[String]>,
) -> Result<(), RebuildError> {
    let sql = match orders {
        Some(_) => format!("{AHEAD} and shown.id = any($1::text[]::uuid[]) limit 1"),
        None => format!("{AHEAD} union all {EMPTY} limit 1"),
    };
    let mut query = sqlx::query_as::<_, (Uuid, Option<i64>, Option<i64>)>(&sql);
    if let Some(orders) = orders {
        query = query.bind(orders);
    }
    let Some((id, shown, told)) = query.fetch_optional(connection).await? else { return Ok(()) };
    let what = match shown.zip(told) {
        Some((shown, told)) => {
            format!("its last events are missing: it has {told}, and its row was made of {shown}")
        }
        None => "its events are missing".to_owned(),
    };
    Err(RebuildError::Corrupt { stream: OrderStreamId(id), what })
}
