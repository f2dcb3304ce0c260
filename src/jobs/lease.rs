//! Leases: a job is claimed in one short statement, renewed while it runs, and goes back when its worker vanished.
//! Nothing is locked while a job runs. Instants come from the workers' clocks, so their difference between machines
//! must stay well below a lease. A clock that was further ahead, and was set right, leaves leases and waits behind that
//! nobody would give today; they count as over. Waits of less than a day may be meant, and are sat out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use super::enqueue::interval;
use super::settle::RETRY_AFTER_MAX;
use super::{Job, JobsError};
use crate::clock;

/// The longest lease that another worker is believed to hold, where ours is shorter: it may have been given another length.
const OTHERS_LEASE_MAX: Duration = Duration::from_mins(15);

/// How far ahead of ours another machine's clock may be that is right.
pub(crate) const CLOCKS_APART_MAX: Duration = Duration::from_mins(1);

/// How often a dead job's hook may be begun before the job is marked dead without it.
pub(super) const BURIALS_MAX: i32 = 5;

/// Why an attempt failed whose lease ran out.
const VANISHED: &str = "the worker vanished before it finished";

/// A job just claimed.
#[derive(Debug)]
pub(super) struct Claimed {
    /// The job, leased to this worker.
    pub(super) job: Job,
    /// All attempts are used up: nothing is left but to bury it.
    pub(super) exhausted: bool,
}

/// What would wait for longer than it can have been put off. `$2` is now; `$6` is the longest wait that a handler may name and
/// how far clocks may be apart, `$7` the latter alone.
const STUCK: &str = "run_at > $2 + $6 and run_at > $2 + $7 + greatest(retry_every, retry_cap)";

/// Leases the jobs that are due.
const LEASED: &str = "
         update jobs set state = 'running', attempts = attempts + 1, lease_token = $4, lease_until = $5
         from due where jobs.id = due.id
         returning jobs.id, kind, payload, attempts, max_attempts, tenant_id, last_error, due.exhausted";

type ClaimedRow = (i64, String, Value, i32, i32, Option<i64>, Option<String>, bool);

/// Claims at most `limit` due jobs of these kinds and of other tenants than these, oldest first; due is also what would wait for
/// longer than it can have been put off. One more attempt is counted at once, so that a job that kills its worker does not live for
/// ever.
pub(super) async fn claim(
    pool: &PgPool,
    (kinds, but_of, limit): (Vec<&'static str>, &[i64], usize),
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Vec<Claimed>, JobsError> {
    let due = format!(
        "with due as materialized (
           select job.id, job.exhausted
           from unnest($1::text[]) as known(kind)
           cross join lateral (
             select * from (
               select id, run_at, attempts >= max_attempts as exhausted from jobs
               where jobs.kind = known.kind and state = 'ready' and run_at <= $2
                 and (tenant_id is null or tenant_id <> all($8))
               order by run_at, id limit $3 for update skip locked
             ) as in_time
             union all
             select * from (
               select id, run_at, attempts >= max_attempts from jobs
               where jobs.kind = known.kind and state = 'ready' and {STUCK}
                 and (tenant_id is null or tenant_id <> all($8))
               order by run_at, id limit $3 for update skip locked
             ) as stuck
           ) as job
           order by job.run_at, job.id limit $3
         ) {LEASED}"
    );
    let lease_token = clock::new_id();
    let rows: Vec<ClaimedRow> = sqlx::query_as(&due)
        .bind(kinds)
        .bind(now)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(lease_token)
        .bind(lease_until)
        .bind(interval(RETRY_AFTER_MAX + CLOCKS_APART_MAX))
        .bind(interval(CLOCKS_APART_MAX))
        .bind(but_of)
        .fetch_all(pool)
        .await?;
    Ok(rows.into_iter().map(|row| claimed(row, lease_token)).collect())
}

/// Claims the job with this unique key, if it is due and of one of these kinds.
pub(super) async fn claim_one(
    pool: &PgPool,
    kinds: &[&'static str],
    unique_key: &str,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Claimed>, JobsError> {
    let due = format!(
        "with due as materialized (
           select id, attempts >= max_attempts as exhausted from jobs
           where unique_key = $3 and kind = any($1) and state = 'ready' and (run_at <= $2 or ({STUCK}))
           for update skip locked
         ) {LEASED}"
    );
    let lease_token = clock::new_id();
    let row: Option<ClaimedRow> = sqlx::query_as(&due)
        .bind(kinds)
        .bind(now)
        .bind(unique_key)
        .bind(lease_token)
        .bind(lease_until)
        .bind(interval(RETRY_AFTER_MAX + CLOCKS_APART_MAX))
        .bind(interval(CLOCKS_APART_MAX))
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|row| claimed(row, lease_token)))
}

