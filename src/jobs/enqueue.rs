//! Putting a job into the table, in the transaction of the caller: it exists if and only if its cause does.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::postgres::types::PgInterval;

use super::JobsError;

/// A job to be enqueued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done, as `verb_noun`.
    pub kind: &'static str,
    /// What the handler needs to know: ids rather than personal data.
    pub payload: Value,
    /// At most one unfinished job has this key. A running one counts: where a job must begin after the fact that
    /// causes it, the fact's own id belongs in the key.
    pub unique_key: Option<String>,
    /// Not before this instant (UTC).
    pub run_at: DateTime<Utc>,
    /// After so many attempts the job is dead.
    pub max_attempts: i32,
    /// The wait after a failed attempt.
    pub retry_every: Duration,
    /// Where given, the wait doubles with each attempt up to this; else it stays the same.
    pub retry_cap: Option<Duration>,
    /// The tenant the work is for.
    pub tenant: Option<i64>,
}

impl NewJob {
    /// A job due at `run_at`, tried eleven times, 30 s apart: about five minutes.
    pub fn due(kind: &'static str, payload: Value, run_at: DateTime<Utc>) -> Self {
        Self {
            kind,
            payload,
            unique_key: None,
            run_at,
            max_attempts: 11,
            retry_every: Duration::from_secs(30),
            retry_cap: None,
            tenant: None,
        }
    }

    /// Allows at most one unfinished job with this key.
    #[must_use]
    pub fn unique(self, key: impl Into<String>) -> Self {
        Self { unique_key: Some(key.into()), ..self }
    }

    /// Counts the job as this tenant's.
    #[must_use]
    pub fn tenant(self, tenant: i64) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    /// Tries at most `max_attempts` times, `retry_every` apart.
    #[must_use]
    pub fn attempts(self, max_attempts: i32, retry_every: Duration) -> Self {
        Self { max_attempts, retry_every, retry_cap: None, ..self }
    }

    /// Doubles the wait after each attempt, up to `cap`.
    #[must_use]
    pub fn growing_to(self, cap: Duration) -> Self {
        Self { retry_cap: Some(cap), ..self }
    }
}

/// Enqueues a job in the caller's transaction; false when one with its key is unfinished already.
pub async fn enqueue(conn: &mut PgConnection, job: &NewJob) -> Result<bool, JobsError> {
    let inserted = sqlx::query(
        "insert into jobs (kind, payload, unique_key, run_at, max_attempts, retry_every, retry_cap, tenant_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (unique_key) where state in ('ready', 'running') do nothing",
    )
    .bind(job.kind)
    .bind(&job.payload)
    .bind(&job.unique_key)
    .bind(job.run_at)
    .bind(job.max_attempts)
    .bind(interval(job.retry_every))
    .bind(job.retry_cap.map(interval))
    .bind(job.tenant)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// PostgreSQL's form of a duration, cut to whole microseconds.
pub(super) fn interval(duration: Duration) -> PgInterval {
    let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}
