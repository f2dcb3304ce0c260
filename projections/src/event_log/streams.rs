//! The streams of a ledger, for those who verify that none of them lost an event.

use sqlx::{FromRow, PgExecutor};

use crate::scope::TenantScope;

/// A stream whose events are not numbered 1, 2, 3, … up to its last one.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct BrokenStream {
    /// The stream.
    pub aggregate_id: String,
    /// How many events it has.
    pub events: i64,
    /// The number of the last of them.
    pub last: i64,
    /// How many such streams the tenant has in all.
    pub of: i64,
}

/// The tenant's broken streams, looked at before position `end`: at most `limit` of them, by their ids.
pub async fn broken_streams(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    end: i64,
    limit: i64,
) -> sqlx::Result<Vec<BrokenStream>> {
    sqlx::query_as(
        "select aggregate_id, count(*) as events, max(sequence) as last, count(*) over () as of \
         from events where tenant_id = $1 and position < $2 group by aggregate_type, aggregate_id \
         having count(*) <> max(sequence) or min(sequence) <> 1 order by aggregate_id limit $3",
    )
    .bind(scope.tenant().0)
    .bind(end)
    .bind(limit)
    .fetch_all(executor)
    .await
}
