//! A response cache that lives for one second, with single-flight: whoever asks while an answer is being made waits for it. The
//! key holds the tenant, the role, the address, the second, and how far the ledger reached when the request came, so an event makes
//! older answers unreachable. What no event tells may be late by a second: that an order was asked about and had not changed, the
//! shop's own number of an order, that a wish was left to a person, another time zone of the tenant.
//!
//! Absent: who may see an answer, which is proved before one comes here, and pages of the dashboard, which are made for one person
//! each.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::OnceCell;

use super::problem::Problem;

/// The longest answer that is cached, in bytes: five times what a full page of usual orders takes.
const RESPONSE_BYTES_MAX: usize = 1024 * 1024;

/// What an entry takes besides the body of its answer, in bytes.
const ENTRY_OVERHEAD_BYTES: usize = 1024;

/// The key of an answer: a hash of all that it depends on.
pub(super) type Key = [u8; 32];

/// An answer in the cache.
pub(super) struct CachedResponse {
    /// With its tag.
    headers: HeaderMap,
    body: Bytes,
}

impl CachedResponse {
    /// The answer, to be given again; or the response as it is, where it is none to be cached: a refusal, one of unknown length, a
    /// very long one.
    pub(super) async fn of(response: Response) -> Result<Self, Response> {
        let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
        let is_cacheable =
            response.status() == StatusCode::OK && size.is_some_and(|size| size <= RESPONSE_BYTES_MAX);
        if !is_cacheable {
            return Err(response);
        }
        let (parts, body) = response.into_parts();
        match to_bytes(body, RESPONSE_BYTES_MAX).await {
            // A copy, since what it was written in is larger than it is.
            Ok(body) => Ok(Self { headers: parts.headers, body: Bytes::copy_from_slice(&body) }),
            Err(error) => Err(Problem::internal(&error).into_response()),
        }
    }

    /// Its tag.
    pub(super) fn tag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }

    /// The answer as a response.
    pub(super) fn to_response(&self) -> Response {
        (self.headers.clone(), Body::from(self.body.clone())).into_response()
    }

    /// The response to whoever holds the answer already.
    pub(super) fn not_modified(&self) -> Response {
        let mut headers = self.headers.clone();
        headers.remove(header::CONTENT_TYPE);
        (StatusCode::NOT_MODIFIED, headers).into_response()
    }
}

/// The place of an answer, which is there or being made. Whoever finds it empty makes the answer; others wait. One whose first
/// answer was not cached stays empty.
pub(super) struct Entry {
    answer: OnceCell<Option<Arc<CachedResponse>>>,
    /// Not the whole [`Second`], which holds its entries: neither would ever be freed.
    budget: Arc<ByteBudget>,
}

impl Entry {
    /// The answer, if it is there.
    pub(super) fn get(&self) -> Option<&CachedResponse> {
        self.answer.get()?.as_deref()
    }

    /// The answer: the one in the cache, or this one. Where making it failed, all who wait make theirs side by side, since they would
    /// otherwise wait for each other's failures.
    pub(super) async fn get_or_make<E>(
        &self,
        making: impl Future<Output = Result<CachedResponse, E>>,
    ) -> Result<Arc<CachedResponse>, E> {
        let mut making = pin!(making);
        let mut made = None;
        let first = async || {
            let answer = making.as_mut().await.map(Arc::new);
            let cached =
                answer.as_ref().ok().filter(|answer| self.budget.reserve(answer.body.len())).cloned();
            made = Some(answer);
            cached
        };
        let cached = self.answer.get_or_init(first).await.clone();
        match (made, cached) {
            (Some(made), _) => made,
            (None, Some(cached)) => Ok(cached),
            (None, None) => making.await.map(Arc::new),
        }
    }
}

/// How much the answers of a second take, in bytes, and how much they may.
#[derive(Default)]
struct ByteBudget {
    bytes: AtomicUsize,
    bytes_max: usize,
}

impl ByteBudget {
    /// Takes this much of it; false where less is left.
    fn reserve(&self, bytes: usize) -> bool {
        self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= self.bytes_max
    }
}

/// The answers of one second.
#[derive(Default)]
struct Second {
    number: i64,
    budget: Arc<ByteBudget>,
    entries: Mutex<HashMap<Key, Arc<Entry>>>,
}

/// The answers of this second, within a number of bytes. Cloning shares them.
#[derive(Clone, Default)]
pub struct ResponseCache {
    now: Arc<Mutex<Arc<Second>>>,
    bytes_max: usize,
}

impl ResponseCache {
    /// An empty cache of about this many bytes at most.
    pub fn within(bytes_max: usize) -> Self {
        Self { now: Arc::default(), bytes_max }
    }

    /// The entry of the answer that is asked for in this second; none where the budget is used up.
    pub(super) fn entry(&self, second: i64, key: Key) -> Option<Arc<Entry>> {
        let now = self.in_second(second)?;
        let mut entries = locked(&now.entries);
        if let Some(entry) = entries.get(&key) {
            return Some(Arc::clone(entry));
        }
        if !now.budget.reserve(ENTRY_OVERHEAD_BYTES) {
            return None;
        }
        let entry = Arc::new(Entry { answer: OnceCell::new(), budget: Arc::clone(&now.budget) });
        entries.insert(key, Arc::clone(&entry));
        Some(entry)
    }

