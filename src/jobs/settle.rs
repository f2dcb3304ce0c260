//! How an attempt ends in the table. Every statement names the lease token, so a worker that lost its lease changes
//! nothing.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::enqueue::interval;
use super::{Job, JobsError, Wait};

/// The longest wait that a handler may ask for.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);
/// The longest reason that is stored, in characters.
const REASON_CHARS_MAX: usize = 1000;

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settlement {
    /// The work is done.
    Done,
    /// To be tried again after a wait.
    Retry { reason: String, wait: Wait },
    /// Given up; what had to happen before that has happened.
    Dead { reason: String },
    /// Given up, but the hook failed: no attempt is left, the burial is tried again.
    BuryLater { reason: String },
    /// Cut off by a shutdown: due at once, and the attempt does not count.
    GiveBack,
}

impl Settlement {
    /// How the attempt ended, in a word.
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry { .. } => "retry",
            Self::Dead { .. } => "dead",
            Self::BuryLater { .. } => "bury_later",
            Self::GiveBack => "given_back",
        }
    }
}

/// Completes a job inside the handler's own transaction, so that its writes and the completion happen together. False:
/// the lease was lost and somebody else may own the job, so roll back.
pub async fn complete_in(conn: &mut PgConnection, job: &Job, now: DateTime<Utc>) -> Result<bool, JobsError> {
    let completed = settle(conn, job, &Settlement::Done, now).await?;
    job.completed_inside.store(completed, Ordering::Release);
    Ok(completed)
}

/// Writes the end of an attempt; false when the lease was lost or the handler completed the job itself.
pub(super) async fn settle(
    conn: &mut PgConnection,
    job: &Job,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> Result<bool, JobsError> {
    match settlement {
        Settlement::Done => finish(conn, job, "done", None, now).await,
        Settlement::Dead { reason } => finish(conn, job, "dead", Some(reason), now).await,
        Settlement::Retry { reason, wait } => put_off(conn, job, reason, *wait, false, now).await,
        Settlement::BuryLater { reason } => put_off(conn, job, reason, Wait::Own, true, now).await,
        Settlement::GiveBack => give_back(conn, job, now).await,
    }
}

async fn finish(
    conn: &mut PgConnection,
    job: &Job,
    state: &str,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, JobsError> {
    let finished = sqlx::query(
        "update jobs set state = $3, finished_at = $4, last_error = coalesce($5, last_error),
           lease_token = null, lease_until = null
         where id = $1 and lease_token = $2 and state = 'running'",
    )
    .bind(job.id)
    .bind(job.lease_token)
    .bind(state)
    .bind(now)
    .bind(reason.map(storable_reason))
    .execute(conn)
    .await?;
    Ok(finished.rows_affected() == 1)
}

async fn put_off(
    conn: &mut PgConnection,
    job: &Job,
    reason: &str,
    wait: Wait,
    exhausted: bool,
    now: DateTime<Utc>,
) -> Result<bool, JobsError> {
    let (named, is_all) = match wait {
        Wait::Own => (None, false),
        Wait::Exactly(named) => (Some(named), true),
        Wait::AtLeast(named) => (Some(named), false),
    };
    let waiting = sqlx::query(
        "update jobs set state = 'ready', last_error = $3, lease_token = null, lease_until = null,
           attempts = case when $5 then greatest(attempts, max_attempts) else attempts end,
           run_at = $6 + case
             when $7 then $4
             when retry_cap is null then greatest(retry_every, $4)
             else greatest(least(retry_every * power(2, least(attempts - 1, 20)), retry_cap), $4) end
         where id = $1 and lease_token = $2 and state = 'running'",
    )
    .bind(job.id)
    .bind(job.lease_token)
    .bind(storable_reason(reason))
    .bind(named.map(|named| interval(named.min(RETRY_AFTER_MAX))))
    .bind(exhausted)
    .bind(now)
    .bind(is_all)
    .execute(conn)
    .await?;
    Ok(waiting.rows_affected() == 1)
}

/// It was due already, whatever a clock that is ahead says.
async fn give_back(conn: &mut PgConnection, job: &Job, now: DateTime<Utc>) -> Result<bool, JobsError> {
    let given_back = sqlx::query(
        "update jobs set state = 'ready', run_at = least($3, run_at), attempts = attempts - 1, lease_token = null, lease_until = null
         where id = $1 and lease_token = $2 and state = 'running'",
    )
    .bind(job.id)
    .bind(job.lease_token)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(given_back.rows_affected() == 1)
}

/// A reason as it can be stored, and not too much of it.
pub(crate) fn storable_reason(reason: &str) -> String {
    // PostgreSQL keeps no zero character.
    reason.chars().filter(|letter| *letter != '\0').take(REASON_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_to_what_can_be_stored() {
        assert_eq!(storable_reason("a\0b"), "ab");
        assert_eq!(storable_reason(&"ä".repeat(2000)).chars().count(), REASON_CHARS_MAX);
    }
}
