//! Texts that lists were searched for and that too many orders hold to be looked up: to find that out takes a tenth of such a search,
//! and most who search go on with more pages of the same. For a minute it is looked for along their lists at once.
//!
//! It is no more than a hint. A text that became rare meanwhile is still found, at a higher price, and its total may be told as what
//! is there at least. No text is kept, only a number that nobody can foresee.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use logistics_domain::TenantId;
use logistics_projections::orders::OrderFilter;
use quick_cache::sync::Cache;
use tokio::time::Instant;

/// How long a text counts as common.
const HOLDS: Duration = Duration::from_mins(1);

/// How many are remembered.
const TEXTS_MAX: usize = 4096;

/// The texts that were common lately. Cloning shares them.
#[derive(Clone)]
pub struct CommonTexts {
    hasher: RandomState,
    found_at: Arc<Cache<u64, Instant>>,
}

impl Default for CommonTexts {
    fn default() -> Self {
        Self { hasher: RandomState::new(), found_at: Arc::new(Cache::new(TEXTS_MAX)) }
    }
}

impl CommonTexts {
    /// Whether the text that is searched for was common lately.
    pub(super) fn have(&self, tenant: TenantId, filter: &OrderFilter) -> bool {
        self.have_at(tenant, filter, Instant::now())
    }

    fn have_at(&self, tenant: TenantId, filter: &OrderFilter, now: Instant) -> bool {
        let found_at = self.place(tenant, filter).and_then(|place| self.found_at.get(&place));
        found_at.is_some_and(|at| now.duration_since(at) < HOLDS)
    }

    /// The text that is searched for is common.
    pub(super) fn note(&self, tenant: TenantId, filter: &OrderFilter) {
        if let Some(place) = self.place(tenant, filter) {
            self.found_at.insert(place, Instant::now());
        }
    }

    fn place(&self, tenant: TenantId, filter: &OrderFilter) -> Option<u64> {
        filter.searched().map(|text| self.hasher.hash_one((tenant, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searching(text: &str) -> OrderFilter {
        OrderFilter { search: Some(text.to_owned()), ..OrderFilter::default() }
    }

    #[test]
    fn a_text_is_common_for_a_minute_and_to_its_tenant_alone() {
        let common = CommonTexts::default();
        let (one, other) = (TenantId(1), TenantId(2));
        common.note(one, &searching(" Rosa"));
        assert!(common.have(one, &searching("ROSA")), "as it is searched for");
        assert!(!common.have(other, &searching("rosa")) && !common.have(one, &searching("luz")));
        assert!(!common.have_at(one, &searching("rosa"), Instant::now() + HOLDS));
        common.note(one, &OrderFilter::default());
        assert!(!common.have(one, &OrderFilter::default()), "nothing is searched for");
    }
}
