//! A cache of orders as the JSON that lists show of them: those that were shown last, within a number of bytes.
//!
//! A text is true only together with a row that a tenant's reader has just found; whether it is still of that row is looked at by
//! whoever takes it. It holds no personal data.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use logistics_domain::OrderStreamId;
use logistics_projections::orders::{OrderList, OrderText, OrderTextCache};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

/// A low estimate of one entry, in bytes; only the cache's expected number of entries is derived from it.
const ENTRY_ESTIMATE_BYTES: u64 = 1024;

/// What an entry takes besides its text, in bytes.
const ENTRY_OVERHEAD_BYTES: u64 = 128;

/// All of a page, where shares of it are counted.
const ALL: u32 = 1000;

/// Below this share of a page in the cache, reading all orders at once is cheaper than a second statement for the missing ones.
const LIKELY: u32 = 400;

/// Of pages that are mostly not cached, one in this many is written to the cache, so that what is asked for often gets there.
const KEPT_EACH: u64 = 16;

/// Each page changes the running average of its kind by one part in this many.
const WEIGHT: u32 = 16;

/// The orders that were shown last. Cloning shares them.
#[derive(Clone)]
pub struct ListedOrderCache {
    texts: Arc<Cache<Uuid, Arc<OrderText>, Bytes>>,
    shares: Arc<Shares>,
    /// How many pages were asked for that are mostly not cached.
    unlikely: Arc<AtomicU32>,
}

/// How much of pages was in the cache lately: of the first ones of lists and of those further on, and whether days are asked for. Those of past
/// times and those that a program goes through are mostly looked at once.
struct Shares([AtomicU32; 4]);

impl Shares {
    fn of(&self, list: &OrderList) -> &AtomicU32 {
        let has_days = list.filter.days.given().next().is_some();
        &self.0[usize::from(list.after.is_some()) + 2 * usize::from(has_days)]
    }
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Uuid, Arc<OrderText>> for Bytes {
    fn weight(&self, _id: &Uuid, text: &Arc<OrderText>) -> u64 {
        ENTRY_OVERHEAD_BYTES + text.bytes() as u64
    }
}

impl ListedOrderCache {
    /// None yet; later about so many bytes of them. There are none at all where there is room for none.
    pub fn within(bytes_max: u64) -> Option<Self> {
        let about = usize::try_from(bytes_max / ENTRY_ESTIMATE_BYTES).unwrap_or(usize::MAX);
        (bytes_max > 0).then(|| Self {
            texts: Arc::new(Cache::with_weighter(about, bytes_max, Bytes)),
            shares: Arc::new(Shares([const { AtomicU32::new(ALL) }; 4])),
            unlikely: Arc::default(),
        })
    }
}

impl OrderTextCache for ListedOrderCache {
    fn get(&self, id: OrderStreamId) -> Option<Arc<OrderText>> {
        self.texts.get(&id.0)
    }

    fn are_kept(&self) -> bool {
        // Scattered, so that of pages that are asked for in turn it is not always the same one.
        let mut hasher = DefaultHasher::new();
        self.unlikely.fetch_add(1, Ordering::Relaxed).hash(&mut hasher);
        hasher.finish().is_multiple_of(KEPT_EACH)
    }

    fn keep(&self, text: &Arc<OrderText>) {
        self.texts.insert(text.id.0, Arc::clone(text));
    }

    fn are_likely(&self, list: &OrderList) -> bool {
        self.shares.of(list).load(Ordering::Relaxed) >= LIKELY
    }

    fn note(&self, list: &OrderList, cached: usize, missing: usize) {
        let all = cached + missing;
        // What a search finds says nothing of other lists.
        if all == 0 || list.filter.search.is_some() {
            return;
        }
        let share = u32::try_from(cached * ALL as usize / all).unwrap_or(ALL);
        let held = self.shares.of(list);
        // Of two at the same moment one may be lost, which makes no difference.
        let before = held.load(Ordering::Relaxed);
        held.store((before * (WEIGHT - 1) + share) / WEIGHT, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use logistics_projections::orders::{Key, Position};

    use super::*;

    #[test]
    fn where_there_is_room_for_none_there_are_none() {
        assert!(ListedOrderCache::within(0).is_none() && ListedOrderCache::within(1).is_some());
    }

    #[test]
    fn of_unlikely_pages_some_are_kept_and_of_some_in_turn_each() {
        let listed = ListedOrderCache::within(1).unwrap();
        let kept = (0..1600).filter(|_| listed.are_kept()).count();
        assert!((50..200).contains(&kept), "{kept}");
        for pages in 1..40 {
            let kept: HashSet<usize> =
                (0..pages * 400).filter(|_| listed.are_kept()).map(|turn| turn % pages).collect();
            assert_eq!(kept.len(), pages);
        }
    }

    #[test]
    fn lists_whose_orders_are_not_cached_are_asked_for_whole_until_they_are_again() {
        let listed = ListedOrderCache::within(1).unwrap();
        let first = OrderList::default();
        let place = Position { key: Key::Instant(None), id: Uuid::nil() };
        let further = OrderList { after: Some(place), ..OrderList::default() };
        (0..10).for_each(|_| listed.note(&further, 0, 50));
        assert!(listed.are_likely(&further), "some pages are no rule");
        (0..10).for_each(|_| listed.note(&further, 0, 50));
        assert!(!listed.are_likely(&further) && listed.are_likely(&first));
        (0..20).for_each(|_| listed.note(&further, 50, 0));
        assert!(listed.are_likely(&further));
        let mut searched = OrderList::default();
        searched.filter.search = Some("rosa".to_owned());
        (0..50).for_each(|_| listed.note(&searched, 0, 1));
        assert!(listed.are_likely(&first));
    }
}
