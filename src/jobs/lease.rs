//! Leases: a job is claimed in one short statement, renewed while it runs, and goes back when its worker vanished.
//! Nothing is locked while a job runs. Instants come from the workers' clocks, so their difference between machines
//! must stay well below a lease.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Job, JobsError};
use crate::clock;

/// How often a dead job's hook may be begun before the job is marked dead without it.
pub(super) const BURIALS_MAX: i32 = 5;

/// A job just claimed.
#[derive(Debug)]
pub(super) struct Claimed {
    /// The job, leased to this worker.
    pub(super) job: Job,
    /// All attempts are used up: nothing is left but to bury it.
    pub(super) exhausted: bool,
}

type ClaimedRow = (i64, String, Value, i32, i32, Option<i64>, Option<String>, bool);

/// Claims at most `limit` due jobs of these kinds, oldest first. One more attempt is counted at once, so that a job
/// that kills its worker does not live for ever.
pub(super) async fn claim(
    pool: &PgPool,
    kinds: &[&'static str],
    limit: usize,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Vec<Claimed>, JobsError> {
    let lease_token = clock::new_id();
    let rows: Vec<ClaimedRow> = sqlx::query_as(
        "with due as materialized (
           select job.id, job.exhausted
           from unnest($1::text[]) as known(kind)
           cross join lateral (
             select id, run_at, attempts >= max_attempts as exhausted from jobs
             where jobs.kind = known.kind and state = 'ready' and run_at <= $2
             order by run_at, id limit $3 for update skip locked
           ) as job
           order by job.run_at, job.id limit $3
         )
         update jobs set state = 'running', attempts = attempts + 1, lease_token = $4, lease_until = $5
         from due where jobs.id = due.id
         returning jobs.id, kind, payload, attempts, max_attempts, tenant_id, last_error, due.exhausted",
    )
    .bind(kinds)
    .bind(now)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(lease_token)
    .bind(lease_until)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|row| claimed(row, lease_token)).collect())
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

/// Gives jobs back whose lease ran out, some at a time; returns how many. One whose attempts are used up goes back
/// too, to be buried by a worker that knows its kind, unless burying it has killed several workers already.
pub(super) async fn expire(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, JobsError> {
    let expired = sqlx::query(
        "with lost as materialized (
           select id, attempts >= max_attempts + $2 as hopeless from jobs
           where state = 'running' and lease_until < $1
           order by lease_until limit 100 for update skip locked
         )
         update jobs set state = case when lost.hopeless then 'dead' else 'ready' end,
           finished_at = case when lost.hopeless then $1 end,
           run_at = $1, lease_token = null, lease_until = null,
           last_error = 'the worker vanished before it finished'
         from lost where jobs.id = lost.id",
    )
    .bind(now)
    .bind(BURIALS_MAX)
    .execute(pool)
    .await?;
    Ok(expired.rows_affected())
}
