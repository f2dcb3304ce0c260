//! A cache of orders, each folded up to one event of its history, so that only what came after it is read.
//!
//! A history only grows, so what it told up to one of its events stays true. Whoever reads on begins with that very event, and
//! sees by its hash that it is still the same history: a server that was restored, or a standby that took over, may have
//! another. So nothing has to be invalidated when another instance writes, and a fold that is lost is made anew.

use std::sync::Arc;

use logistics_domain::{Order, OrderStreamId};
use logistics_projections::orders::OrderRow;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::stored::StoredText;

/// A low estimate of one entry, in bytes; only the cache's expected number of entries is derived from it.
const ENTRY_ESTIMATE_BYTES: u64 = 2048;

/// What a map of requests takes before there is anything in it.
const REQUESTS_BYTES: usize = 1300;

/// What a history told up to one of its events.
#[derive(Clone)]
pub(super) struct Folded {
    pub(super) order: Order,
    pub(super) row: Option<OrderRow>,
    /// The sequence of that event.
    pub(super) version: i64,
    /// What that event says, as a hash.
    pub(super) last: [u8; 32],
}

impl Folded {
    /// Whether a history that is read from that event on is the same one.
    pub(super) fn is_followed_by(&self, stream: OrderStreamId, events: &[StoredText]) -> bool {
        events.first().is_some_and(|event| {
            event.sequence == self.version && event.content_hash(&stream.to_string()) == self.last
        })
    }

    /// About how many bytes it takes. Texts are counted by what they usually are; what grows without end is counted.
    fn bytes(&self) -> u64 {
        let (order, facts) = (&self.order, &self.order.facts);
        let parcels: usize = facts.shipments.iter().map(|shipment| shipment.parcel_numbers.len()).sum();
        // Items and consignments stand in the state and in the row.
        let lists = facts.items.len() * 256 + facts.shipments.len() * 512 + parcels * 128;
        let sets = order.scans.len() * 64 + facts.details.tags.len() * 128 + facts.number.len() * 2;
        let sealed = facts.recipient.as_ref().map_or(0, |recipient| recipient.sealed.len());
        let requests = [&order.cancellations, &order.comments].map(|made| {
            let texts = made
                .values()
                .map(|one| 256 + one.content.sealed.len() + one.message.as_ref().map_or(0, String::len));
            // A map takes room for some before it has any.
            usize::from(!made.is_empty()) * REQUESTS_BYTES + texts.sum::<usize>()
        });
        (size_of::<Self>() + 1024 + lists + sets + sealed + requests[0] + requests[1]) as u64
    }
}

/// The orders that were worked on last, within a number of bytes.
pub(super) struct OrderCache(Cache<Uuid, Arc<Folded>, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Uuid, Arc<Folded>> for Bytes {
    fn weight(&self, _stream: &Uuid, folded: &Arc<Folded>) -> u64 {
        folded.bytes()
    }
}

impl OrderCache {
    /// None yet; later about so many bytes of them.
    pub(super) fn within(bytes_max: u64) -> Self {
        let about = usize::try_from(bytes_max / ENTRY_ESTIMATE_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(about, bytes_max, Bytes))
    }

    /// What is known of a history.
    pub(super) fn get(&self, stream: OrderStreamId) -> Option<Arc<Folded>> {
        self.0.get(&stream.0)
    }

    /// Whether there is room for any at all.
    pub(super) fn has_room(&self) -> bool {
        self.0.capacity() > 0
    }

    /// Keeps what is known of a history.
    pub(super) fn keep(&self, stream: OrderStreamId, folded: Folded) {
        self.0.insert(stream.0, Arc::new(folded));
    }
}

#[cfg(test)]
mod tests {
    use logistics_domain::order::facts::Item;

    use super::*;

    fn folded(items: usize) -> Folded {
        let mut order = Order::default();
        order.facts.items =
            vec![Item { id: None, sku: None, quantity: 1, allocated: 0, on_back_order: 0 }; items];
        Folded { order, row: None, version: 1, last: [0; 32] }
    }

    fn stream(number: u128) -> OrderStreamId {
        OrderStreamId(Uuid::from_u128(number))
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for_and_nothing_where_there_is_none() {
        let (small, large) = (folded(1).bytes(), folded(1000).bytes());
        let cache = OrderCache::within(small * 100);
        (0..1000).for_each(|number| cache.keep(stream(number), folded(1)));
        let kept = (0..1000).filter(|number| cache.get(stream(*number)).is_some()).count();
        assert!((50..=100).contains(&kept), "{kept}");
        assert!(large > small * 50);
        cache.keep(stream(2000), folded(1000));
        assert!(cache.0.weight() <= small * 100);

        let none = OrderCache::within(0);
        none.keep(stream(1), folded(1));
        assert!(none.get(stream(1)).is_none() && !none.has_room() && cache.has_room());
    }

    #[test]
    fn a_history_goes_on_only_from_the_very_event_that_was_folded_last() {
        let text = |sequence, payload: &str| StoredText {
            sequence,
            event_type: "StatusChanged".to_owned(),
            event_version: "1.0".to_owned(),
            payload: payload.to_owned(),
            metadata: "{}".to_owned(),
        };
        let last = text(1, "{}").content_hash(&stream(1).to_string());
        let known = Folded { last, ..folded(1) };
        let follows = |events: &[StoredText]| known.is_followed_by(stream(1), events);
        assert!(follows(&[text(1, "{}")]));
        assert!(follows(&[text(1, "{}"), text(2, "{}")]));
        assert!(!follows(&[text(1, "{\"other\":1}")]), "another history");
        assert!(!follows(&[text(2, "{}")]));
        assert!(!follows(&[]), "a shorter one");
    }
}
