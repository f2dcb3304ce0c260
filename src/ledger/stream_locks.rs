//! Locks on streams: commands that met on one order go one at a time afterwards, instead of losing to each other again.

use logistics_domain::OrderStreamId;
use tokio::sync::{Mutex, MutexGuard};

/// How many orders can be contended at once before two of them share a lock by chance.
const LOCKS: usize = 256;

/// A lock for each order, shared by few. Whoever waits for one is served in the order of coming.
pub(super) struct StreamLocks(Box<[Mutex<()>]>);

impl Default for StreamLocks {
    fn default() -> Self {
        Self(std::iter::repeat_with(Mutex::default).take(LOCKS).collect())
    }
}

impl StreamLocks {
    /// The lock on an order, once it is free.
    pub(super) async fn take(&self, stream: OrderStreamId) -> MutexGuard<'_, ()> {
        self.of(stream).lock().await
    }

    /// The lock, if others hold or wait for it; none where the order is not contended.
    pub(super) async fn wait_if_contended(&self, stream: OrderStreamId) -> Option<MutexGuard<'_, ()>> {
        match self.of(stream).try_lock() {
            Ok(_free) => None,
            Err(_) => Some(self.take(stream).await),
        }
    }

    /// The id of a stream is a hash already, so any part of it spreads evenly.
    fn of(&self, stream: OrderStreamId) -> &Mutex<()> {
        &self.0[usize::from(stream.0.as_bytes()[15]) % LOCKS]
    }
}
