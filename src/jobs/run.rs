//! One attempt: the handler runs in a task of its own, so that a panic stays there; its lease is renewed meanwhile;
//! and its end is written, however long the database is away within the lease.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::lane::Lane;
use super::lease::{self, BURIALS_MAX, Claimed};
use super::settle::{Settlement, settle};
use super::worker::WorkerContext;
use super::{Handler, Job, JobError};
use crate::telemetry::meters;

const PANICKED: &str = "the handler panicked; its message is in the log of the service";

/// Runs a claimed job to the end of this attempt.
pub(super) async fn run(
    context: Arc<WorkerContext>,
    lane: Arc<Lane>,
    claimed: Claimed,
    cut_off: CancellationToken,
) {
    let Claimed { job, exhausted } = claimed;
    let Some(handler) = lane.handler(&job.kind) else {
        return; // Claimed by kind, so there is one; if not, the lease brings the job back.
    };
    let span = tracing::info_span!("job", id = job.id, kind = job.kind, attempt = job.attempts);
    let attempt = Attempt { context, limit: lane.limit(), job: Arc::new(job), handler, cut_off };
    async move {
        let begun = Instant::now();
        let settlement = if exhausted {
            let reason = attempt.job.last_error.clone();
            attempt.bury(reason.unwrap_or_else(|| "no attempt is left".to_owned())).await
        } else {
            attempt.try_once().await
        };
        let outcome = settlement.as_ref().map_or("lease_lost", Settlement::outcome);
        meters::worked(&attempt.job.kind, outcome, begun.elapsed());
        if let Some(settlement) = settlement {
            attempt.write(&settlement).await;
        }
    }
    .instrument(span)
    .await;
}

struct Attempt {
    context: Arc<WorkerContext>,
    limit: Duration,
    job: Arc<Job>,
    handler: Arc<dyn Handler>,
    cut_off: CancellationToken,
}

/// How the handler's task ended.
enum End {
    Said(Result<(), JobError>),
    CutOff,
    LeaseLost,
}

impl Attempt {
    /// One run of the handler; none when the lease was lost.
    async fn try_once(&self) -> Option<Settlement> {
        let (handler, job) = (self.handler.clone(), self.job.clone());
        let error = match self.guard(async move { handler.run(&job).await }).await {
            End::Said(Ok(())) => return Some(Settlement::Done),
            End::Said(Err(error)) => error,
            End::CutOff => return Some(Settlement::GiveBack),
            End::LeaseLost => return None,
        };
        match error {
            JobError::Retry { reason, wait } if !self.job.is_last_attempt() => {
                tracing::info!(reason, "the job failed and is tried again");
                Some(Settlement::Retry { reason, wait })
            }
            JobError::Retry { reason, .. } | JobError::Dead { reason } => self.bury(reason).await,
        }
    }

    /// Calls the hook of a dying job, then lets it die.
    async fn bury(&self, reason: String) -> Option<Settlement> {
        let (handler, job, why) = (self.handler.clone(), self.job.clone(), reason.clone());
        match self.guard(async move { handler.on_dead(&job, &why).await }).await {
            End::Said(Ok(())) => {
                tracing::warn!(reason, "the job is given up; an operator can retry it");
                Some(Settlement::Dead { reason })
            }
            End::Said(Err(error)) if self.job.attempts >= self.job.max_attempts + BURIALS_MAX => {
                tracing::error!(reason, %error, "the job is given up though its last hook failed");
                Some(Settlement::Dead { reason })
            }
            End::Said(Err(error)) => {
                tracing::warn!(reason, %error, "the hook of a dying job failed and is tried again");
                Some(Settlement::BuryLater { reason })
            }
            End::CutOff => Some(Settlement::BuryLater { reason }),
            End::LeaseLost => None,
        }
    }

    /// Runs `work` in a task of its own until it ends, its lease is lost, it is cut off, or its time is over. When
    /// this returns the task has ended; work that finished at the last moment counts.
    async fn guard(&self, work: impl Future<Output = Result<(), JobError>> + Send + 'static) -> End {
        let mut task = AbortOnDropHandle::new(tokio::spawn(work.in_current_span()));
        let instead = tokio::select! {
            said = &mut task => return End::Said(said.unwrap_or_else(|_| Err(JobError::retry(PANICKED)))),
            () = self.hold_lease() => End::LeaseLost,
            () = self.cut_off.cancelled() => End::CutOff,
            () = sleep(self.limit) => End::Said(Err(JobError::retry("the attempt took longer than its limit"))),
        };
        task.abort();
        match (task.await, instead) {
            (_, End::LeaseLost) => {
                tracing::warn!("the lease was lost, so the attempt was stopped");
                End::LeaseLost
            }
            (Ok(said), _) => End::Said(said),
            (Err(_), instead) => instead,
        }
    }

    /// Renews the lease at a third of its length; returns when it is lost, or when nobody could tell for so long that
    /// another worker may have it.
    async fn hold_lease(&self) {
        let WorkerContext { settings, clock, pool, outage, .. } = &*self.context;
        let beat = settings.lease / 3;
        let mut held_until = Instant::now() + settings.lease;
        loop {
            sleep(beat).await;
            let asked_at = Instant::now();
            let renewal = lease::renew(pool, &self.job, clock.now() + settings.lease);
            match timeout(beat, renewal).await {
                Ok(Ok(true)) => held_until = asked_at + settings.lease,
                Ok(Ok(false)) if self.job.is_completed_inside() => std::future::pending().await,
                Ok(Ok(false)) => return,
                Ok(Err(error)) => outage.met(&error),
                Err(_) => tracing::warn!("the lease could not be renewed in time; it is tried again"),
            }
            if Instant::now() >= held_until {
                return;
            }
        }
    }

    /// Writes the end of the attempt, patiently: after the lease somebody else does the work again anyway.
    async fn write(&self, settlement: &Settlement) {
        let WorkerContext { settings, clock, pool, outage, .. } = &*self.context;
        let give_up_at = Instant::now() + settings.lease;
        let mut failures = 0;
        loop {
            let written = async {
                let mut conn = pool.acquire().await?;
                settle(&mut conn, &self.job, settlement, clock.now()).await
            };
            match written.await {
                Ok(true) => return,
                Ok(false) if self.job.is_completed_inside() => return,
                Ok(false) => {
                    tracing::warn!(
                        "the lease was lost before the end was written; the work may be done twice"
                    );
                    return;
                }
                Err(error) => outage.met(&error),
            }
            failures += 1;
            if Instant::now() >= give_up_at {
                return;
            }
            sleep(self.context.pause_after(failures)).await;
        }
    }
}
