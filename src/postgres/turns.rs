//! Turns at the database: of many statements at once each takes as long as all of them, and some much longer, so that few at a
//! time answer everybody sooner. Whoever takes long holds up the others for no more than a moment.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a turn is waited for before one goes without.
const WAIT: Duration = Duration::from_millis(100);

/// How many turns each processor has: while one reader's answer is under way, it works for another.
const EACH: usize = 2;

/// The turns. Cloning shares them.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Semaphore>);

/// A turn, for as long as this lives.
pub(super) type Turn = OwnedSemaphorePermit;

impl Turns {
    /// So many.
    pub(super) fn of(turns: usize) -> Self {
        Self(Arc::new(Semaphore::new(turns.min(Semaphore::MAX_PERMITS))))
    }

    /// Two for each processor of this machine, on which the server mostly is.
    pub(super) fn of_this_machine() -> Self {
        Self::of(available_parallelism().map_or(1, usize::from) * EACH)
    }

    /// A turn, first come first served; none where it took too long to come.
    pub(super) async fn take(&self) -> Option<Turn> {
        timeout(WAIT, Arc::clone(&self.0).acquire_owned()).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join;

    use super::*;

    #[tokio::test]
    async fn a_turn_that_is_left_is_the_next_ones_and_one_that_is_not_holds_up_nobody_for_long() {
        let turns = Turns::of(1);
        let first = turns.take().await;
        assert!(first.is_some());
        assert!(turns.take().await.is_none(), "it went without");
        let (next, ()) = join(turns.take(), async { drop(first) }).await;
        assert!(next.is_some());
        assert!(Turns::of_this_machine().take().await.is_some());
    }
}
