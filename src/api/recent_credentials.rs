//! Which credentials were good lately. Whoever shows another is counted as a stranger before it is looked up, so that
//! guessing costs no queries beyond what strangers may ask for. Memory is bounded, and holds no credential.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

/// How long a proof counts after it was last given.
const LATELY: Duration = Duration::from_mins(10);

/// How many are remembered.
const REMEMBERED_MAX: usize = 8192;

/// The credentials that were good lately, as hashes that nobody can foresee.
#[derive(Default)]
pub(super) struct Proved {
    hasher: RandomState,
    last: Mutex<HashMap<u64, Proof>>,
}

/// That a credential was good.
struct Proof {
    at: Instant,
    /// Whose it was.
    holder: Uuid,
}

impl Proved {
    /// Whose this credential is, if it was good lately.
    pub(super) fn holder(&self, credential: &str) -> Option<Uuid> {
        self.holder_at(credential, Instant::now())
    }

    fn holder_at(&self, credential: &str, now: Instant) -> Option<Uuid> {
        let place = self.hasher.hash_one(credential);
        let holds = |proof: &&Proof| now.duration_since(proof.at) < LATELY;
        self.with(|last| last.get(&place).filter(holds).map(|proof| proof.holder))
    }

    /// The credential is good, and this one's.
    pub(super) fn note(&self, credential: &str, holder: Uuid) {
        let place = self.hasher.hash_one(credential);
        self.with(|last| {
            if last.len() >= REMEMBERED_MAX && !last.contains_key(&place) {
                last.retain(|_, proof| proof.at.elapsed() < LATELY);
                if last.len() >= REMEMBERED_MAX {
                    last.clear();
                }
            }
            last.insert(place, Proof { at: Instant::now(), holder });
        });
    }

    /// The credential is not good any more.
    pub(super) fn forget(&self, credential: &str) {
        let place = self.hasher.hash_one(credential);
        self.with(|last| last.remove(&place));
    }

    fn with<R>(&self, work: impl FnOnce(&mut HashMap<u64, Proof>) -> R) -> R {
        work(&mut self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_for_a_while_and_no_more_are_kept_than_fit() {
        let proved = Proved::default();
        let (one, another) = (Uuid::from_u128(1), Uuid::from_u128(2));
        proved.note("key", one);
        assert_eq!((proved.holder("key"), proved.holder("other")), (Some(one), None));
        assert_eq!(proved.holder_at("key", Instant::now() + LATELY), None);
        for number in 0..3 * REMEMBERED_MAX {
            proved.note(&number.to_string(), another);
        }
        assert!(proved.with(|last| last.len()) <= REMEMBERED_MAX);
        proved.note("key", one);
        proved.forget("key");
        assert_eq!(proved.holder("key"), None);
    }
}
