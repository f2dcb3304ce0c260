//! Permits to read from the database: of many statements at once each takes as long as all of them, and some much longer, so that few
//! at a time answer everybody sooner. Whoever takes long holds up the others for no more than a moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// How long a permit is waited for before one goes without, and so does everybody for as long again.
const WAIT: Duration = Duration::from_millis(100);

/// How many permits there are for each processor: while one reader's answer is under way, it works for another.
const EACH: usize = 2;

/// The permits. Cloning shares them.
#[derive(Clone, Debug)]
pub(super) struct ReadPermits {
    free: Arc<Semaphore>,
    /// When one was waited for in vain last.
    crowded_at: Arc<Mutex<Option<Instant>>>,
}

/// A permit, for as long as this lives.
pub(super) type ReadPermit = OwnedSemaphorePermit;

impl ReadPermits {
    /// This many permits.
    pub(super) fn of(permits: usize) -> Self {
        let free = Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self { free, crowded_at: Arc::default() }
    }

    /// Two for each processor of this machine, on which the server mostly is.
    pub(super) fn of_this_machine() -> Self {
        Self::of(available_parallelism().map_or(1, usize::from) * EACH)
    }

    /// A permit, first come first served; none where it took too long to come. A request that reads several times waits in vain
    /// but once.
    pub(super) async fn take(&self) -> Option<ReadPermit> {
        let free = Arc::clone(&self.free);
        if self.crowded_at().is_some_and(|at| at.elapsed() < WAIT) {
            return free.try_acquire_owned().ok();
        }
        let came = timeout(WAIT, free.acquire_owned()).await;
        if came.is_err() {
            *self.crowded_at() = Some(Instant::now());
        }
        came.ok()?.ok()
    }

    fn crowded_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.crowded_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;

    use super::*;

    #[tokio::test]
    async fn a_permit_that_is_left_is_the_next_ones_and_one_that_is_not_holds_up_nobody_for_long() {
        let permits = ReadPermits::of(1);
        let first = permits.take().await;
        assert!(first.is_some());
        let (next, ()) = join(permits.take(), async { drop(first) }).await;
        assert!(next.is_some());
        assert!(permits.take().await.is_none(), "it went without");
        drop(next);
        assert!(permits.take().await.is_some());
        assert!(ReadPermits::of_this_machine().take().await.is_some());
    }
}
