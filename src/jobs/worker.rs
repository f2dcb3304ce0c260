//! The worker: lanes, a listener and a keeper side by side until the shutdown.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::lane::{self, Lane};
use super::outage::Outage;
use super::pulse::Pulse;
use super::{JobsError, keeper, lease, listener, run};
use crate::clock::Clock;

/// The longest pause between tries while the database is away.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// How long a job stays with a worker that gives no sign of life. Well above the difference of the machines' clocks.
    pub lease: Duration,
    /// How often a lane looks for due jobs where nothing wakes it; retries and schedules are late by this at most.
    pub poll_every: Duration,
    /// How long done jobs are kept.
    pub keep_done_for: Duration,
    /// How long running jobs may go on after the shutdown began; what still runs then is given back.
    pub finish_within: Duration,
    /// Where the parts of the worker note that they turn.
    pub pulse: Pulse,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            poll_every: Duration::from_secs(1),
            keep_done_for: Duration::from_hours(7 * 24),
            finish_within: Duration::from_secs(20),
            pulse: Pulse::default(),
        }
    }
}

/// Serves lanes of jobs. Any number of workers may share a database; each job is leased to one of them. The pool needs
/// one connection for listening besides those that handlers use.
#[derive(Debug)]
pub struct Worker(Arc<WorkerContext>);

/// What the parts of a worker share.
#[derive(Debug)]
pub(super) struct WorkerContext {
    pub(super) pool: PgPool,
    pub(super) clock: Clock,
    pub(super) settings: WorkerSettings,
    pub(super) outage: Outage,
    /// Each lane with the bell that wakes it.
    lanes: Vec<(Arc<Lane>, watch::Sender<()>)>,
}

impl Worker {
    /// A worker that does nothing yet.
    pub fn new(pool: PgPool, clock: Clock, settings: WorkerSettings, lanes: Vec<Lane>) -> Self {
        let lanes = lanes.into_iter().map(|lane| (Arc::new(lane), watch::Sender::default())).collect();
        Self(Arc::new(WorkerContext { pool, clock, settings, outage: Outage::default(), lanes }))
    }

    /// Works until `shutdown`, then lets running jobs finish up to a bound. A future that is dropped instead stops all
    /// work at once, as a kill would; the leases bring the jobs back.
    ///
    /// # Panics
    /// When a part of the worker itself panics: a service without it would look well and do nothing.
    pub async fn run(self, shutdown: CancellationToken) {
        let context = self.0;
        let mut parts = JoinSet::new();
        parts.spawn(listener::listen(context.clone(), shutdown.clone()));
        parts.spawn(keeper::keep(context.clone(), shutdown.clone()));
        for (lane, bell) in &context.lanes {
            parts.spawn(lane::serve(context.clone(), lane.clone(), bell.subscribe(), shutdown.clone()));
        }
        while let Some(ended) = parts.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }

    /// Runs what is due at this moment, one job after another, until nothing is due or `limit` jobs have run; returns
    /// how many. For a command that does its work and ends.
    pub async fn run_due(&self, limit: usize) -> Result<usize, JobsError> {
        let context = &self.0;
        let mut done = 0;
        loop {
            keeper::tend(context).await?;
            let before = done;
            for (lane, _) in &context.lanes {
                let (next, now) = ((lane.kinds(), [].as_slice(), 1), context.clock.now());
                for claimed in lease::claim(&context.pool, next, now, context.lease_end()).await? {
                    run::run(context.clone(), lane.clone(), claimed, CancellationToken::new()).await;
                    done += 1;
                    if done >= limit {
                        return Ok(done);
                    }
                }
            }
            if done == before {
                return Ok(done);
            }
        }
    }

    /// Runs the job with this unique key, if it is due, and no other; false where it is not. For a command that does one piece of
    /// work where no service does it.
    pub async fn run_one(&self, unique_key: &str) -> Result<bool, JobsError> {
        let context = &self.0;
        lease::expire(&context.pool, Some(unique_key), context.clock.now(), context.settings.lease).await?;
        for (lane, _) in &context.lanes {
            let (now, lease_end) = (context.clock.now(), context.lease_end());
            let due = lease::claim_one(&context.pool, &lane.kinds(), unique_key, now, lease_end).await?;
            if let Some(claimed) = due {
                run::run(context.clone(), lane.clone(), claimed, CancellationToken::new()).await;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl WorkerContext {
    /// Wakes the lanes that know this kind.
    pub(super) fn wake(&self, kind: &str) {
        for (_, bell) in self.lanes.iter().filter(|(lane, _)| lane.knows(kind)) {
            bell.send_replace(());
        }
    }

    /// Wakes every lane.
    pub(super) fn wake_all(&self) {
        for (_, bell) in &self.lanes {
            bell.send_replace(());
        }
    }

    /// When a lease taken or renewed now ends.
    pub(super) fn lease_end(&self) -> DateTime<Utc> {
        self.clock.now() + self.settings.lease
    }

    /// The pause after so many failures in a row: doubling from the usual one.
    pub(super) fn pause_after(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.min(16));
        self.settings.poll_every.saturating_mul(doubled).min(PAUSE_MAX)
    }
}
