//! Keeping the table in order: schedules become jobs, lost leases go back, old finished rows go away in small
//! portions. Every instance does it; each piece is taken by one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::worker::WorkerContext;
use super::{JobsError, lease, schedule};

/// How often old finished rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// The most rows that one statement deletes.
const SWEEP_PORTION: i64 = 500;
/// The most portions of one sweep.
const SWEEP_PORTIONS: usize = 100;

/// Keeps the table in order until the shutdown.
pub(super) async fn keep(context: Arc<WorkerContext>, shutdown: CancellationToken) {
    let mut failures = 0;
    let mut sweep_at = Instant::now();
    loop {
        context.settings.pulse.beat("keeper");
        let mut kept = tend(&context).await;
        if kept.is_ok() && Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP_EVERY;
            let before = context.clock.now() - context.settings.keep_done_for;
            kept = sweep(&context.pool, before).await.map(|_| ());
        }
        let pause = match kept {
            Ok(()) => {
                context.outage.over();
                failures = 0;
                context.settings.poll_every
            }
            Err(error) => {
                context.outage.met(&error);
                failures += 1;
                context.pause_after(failures)
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return context.settings.pulse.end("keeper"),
            () = sleep(pause) => {}
        }
    }
}

/// Due schedules become jobs, lost leases go back.
pub(super) async fn tend(context: &WorkerContext) -> Result<(), JobsError> {
    let now = context.clock.now();
    schedule::enqueue_due(&context.pool, now).await?;
    if lease::expire(&context.pool, None, now, context.settings.lease).await? > 0 {
        context.wake_all();
    }
    Ok(())
}

/// Deletes what was done before this instant, and dead jobs of schedules, whose later slots replaced them. Other dead
/// letters stay until a person decides.
async fn sweep(pool: &PgPool, before: DateTime<Utc>) -> Result<u64, JobsError> {
    let mut swept = 0;
    for _ in 0..SWEEP_PORTIONS {
        let portion = sqlx::query(
            "delete from jobs where id in (
               select id from jobs
               where state in ('done', 'dead') and finished_at < $1
                 and (state = 'done' or unique_key like 'schedule:%')
               limit $2 for update skip locked
             )",
        )
        .bind(before)
        .bind(SWEEP_PORTION)
        .execute(pool)
        .await?
        .rows_affected();
        swept += portion;
        if portion < SWEEP_PORTION.unsigned_abs() {
            break;
        }
    }
    Ok(swept)
}
