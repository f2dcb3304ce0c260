//! How much work waits, for those who watch the service.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};

/// Jobs of one kind in one state.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct Workload {
    /// The kind.
    pub kind: String,
    /// `waiting` for its time, `due`, `running` or `dead`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// For how many seconds the oldest of them has been due; where some are.
    pub overdue_seconds: Option<f64>,
}

/// The jobs that are not done. Each part is read from an index that holds no job that is done.
pub async fn workload(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Workload>> {
    sqlx::query_as(
        "select kind, case when run_at <= $1 then 'due' else 'waiting' end as state, count(*) as count,
                extract(epoch from $1 - min(run_at))::float8 as overdue_seconds
         from jobs where state = 'ready' group by 1, 2
         union all
         select kind, 'running', count(*), null from jobs where state = 'running' group by 1
         union all
         select kind, 'dead', count(*), null from jobs where state = 'dead' group by 1
         order by 1, 2",
    )
    .bind(now)
    .fetch_all(pool)
    .await
}
