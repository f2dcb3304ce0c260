//! Schedules: a due slot becomes one job, however many instances look and however many slots were missed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

use super::JobsError;
use super::enqueue::interval;

/// Sets a schedule up, whose first slot is at `first_at`, or brings an existing one to this kind, payload and pace. An
/// existing one keeps its next slot, so a restart neither repeats nor delays it; a quicker pace brings the slot to within
/// one interval from `now`, and never nearer: instances that disagree about the pace put it again and again. `payload` is
/// an object. The jobs have the unique key `schedule:<name>`.
pub async fn put_schedule(
    conn: &mut PgConnection,
    name: &str,
    kind: &'static str,
    payload: &Value,
    every: Duration,
    (now, first_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), JobsError> {
    sqlx::query(
        "insert into schedules (name, kind, payload, every, next_at) values ($1, $2, $3, $4, $5)
         on conflict (name) do update set kind = excluded.kind, payload = excluded.payload, every = excluded.every,
           next_at = least(schedules.next_at, $6 + excluded.every)",
    )
    .bind(name)
    .bind(kind)
    .bind(payload)
    .bind(interval(every))
    .bind(first_at)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a schedule; a job that it made already still runs. False when there was none of this name.
pub async fn remove_schedule(conn: &mut PgConnection, name: &str) -> Result<bool, JobsError> {
    let removed = sqlx::query("delete from schedules where name = $1").bind(name).execute(conn).await?;
    Ok(removed.rows_affected() == 1)
}

/// Turns due slots into jobs and moves each schedule to its first slot after `now`, on its own grid. Returns how many
/// jobs were made: a slot whose forerunner is unfinished makes none.
pub(super) async fn enqueue_due(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, JobsError> {
    let made = sqlx::query(
        "with due as (
           select name, kind, payload, every, next_at from schedules
           where next_at <= $1 order by next_at limit 100 for update skip locked
         ), moved as (
           update schedules set next_at = due.next_at + due.every
             * (1 + floor(extract(epoch from $1 - due.next_at) / extract(epoch from due.every)))::float8
           from due where schedules.name = due.name
         )
         insert into jobs (kind, payload, unique_key, run_at)
         select kind, payload || jsonb_build_object('slot', next_at), 'schedule:' || name, $1 from due
         on conflict (unique_key) where state in ('ready', 'running') do nothing",
    )
    .bind(now)
    .execute(pool)
    .await?;
    Ok(made.rows_affected())
}
