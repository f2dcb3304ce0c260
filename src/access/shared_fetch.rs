//! What the OpenID provider tells, fetched once for all who need it. However slow the provider is and however many ask, it
//! is asked one thing at a time, few wait for it, and none soon after it failed. Absent: what is fetched.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, Semaphore};
use tracing::Instrument as _;

use super::provider::ProviderFault;
use crate::clock::Clock;

/// How many may wait at once. They hold a place among the requests under way, which others need too.
const WAITING_MAX: usize = 16;

/// One thing of the provider's.
pub(super) struct SharedFetch<T>(Arc<Inner<T>>);

struct Inner<T> {
    clock: Clock,
    /// The provider is not asked again sooner, whatever it answered.
    again_after: TimeDelta,
    state: RwLock<State<T>>,
    /// Held by the one task that asks.
    asking: Mutex<()>,
    places: Arc<Semaphore>,
}

struct State<T> {
    held: Option<Arc<T>>,
    /// When the provider was last asked, and with what success.
    last: Option<(DateTime<Utc>, Result<(), ProviderFault>)>,
}

impl<T: Send + Sync + 'static> SharedFetch<T> {
    /// Nothing fetched yet.
    pub(super) fn of(clock: Clock, again_after: TimeDelta) -> Self {
        Self(Arc::new(Inner {
            clock,
            again_after,
            state: RwLock::new(State { held: None, last: None }),
            asking: Mutex::new(()),
            places: Arc::new(Semaphore::new(WAITING_MAX)),
        }))
    }

    /// What was fetched last, however old.
    pub(super) fn held(&self) -> Option<Arc<T>> {
        self.0.read(|state| state.held.clone())
    }

    /// Whether nobody asks at present.
    pub(super) fn is_idle(&self) -> bool {
        self.0.asking.try_lock().is_ok()
    }

    /// What is held if that is enough, else what `fetch` gives. Whoever goes away while it runs does not end it: the others
    /// wait for it as well.
    pub(super) async fn get<E, F, W>(&self, enough: E, fetch: F) -> Result<Arc<T>, ProviderFault>
    where
        E: Fn(&T) -> bool + Send + 'static,
        F: FnOnce() -> W + Send + 'static,
        W: Future<Output = Result<T, ProviderFault>> + Send + 'static,
    {
        if let Some(known) = self.0.known(&enough) {
            return known;
        }
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| ProviderFault::Busy)?;
        let inner = Arc::clone(&self.0);
        let work = async move {
            let _place = place;
            let _asking = inner.asking.lock().await;
            // While this one waited, another may have asked.
            if let Some(known) = inner.known(&enough) {
                return known;
            }
            inner.keep(fetch().await)
        };
        tokio::spawn(work.in_current_span()).await.unwrap_or(Err(ProviderFault::Away))
    }
}

impl<T> Inner<T> {
    fn read<R>(&self, read: impl FnOnce(&State<T>) -> R) -> R {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What can be told without asking: what is held where that is enough, or what was found just now.
    fn known(&self, enough: impl Fn(&T) -> bool) -> Option<Result<Arc<T>, ProviderFault>> {
        let now = self.clock.now();
        self.read(|state| {
            if let Some(held) = state.held.as_ref().filter(|held| enough(held)) {
                return Some(Ok(Arc::clone(held)));
            }
            // A clock that was set back must not silence this for long.
            let (_, told) = state.last.filter(|(at, _)| (now - *at).abs() < self.again_after)?;
            match told {
                Ok(()) => state.held.clone().map(Ok),
                Err(fault) => Some(Err(fault)),
            }
        })
    }

    /// Keeps what came of asking. The time counts from the answer: one that was long in coming is no reason to ask at once.
    fn keep(&self, found: Result<T, ProviderFault>) -> Result<Arc<T>, ProviderFault> {
        let now = self.clock.now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok(found) => {
                let found = Arc::new(found);
                *state = State { held: Some(Arc::clone(&found)), last: Some((now, Ok(()))) };
                Ok(found)
            }
            Err(fault) => {
                state.last = Some((now, Err(fault)));
                Err(fault)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    fn shared() -> (SharedFetch<u32>, Clock) {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        (SharedFetch::of(clock.clone(), TimeDelta::seconds(5)), clock)
    }

    #[tokio::test]
    async fn few_wait_for_a_slow_provider_and_the_others_hear_at_once() {
        let (shared, _) = shared();
        let ask = || timeout(Duration::from_millis(200), shared.get(|_| false, pending));
        let told = join_all((0..40).map(|_| ask())).await;
        let turned_away = told.iter().filter(|one| matches!(one, Ok(Err(ProviderFault::Busy)))).count();
        assert_eq!(turned_away, 40 - WAITING_MAX);
    }

    #[tokio::test]
    async fn who_goes_away_does_not_end_the_fetch() {
        let (shared, _) = shared();
        let slow = || async {
            sleep(Duration::from_millis(100)).await;
            Ok(7)
        };
        assert!(timeout(Duration::from_millis(10), shared.get(|_| true, slow)).await.is_err());
        let never = || async { Err(ProviderFault::Away) };
        assert_eq!(*shared.get(|_| true, never).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_failure_is_remembered_from_its_end_on() {
        let (shared, clock) = shared();
        let asked = Arc::new(AtomicU32::new(0));
        let ask = || {
            let (asked, clock) = (Arc::clone(&asked), clock.clone());
            shared.get(
                |_| true,
                move || async move {
                    asked.fetch_add(1, Ordering::Relaxed);
                    clock.advance(TimeDelta::seconds(10));
                    Err(ProviderFault::Away)
                },
            )
        };
        for _ in 0..3 {
            assert!(ask().await.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        clock.advance(TimeDelta::seconds(6));
        assert!(ask().await.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
