//! Runs: each reading of an account, asked for by the schedule, a person or the command line. One at a time.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;
use serde::Serialize;
use serde_json::json;
use sqlx::{FromRow, PgExecutor, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SyncError;
use super::intake::Taken;
use crate::clock;
use crate::jobs::{NewJob, enqueue};

/// The job that reads an account.
pub const POLL_ACCOUNT: &str = "poll_account";

/// How often a run whose worker vanished is taken up again before it counts as failed.
const ATTEMPTS_MAX: i32 = 5;

/// How long runs are kept that ended.
const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// The most runs that one statement sweeps, and the most statements of one round.
const PORTION: i64 = 500;
const PORTIONS_MAX: usize = 100;

/// A reading of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct SyncRun {
    /// The run's id.
    #[sqlx(rename = "id")]
    pub run_id: Uuid,
    /// The account that is read.
    #[serde(skip)]
    pub account_id: Uuid,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// Pages read so far.
    pub pages: i32,
    /// Rows read so far.
    pub seen: i32,
    /// How many orders got at least one event.
    pub changed: i32,
    /// Rows of doubtful owner or wrong shape.
    pub parked: i32,
    /// Why the run failed.
    pub error: Option<String>,
    /// When the run was asked for (UTC).
    pub created_at: DateTime<Utc>,
    /// When a worker began (UTC).
    pub started_at: Option<DateTime<Utc>>,
    /// When the run ended (UTC).
    pub finished_at: Option<DateTime<Utc>>,
}

/// What asking for a run comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is queued.
    Queued(SyncRun),
    /// One is queued or running already.
    UnderWay(SyncRun),
}

/// Asks for a run: the run and its job in one transaction.
pub async fn ask(
    pool: &PgPool,
    account: AccountId,
    requested_by: &str,
    now: DateTime<Utc>,
) -> Result<Asked, SyncError> {
    let mut transaction = pool.begin().await?;
    // A run whose job was given up without a word must not stand in the way for ever.
    sqlx::query(
        "update sync_runs r set state = 'failed', error = 'the worker vanished before it finished', finished_at = $2
         where r.account_id = $1 and r.state in ('queued', 'running') and not exists (
           select from jobs j where j.unique_key = 'poll/' || r.id::text and j.state in ('ready', 'running'))",
    )
    .bind(account.0)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    let queued: Option<SyncRun> = sqlx::query_as(
        "insert into sync_runs (id, account_id, requested_by, state, created_at) values ($1, $2, $3, 'queued', $4)
         on conflict (account_id) where state in ('queued', 'running') do nothing returning *",
    )
    .bind(clock::new_id())
    .bind(account.0)
    .bind(requested_by)
    .bind(now)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(run) = queued else {
        transaction.rollback().await?;
        return Ok(match unfinished(pool, account).await? {
            Some(run) => Asked::UnderWay(run),
            // It ended between the two looks: ask again.
            None => Box::pin(ask(pool, account, requested_by, now)).await?,
        });
    };
    let job = NewJob::due(POLL_ACCOUNT, json!({"run_id": run.run_id, "account_id": account.0}), now)
        .unique(job_key(run.run_id))
        .attempts(ATTEMPTS_MAX, std::time::Duration::from_secs(5));
    enqueue(&mut transaction, &job).await?;
    transaction.commit().await?;
    Ok(Asked::Queued(run))
}

/// The unique key of a run's job.
pub(crate) fn job_key(run_id: Uuid) -> String {
    format!("poll/{run_id}")
}

async fn unfinished(pool: &PgPool, account: AccountId) -> Result<Option<SyncRun>, SyncError> {
    let run =
        sqlx::query_as("select * from sync_runs where account_id = $1 and state in ('queued', 'running')")
            .bind(account.0)
            .fetch_optional(pool)
            .await?;
    Ok(run)
}

/// Finds a run of an account.
pub async fn find(
    database: impl PgExecutor<'_>,
    account: AccountId,
    run_id: Uuid,
) -> Result<Option<SyncRun>, SyncError> {
    let run = sqlx::query_as("select * from sync_runs where id = $1 and account_id = $2")
        .bind(run_id)
        .bind(account.0)
        .fetch_optional(database)
        .await?;
    Ok(run)
}

/// Marks a run as begun, its counters at nought; none when it is not to be done any more.
pub(super) async fn begin(
    pool: &PgPool,
    run_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<SyncRun>, SyncError> {
    let run = sqlx::query_as(
        "update sync_runs set state = 'running', started_at = coalesce(started_at, $2),
                              pages = 0, seen = 0, changed = 0, parked = 0
         where id = $1 and state in ('queued', 'running') returning *",
    )
    .bind(run_id)
    .bind(now)
    .fetch_optional(pool)
    .await?;
    Ok(run)
}

/// Adds what one page came to.
pub(super) async fn advance(pool: &PgPool, run_id: Uuid, taken: Taken) -> Result<(), SyncError> {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    sqlx::query(
        "update sync_runs set pages = pages + 1, seen = seen + $2, changed = changed + $3, parked = parked + $4
         where id = $1",
    )
    .bind(run_id)
    .bind(count(taken.seen))
    .bind(count(taken.changed))
    .bind(count(taken.parked))
    .execute(pool)
    .await?;
    Ok(())
}

/// Marks a run as failed. The cursor stays where it was, so that nothing is passed over.
pub(super) async fn fail(
    pool: &PgPool,
    run_id: Uuid,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), SyncError> {
    sqlx::query(
        "update sync_runs set state = 'failed', error = $2, finished_at = $3
         where id = $1 and state in ('queued', 'running')",
    )
    .bind(run_id)
    .bind(error)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Sweeps runs that ended long ago, in small portions; several may do it at once. Tells how many. Of each account these stay:
/// the newest, the newest that ended well, and the first that failed since. They tell how it fares, and since when.
pub async fn sweep(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, SyncError> {
    let mut swept = 0;
    for _ in 0..PORTIONS_MAX {
        let portion = sqlx::query(
            "delete from sync_runs where id in (
               select r.id from sync_runs r
               where r.state in ('done', 'failed') and r.finished_at < $1 and exists (
                 select from sync_runs later
                 where later.account_id = r.account_id and later.created_at > r.created_at
                   and (later.state = 'done' or (r.state = 'failed' and 'failed' = (
                     select before.state from sync_runs before
                     where before.account_id = r.account_id and before.created_at < r.created_at
                     order by before.created_at desc limit 1))))
               limit $2 for update skip locked)",
        )
        .bind(now - KEPT_FOR)
        .bind(PORTION)
        .execute(pool)
        .await?
        .rows_affected();
        swept += portion;
        if portion < PORTION.unsigned_abs() {
            break;
        }
    }
    Ok(swept)
}
