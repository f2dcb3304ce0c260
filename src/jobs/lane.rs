//! Lanes: each claims only its kinds, with its own concurrency, so slow work in one never starves another; and in each a tenant
//! leaves a place to the others.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::running::Running;
use super::worker::WorkerContext;
use super::{Handler, lease, run};

/// How long an attempt may take unless its lane says otherwise.
const RUN_LIMIT: Duration = Duration::from_mins(15);
/// How long jobs that are cut off at a shutdown may take to be given back.
const GIVE_BACK_LIMIT: Duration = Duration::from_secs(5);

/// Some kinds of jobs, and how many of them run at once in one worker.
pub struct Lane {
    /// The name, for the log.
    pub name: &'static str,
    /// How many jobs of this lane run at once; at least one. Of more, one tenant's are one fewer at most.
    pub concurrency: usize,
    run_limit: Duration,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
}

impl Lane {
    /// A lane without kinds as yet.
    pub fn new(name: &'static str, concurrency: usize) -> Self {
        Self { name, concurrency: concurrency.max(1), run_limit: RUN_LIMIT, handlers: BTreeMap::new() }
    }

    /// Adds a handler for jobs of `kind`.
    #[must_use]
    pub fn handle(mut self, kind: &'static str, handler: Arc<dyn Handler>) -> Self {
        self.handlers.insert(kind, handler);
        self
    }

    /// Cuts attempts off after `limit`, to be tried again; the default is 15 minutes.
    #[must_use]
    pub fn run_limit(mut self, limit: Duration) -> Self {
        self.run_limit = limit;
        self
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.handlers.keys().copied().collect()
    }

    pub(super) fn knows(&self, kind: &str) -> bool {
        self.handlers.contains_key(kind)
    }

    pub(super) fn handler(&self, kind: &str) -> Option<Arc<dyn Handler>> {
        self.handlers.get(kind).map(Arc::clone)
    }

    pub(super) fn limit(&self) -> Duration {
        self.run_limit
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Lane");
        shown.field("name", &self.name).field("concurrency", &self.concurrency);
        shown.field("kinds", &self.kinds()).finish_non_exhaustive()
    }
}

/// Claims and runs the lane's jobs until the shutdown, then waits for those that run.
pub(super) async fn serve(
    context: Arc<WorkerContext>,
    lane: Arc<Lane>,
    mut wake: watch::Receiver<()>,
    shutdown: CancellationToken,
) {
    let cut_off = CancellationToken::new();
    let mut running = Running::default();
    let mut failures = 0;
    // Beside which tenants at their share nothing was due, and until when that is believed: each of them may have thousands of jobs
    // waiting, which are all passed over where others are looked for.
    let mut none_beside: Option<(Vec<i64>, Instant)> = None;
    while !shutdown.is_cancelled() {
        context.settings.pulse.beat(lane.name);
        running.reap();
        let free = lane.concurrency - running.len();
        if free == 0 {
            tokio::select! {
                _ = running.one_ends() => {}
                () = sleep(context.settings.poll_every) => {}
                () = shutdown.cancelled() => {}
            }
            continue;
        }
        // Seen before the claim, so that what is enqueued during it wakes the lane again.
        if wake.has_changed().unwrap_or(true) {
            none_beside = None;
        }
        wake.mark_unchanged();
        let full = running.tenants_at_their_share(lane.concurrency);
        let believed = none_beside.as_ref().filter(|(tenants, _)| *tenants == full);
        let rest = believed.and_then(|(_, until)| until.checked_duration_since(Instant::now()));
        let pause = if let Some(rest) = rest {
            rest
        } else {
            // One place fewer than are free, since all that is claimed may be of one tenant that has no share yet.
            let at_most = free.saturating_sub(1).max(1);
            let (wanted, now) = ((lane.kinds(), full.as_slice(), at_most), context.clock.now());
            match lease::claim(&context.pool, wanted, now, context.lease_end()).await {
                Ok(claimed) => {
                    context.outage.over();
                    failures = 0;
                    if !claimed.is_empty() {
                        for claimed in claimed {
                            let tenant = claimed.job.tenant;
                            let attempt = run::run(context.clone(), lane.clone(), claimed, cut_off.clone());
                            running.begin(attempt, tenant);
                        }
                        continue;
                    }
                    let until = Instant::now() + context.settings.poll_every;
                    none_beside = (!full.is_empty()).then(|| (full.clone(), until));
                    context.settings.poll_every
                }
                Err(error) => {
                    context.outage.met(&error);
                    failures += 1;
                    context.pause_after(failures)
                }
            }
        };
        tokio::select! {
            _ = wake.changed() => none_beside = None,
            // Then more of that tenant may be due.
            _ = running.one_ends(), if !full.is_empty() => {}
            () = sleep(pause) => {}
            () = shutdown.cancelled() => {}
        }
    }
    context.settings.pulse.end(lane.name);
    finish_or_give_back(&context, lane.name, &mut running, &cut_off).await;
}

/// Waits for the jobs that run; those that take too long are given back.
async fn finish_or_give_back(
    context: &WorkerContext,
    lane: &'static str,
    running: &mut Running,
    cut_off: &CancellationToken,
) {
    if timeout(context.settings.finish_within, running.all_end()).await.is_err() {
        tracing::warn!(lane, jobs = running.len(), "jobs still run at the shutdown and are given back");
        cut_off.cancel();
        // What is not given back in time comes back when its lease ends.
        let _ = timeout(GIVE_BACK_LIMIT, running.all_end()).await;
    }
}
