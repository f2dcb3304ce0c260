//! Orders at hand as the JSON that lists show of them: those that were shown last, within a number of bytes.
//!
//! What is kept is true only together with a row that a tenant's reader has just found; whether it is still of that row is looked at
//! by whoever takes it. It holds no personal data.

use std::sync::Arc;

use logistics_domain::OrderStreamId;
use logistics_projections::orders::{OrderText, TextsAtHand};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use uuid::Uuid;

/// Rather less than an order takes, in bytes: the cache makes its tables for so many.
const ORDER_BYTES: u64 = 1024;

/// What an entry takes besides its text, in bytes.
const ENTRY_BYTES: u64 = 128;

/// The orders that were shown last. Cloning shares them.
#[derive(Clone)]
pub struct ListedOrders(Arc<Cache<Uuid, Arc<OrderText>, Bytes>>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Uuid, Arc<OrderText>> for Bytes {
    fn weight(&self, _id: &Uuid, text: &Arc<OrderText>) -> u64 {
        ENTRY_BYTES + text.bytes() as u64
    }
}

impl ListedOrders {
    /// None yet; later about so many bytes of them. There are none at all where there is room for none.
    pub fn within(bytes_max: u64) -> Option<Self> {
        let about = usize::try_from(bytes_max / ORDER_BYTES).unwrap_or(usize::MAX);
        (bytes_max > 0).then(|| Self(Arc::new(Cache::with_weighter(about, bytes_max, Bytes))))
    }
}

impl TextsAtHand for ListedOrders {
    fn get(&self, id: OrderStreamId) -> Option<Arc<OrderText>> {
        self.0.get(&id.0)
    }

    fn keep(&self, text: &Arc<OrderText>) {
        self.0.insert(text.id.0, Arc::clone(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_room_for_none_there_are_none() {
        assert!(ListedOrders::within(0).is_none() && ListedOrders::within(1).is_some());
    }
}
