//! Dead letters: what was given up, for a person to read and to try again; and how much work waits.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

use super::JobsError;

/// The longest list of dead letters.
const LIST_MAX: i64 = 1000;

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct DeadJob {
    /// Number of the job.
    pub id: i64,
    /// What was to be done.
    pub kind: String,
    /// What the handler needed to know.
    pub payload: Value,
    /// The tenant the work was for, where it was for one.
    pub tenant_id: Option<i64>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// When it was enqueued (UTC).
    pub created_at: DateTime<Utc>,
    /// When it was given up (UTC).
    pub finished_at: DateTime<Utc>,
}

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

/// The dead letters of all tenants, the latest first; at most a thousand. For operators only.
pub async fn list_dead(pool: &PgPool, limit: i64) -> Result<Vec<DeadJob>, JobsError> {
    let dead = sqlx::query_as(
        "select id, kind, payload, tenant_id, attempts, last_error, created_at, finished_at from jobs
         where state = 'dead' order by finished_at desc, id desc limit $1",
    )
    .bind(limit.clamp(0, LIST_MAX))
    .fetch_all(pool)
    .await?;
    Ok(dead)
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