    /// Empties the cache once this is dropped: something was asked for that may show at once, and in no event.
    pub(super) fn clear_on_drop(&self) -> ClearOnDrop {
        ClearOnDrop(self.clone())
    }

    fn clear(&self) {
        let number = locked(&self.now).number;
        self.begin(number);
    }

    /// Keeps the answers of that second alone: what nobody asks for any more is freed.
    pub(crate) fn keep_only(&self, second: i64) {
        let number = locked(&self.now).number;
        if number != second {
            self.begin(second);
        }
    }

    /// The answers of that second, which are none if it is a new one; nothing for one that is over.
    fn in_second(&self, second: i64) -> Option<Arc<Second>> {
        if second > locked(&self.now).number {
            self.begin(second);
        }
        let now = locked(&self.now);
        (second == now.number).then(|| Arc::clone(&now))
    }

    fn begin(&self, number: i64) {
        let budget = Arc::new(ByteBudget { bytes_max: self.bytes_max, ..ByteBudget::default() });
        let new = Arc::new(Second { number, budget, ..Second::default() });
        let old = std::mem::replace(&mut *locked(&self.now), new);
        // Many answers may go with it, for which nobody should have to wait.
        drop(old);
    }
}

/// Empties the cache when it is dropped.
pub(super) struct ClearOnDrop(ResponseCache);

impl Drop for ClearOnDrop {
    fn drop(&mut self) {
        self.0.clear();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join_all, join3};
    use tokio::task::yield_now;

    use super::*;

    async fn made(body: &'static str) -> Result<CachedResponse, &'static str> {
        yield_now().await;
        Ok(CachedResponse { headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) })
    }

    async fn refused() -> Result<CachedResponse, &'static str> {
        yield_now().await;
        Err("refused")
    }

    #[tokio::test]
    async fn many_at_once_have_one_made_and_an_error_is_nobody_elses() {
        let cache = ResponseCache::within(1 << 20);
        let entry = cache.entry(1, [7; 32]).unwrap();
        let names = ["one", "two", "three"];
        let got = join_all(names.map(|name| entry.get_or_make(made(name)))).await;
        assert!(got.iter().all(|answer| answer.as_ref().unwrap().body == "one"));
        assert_eq!(entry.get_or_make(refused()).await.unwrap().body, "one");

        let other = cache.entry(1, [8; 32]).unwrap();
        let (refused, one, two) = join3(
            other.get_or_make(refused()),
            other.get_or_make(made("one")),
            other.get_or_make(made("two")),
        )
        .await;
        assert_eq!(refused.err(), Some("refused"));
        assert_eq!((one.unwrap().body.as_ref(), two.unwrap().body.as_ref()), (&b"one"[..], &b"two"[..]));
        assert!(other.get().is_none() && entry.get().is_some());
    }

    #[tokio::test]
    async fn a_second_has_its_own_and_the_cache_is_emptied_when_asked() {
        let cache = ResponseCache::within(1 << 20);
        let of = async |second, name| {
            let entry = cache.entry(second, [7; 32])?;
            Some(entry.get_or_make(made(name)).await.unwrap().body.clone())
        };
        assert_eq!(of(5, "a").await.unwrap(), "a");
        assert_eq!(of(5, "b").await.unwrap(), "a");
        assert_eq!(of(6, "c").await.unwrap(), "c");
        assert!(of(5, "d").await.is_none(), "that second is over");
        cache.keep_only(6);
        assert_eq!(of(6, "d").await.unwrap(), "c");
        cache.keep_only(5);
        assert_eq!(of(5, "d").await.unwrap(), "d", "a clock that was set back");
        assert_eq!(of(6, "c").await.unwrap(), "c");
        drop(cache.clear_on_drop());
        assert_eq!(of(6, "e").await.unwrap(), "e");
    }

    #[tokio::test]
    async fn what_is_forgotten_is_freed() {
        let cache = ResponseCache::within(1 << 20);
        let kept = async |second| {
            let entry = cache.entry(second, [7; 32]).unwrap();
            entry.get_or_make(made("a")).await.unwrap();
            Arc::downgrade(&entry)
        };
        let first = kept(1).await;
        assert!(first.upgrade().is_some());
        cache.keep_only(2);
        assert!(first.upgrade().is_none());
        let second = kept(2).await;
        drop(cache.clear_on_drop());
        assert!(second.upgrade().is_none());
        let (third, _next) = (kept(3).await, kept(4).await);
        assert!(third.upgrade().is_none());
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let cache = ResponseCache::within(2 * ENTRY_OVERHEAD_BYTES + 10);
        let [one, two] = [1, 2].map(|key| cache.entry(1, [key; 32]).unwrap());
        one.get_or_make(made("0123456789")).await.unwrap();
        assert_eq!(two.get_or_make(made("0")).await.unwrap().body, "0", "made, and not kept");
        assert!(one.get().is_some() && two.get().is_none() && cache.entry(1, [1; 32]).is_some());
        assert!(cache.entry(1, [3; 32]).is_none());
        assert!(cache.entry(2, [3; 32]).is_some(), "the next second has a budget of its own");
        assert!(ResponseCache::within(0).entry(1, [1; 32]).is_none());
    }
}