fn claimed(row: ClaimedRow, lease_token: Uuid) -> Claimed {
    let (id, kind, payload, attempts, max_attempts, tenant, last_error, exhausted) = row;
    let completed_inside = std::sync::Arc::default();
    let job =
        Job { id, kind, payload, attempts, max_attempts, tenant, last_error, lease_token, completed_inside };
    Claimed { job, exhausted }
}

/// Holds the lease for longer; false when it is lost.
pub(super) async fn renew(pool: &PgPool, job: &Job, lease_until: DateTime<Utc>) -> Result<bool, JobsError> {
    let renewed = sqlx::query(
        "update jobs set lease_until = $3 where id = $1 and lease_token = $2 and state = 'running'",
    )
    .bind(job.id)
    .bind(job.lease_token)
    .bind(lease_until)
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives jobs back whose lease ran out, or ends later than one that is taken now, of `lease` or another worker's; some at a time;
/// returns how many. One whose attempts are used up goes back too, to be buried by a worker that knows its kind, unless burying it
/// has killed several workers already. Of all jobs, or of the one with this unique key.
///
/// A last attempt does not count where the one before it came to an end, since such a job kills no worker: what is done when the
/// last attempt ends would not be done for a worker that happened to be killed. Lost once more, it counts.
pub(super) async fn expire(
    pool: &PgPool,
    unique_key: Option<&str>,
    now: DateTime<Utc>,
    lease: Duration,
) -> Result<u64, JobsError> {
    let expired = sqlx::query(
        "with lost as materialized (
           select id, attempts >= max_attempts + $2 as hopeless,
             attempts = max_attempts and max_attempts > 1 and last_error <> $5 as is_unlucky
           from jobs
           where state = 'running' and (lease_until < $1 or lease_until > $1 + $3)
             and ($4::text is null or unique_key = $4)
           order by lease_until limit 100 for update skip locked
         )
         update jobs set state = case when lost.hopeless then 'dead' else 'ready' end,
           finished_at = case when lost.hopeless then $1 end,
           run_at = $1, lease_token = null, lease_until = null, last_error = $5,
           attempts = case when lost.is_unlucky then attempts - 1 else attempts end
         from lost where jobs.id = lost.id",
    )
    .bind(now)
    .bind(BURIALS_MAX)
    .bind(longest(lease))
    .bind(unique_key)
    .bind(VANISHED)
    .execute(pool)
    .await?;
    Ok(expired.rows_affected())
}

/// Whether some worker holds a job of this kind, where a lease is of this length.
pub async fn is_at_work(
    pool: &PgPool,
    kind: &str,
    now: DateTime<Utc>,
    lease: Duration,
) -> Result<bool, JobsError> {
    let held = sqlx::query_scalar(
        "select exists (select from jobs
           where state = 'running' and kind = $1 and lease_until >= $2 and lease_until <= $2 + $3)",
    )
    .bind(kind)
    .bind(now)
    .bind(longest(lease))
    .fetch_one(pool)
    .await?;
    Ok(held)
}

/// How far ahead a lease may end that somebody took by a clock that is right.
fn longest(lease: Duration) -> PgInterval {
    interval(lease.max(OTHERS_LEASE_MAX) + CLOCKS_APART_MAX)
}
