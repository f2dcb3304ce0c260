//! Dead letters: what was given up is tried again when a person says so; and how much work waits.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::JobsError;

/// What came of the wish to try a dead job again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revival {
    /// It is due at once, with all its attempts before it.
    Queued,
    /// There is no dead job of that number.
    NotDead,
    /// Another job with its unique key is unfinished and does the same work.
    AlreadyUnderWay,
}

/// How much work there is, for the health page.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Backlog {
    /// Jobs that are due and wait for a worker.
    pub due: i64,
    /// When the longest waiting of them was due (UTC).
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// Jobs that wait for their time.
    pub waiting: i64,
    /// Jobs that run.
    pub running: i64,
    /// Dead letters.
    pub dead: i64,
}

/// Makes a dead job due again.
pub async fn retry_dead(pool: &PgPool, id: i64, now: DateTime<Utc>) -> Result<Revival, JobsError> {
    let revived = sqlx::query(
        "update jobs set state = 'ready', attempts = 0, run_at = $2, finished_at = null
         where id = $1 and state = 'dead'",
    )
    .bind(id)
    .bind(now)
    .execute(pool)
    .await;
    match revived {
        Ok(revived) if revived.rows_affected() == 1 => Ok(Revival::Queued),
        Ok(_) => Ok(Revival::NotDead),
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("jobs_one_unfinished") => {
            Ok(Revival::AlreadyUnderWay)
        }
        Err(error) => Err(error.into()),
    }
}

/// How much work waits, runs and is dead at `now`.
pub async fn backlog(pool: &PgPool, now: DateTime<Utc>) -> Result<Backlog, JobsError> {
    let backlog = sqlx::query_as(
        "select count(*) filter (where state = 'ready' and run_at <= $1) as due,
           min(run_at) filter (where state = 'ready' and run_at <= $1) as oldest_due_at,
           count(*) filter (where state = 'ready' and run_at > $1) as waiting,
           count(*) filter (where state = 'running') as running,
           count(*) filter (where state = 'dead') as dead
         from jobs where state in ('ready', 'running', 'dead')",
    )
    .bind(now)
    .fetch_one(pool)
    .await?;
    Ok(backlog)
}
