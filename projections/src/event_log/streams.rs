//! The streams of a ledger, for those who verify that none of them lost an event.

use sqlx::{FromRow, PgExecutor};

use crate::scope::TenantScope;

/// An event whose stream does not have the event before it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct BrokenStream {
    /// The stream.
    pub aggregate_id: String,
    /// The number of the event in it: the one below is missing.
    pub sequence: i64,
    /// Its place in the tenant's ledger.
    pub position: i64,
}

/// The tenant's events at positions from `first` to `last` whose stream does not have the event before them, in their order; at most
/// `limit`. That a stream lost its last events is not seen by this: their positions are empty.
pub async fn broken_streams(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    (first, last): (i64, i64),
    limit: i64,
) -> sqlx::Result<Vec<BrokenStream>> {
    // A subquery for each event, so that it is found by its key however little the statistics say.
    sqlx::query_as(
        "select e.aggregate_id, e.sequence, e.position from events e \
         where e.tenant_id = $1 and e.position >= $2 and e.position <= $3 and e.sequence <> 1 \
           and (select before.tenant_id from events before \
                where before.aggregate_type = e.aggregate_type and before.aggregate_id = e.aggregate_id \
                  and before.sequence = e.sequence - 1 limit 1) is distinct from e.tenant_id \
         order by e.position limit $4",
    )
    .bind(scope.tenant().0)
    .bind(first)
    .bind(last)
    .bind(limit)
    .fetch_all(executor)
    .await
}
