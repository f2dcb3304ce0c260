//! The only door to time and chance. Everything else is handed an instant, an id or random bytes, so
//! that a test can own them and a replay can repeat them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// Where "now" comes from: the machine, or a test's hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `start` until it is moved; clones move together.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(start.trunc_subsecs(6)))))
    }

    /// The present instant in UTC, cut to the microsecond that PostgreSQL keeps.
    #[expect(clippy::disallowed_methods, reason = "this is the one door to time")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            None => Utc::now().trunc_subsecs(6),
            Some(hand) => *hand.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock forward; the machine's clock cannot be moved and stays.
    pub fn advance(&self, by: TimeDelta) {
        if let Some(hand) = &self.0 {
            let mut at = hand.lock().unwrap_or_else(PoisonError::into_inner);
            *at += by;
        }
    }
}

/// Whether less than `span` has passed since `then`. Never where `then` is still to come, so that a clock that went wrong once holds
/// nothing up for long.
pub fn is_within(span: Duration, then: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - then).to_std().is_ok_and(|passed| passed < span)
}

/// A new id, ordered by time (UUID version 7).
#[expect(clippy::disallowed_methods, reason = "this is the one door to new ids")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Fresh bytes from the operating system's generator, fit for keys and nonces.
///
/// # Panics
/// When the operating system has no random source: nothing could be kept secret then.
#[expect(clippy::disallowed_methods, reason = "this is the one door to chance")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system must offer random bytes");
    bytes
}
