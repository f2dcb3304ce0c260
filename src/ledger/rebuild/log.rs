//! What a rebuild reads of the log: the heads, every event stream after stream, and which streams moved on.

use std::collections::BTreeMap;

use futures_util::stream::BoxStream;
use logistics_projections::event_log::{AGGREGATE_TYPE, RawEvent};
use sqlx::PgConnection;

/// The end of each tenant's ledger: the position that its next event gets. Positions are given in the order of
/// commits, so whoever sees a head sees every event before it.
pub(super) type Heads = BTreeMap<i64, i64>;

/// The heads as the connection sees them.
pub(super) async fn heads(connection: &mut PgConnection) -> sqlx::Result<Heads> {
    let heads: Vec<(i64, i64)> =
        sqlx::query_as("select tenant_id, next_position from ledger_heads").fetch_all(connection).await?;
    Ok(heads.into_iter().collect())
}

/// Every event, stream after stream, each from its beginning. The server sorts; here one event is held at a time.
pub(super) fn whole(connection: &mut PgConnection) -> BoxStream<'_, sqlx::Result<RawEvent>> {
    sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, \
                metadata::text \
         from events where aggregate_type = $1 order by aggregate_id, sequence",
    )
    .bind(AGGREGATE_TYPE)
    .fetch(connection)
}

/// Every event of these streams, in the same order.
pub(super) fn of_streams<'c>(
    connection: &'c mut PgConnection,
    streams: &'c [String],
) -> BoxStream<'c, sqlx::Result<RawEvent>> {
    sqlx::query_as(
        "select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload::text, \
                metadata::text \
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
