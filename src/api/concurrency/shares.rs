//! Shares of the API's places: what a tenant's people and programs hold leaves the others enough, however slowly they send or
//! however long what they ask for takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use logistics_domain::TenantId;
use uuid::Uuid;

/// Which part of all places is one holder's.
const PART: usize = 4;

/// Who holds places: all whose role is in a tenant together, and each of the others, as the platform's staff, alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::api) enum Holder {
    Tenant(TenantId),
    Principal(Uuid),
}

/// How many places each holder has.
pub(super) struct Shares {
    each: usize,
    held: Arc<Mutex<HashMap<Holder, usize>>>,
}

/// A place of the holder's share; dropping it gives it back.
pub(in crate::api) struct Share {
    holder: Holder,
    held: Arc<Mutex<HashMap<Holder, usize>>>,
}

impl Shares {
    /// Shares of so many places.
    pub(super) fn of(places: usize) -> Self {
        Self { each: (places / PART).max(1), held: Arc::default() }
    }

    /// One more place of this holder; none where it has its share.
    pub(super) fn take(&self, holder: Holder) -> Option<Share> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(holder).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        Some(Share { holder, held: Arc::clone(&self.held) })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let left = held.get(&self.holder).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            held.remove(&self.holder);
        } else {
            held.insert(self.holder, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_holds_a_quarter_of_all_places_and_others_theirs() {
        let shares = Shares::of(8);
        let of = |tenant| shares.take(Holder::Tenant(TenantId(tenant)));
        let first = of(7).unwrap();
        let _second = of(7).unwrap();
        assert!(of(7).is_none());
        let _others = [of(8).unwrap(), shares.take(Holder::Principal(Uuid::nil())).unwrap()];
        drop(first);
        let _again = of(7).unwrap();
        assert!(of(7).is_none());
        assert!(Shares::of(1).take(Holder::Tenant(TenantId(7))).is_some(), "at least one");
    }
}
