//! Which credentials were good lately. Whoever shows another is counted as a stranger before it is looked up, so that
//! guessing costs no queries beyond what strangers may ask for. Memory is bounded, and holds no credential.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a proof counts after it was last given.
const LATELY: Duration = Duration::from_mins(10);

/// How many are remembered.
const REMEMBERED_MAX: usize = 8192;

/// The credentials that were good lately, as hashes that nobody can foresee.
#[derive(Default)]
pub(super) struct Proved {
    hasher: RandomState,
    last: Mutex<HashMap<u64, Instant>>,
}

impl Proved {
    /// Whether this credential was good lately.
    pub(super) fn holds(&self, credential: &str) -> bool {
        self.holds_at(credential, Instant::now())
    }

    fn holds_at(&self, credential: &str, now: Instant) -> bool {
        let place = self.hasher.hash_one(credential);
        self.with(|last| last.get(&place).is_some_and(|at| now.duration_since(*at) < LATELY))
    }

    /// The credential is good.
    pub(super) fn note(&self, credential: &str) {
        let place = self.hasher.hash_one(credential);
        self.with(|last| {
            if last.len() >= REMEMBERED_MAX && !last.contains_key(&place) {
                last.retain(|_, at| at.elapsed() < LATELY);
                if last.len() >= REMEMBERED_MAX {
                    last.clear();
                }
            }
            last.insert(place, Instant::now());
        });
    }

    /// The credential is not good any more.
    pub(super) fn forget(&self, credential: &str) {
        let place = self.hasher.hash_one(credential);
        self.with(|last| last.remove(&place));
    }

    fn with<R>(&self, work: impl FnOnce(&mut HashMap<u64, Instant>) -> R) -> R {
        work(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_for_a_while_and_no_more_are_kept_than_fit() {
        let proved = Proved::default();
        proved.note("key");
        assert!(proved.holds("key") && !proved.holds("other"));
        assert!(!proved.holds_at("key", Instant::now() + LATELY));
        for number in 0..3 * REMEMBERED_MAX {
            proved.note(&number.to_string());
        }
        assert!(proved.with(|last| last.len()) <= REMEMBERED_MAX);
        proved.note("key");
        proved.forget("key");
        assert!(!proved.holds("key"));
    }
}
