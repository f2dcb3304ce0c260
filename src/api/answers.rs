//! Answers at hand: what was answered in this very second, while the ledger stands where it stood, is the answer again, and who
//! asks while it is being made waits for that one instead of having another made.
//!
//! Most of what is asked twice is asked at the same moment: an event comes, and everybody who follows a brand's orders reads the
//! same page. Nothing here is believed for being there: how far the ledger reaches comes from the database with each request, and
//! is part of what an answer is kept under, as are tenant, role and address. What no event tells may be late by a second: that an order was
//! asked about and had not changed, the shop's own number of an order, that a wish was left to a person, another time zone of the tenant.
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

/// The longest answer that is kept, in bytes: five times what a full page of usual orders takes.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What a place and the headers of its answer take, in bytes.
const PLACE_BYTES: usize = 1024;

/// What an answer hangs on, as a hash.
pub(super) type Key = [u8; 32];

/// An answer as it was given.
pub(super) struct Answer {
    /// With its tag.
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// The answer, to be given again; or the response as it is, where it is none that is kept: a refusal, one without a tag, a very
    /// long one.
    pub(super) async fn of(response: Response) -> Result<Self, Response> {
        let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
        let is_kept =
            response.status() == StatusCode::OK && size.is_some_and(|size| size <= ANSWER_BYTES_MAX);
        if !is_kept {
            return Err(response);
        }
        let (parts, body) = response.into_parts();
        match to_bytes(body, ANSWER_BYTES_MAX).await {
            // A copy, since what it was written in is larger than it is.
            Ok(body) => Ok(Self { headers: parts.headers, body: Bytes::copy_from_slice(&body) }),
            Err(error) => Err(Problem::internal(&error).into_response()),
        }
    }

    /// Its tag.
    pub(super) fn tag(&self) -> Option<&str> {
        self.headers.get(header::ETAG)?.to_str().ok()
    }

    /// The answer, once more.
    pub(super) fn given(&self) -> Response {
        (self.headers.clone(), Body::from(self.body.clone())).into_response()
    }

    /// To whoever holds it already.
    pub(super) fn not_modified(&self) -> Response {
        let mut headers = self.headers.clone();
        headers.remove(header::CONTENT_TYPE);
        (StatusCode::NOT_MODIFIED, headers).into_response()
    }
}

/// Where an answer is kept, or will be once it is made. Whoever finds it empty makes it; others wait. One whose first answer
/// was not kept stays empty.
pub(super) struct Place {
    answer: OnceCell<Option<Arc<Answer>>>,
    /// And not the second, which holds its places: neither would ever be freed.
    room: Arc<Room>,
}

impl Place {
    /// The answer, if it is there.
    pub(super) fn get(&self) -> Option<&Answer> {
        self.answer.get()?.as_deref()
    }

    /// The answer: the one that is kept, or this one. Where making it failed, all who wait make theirs side by side, since they would
    /// otherwise wait for each other's failures.
    pub(super) async fn get_or_make<E>(
        &self,
        making: impl Future<Output = Result<Answer, E>>,
    ) -> Result<Arc<Answer>, E> {
        let mut making = pin!(making);
        let mut made = None;
        let first = async || {
            let answer = making.as_mut().await.map(Arc::new);
            let kept = answer.as_ref().ok().filter(|answer| self.room.takes(answer.body.len())).cloned();
            made = Some(answer);
            kept
        };
        let kept = self.answer.get_or_init(first).await.clone();
        match (made, kept) {
            (Some(made), _) => made,
            (None, Some(kept)) => Ok(kept),
            (None, None) => making.await.map(Arc::new),
        }
    }
}

/// How much the answers of a second take, in bytes, and how much they may.
#[derive(Default)]
struct Room {
    bytes: AtomicUsize,
    bytes_max: usize,
}

impl Room {
    /// Takes so much of it; false where there is not as much.
    fn takes(&self, bytes: usize) -> bool {
        self.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) <= self.bytes_max
    }
}

/// The answers of one second.
#[derive(Default)]
struct Second {
    number: i64,
    room: Arc<Room>,
    places: Mutex<HashMap<Key, Arc<Place>>>,
}

/// The answers of this second, within a number of bytes. Cloning shares them.
#[derive(Clone, Default)]
pub struct Answers {
    now: Arc<Mutex<Arc<Second>>>,
    bytes_max: usize,
}

impl Answers {
    /// None yet; later about so many bytes of them.
    pub fn within(bytes_max: usize) -> Self {
        Self { now: Arc::default(), bytes_max }
    }

    /// Where the answer is kept that is asked for in this second; none where there is no room for more.
    pub(super) fn place(&self, second: i64, key: Key) -> Option<Arc<Place>> {
        let now = self.in_second(second)?;
        let mut places = locked(&now.places);
        if let Some(place) = places.get(&key) {
            return Some(Arc::clone(place));
        }
        if !now.room.takes(PLACE_BYTES) {
            return None;
        }
        let place = Arc::new(Place { answer: OnceCell::new(), room: Arc::clone(&now.room) });
        places.insert(key, Arc::clone(&place));
        Some(place)
    }

    /// Forgets all once this is dropped: something was asked for that may show at once, and in no event.
    pub(super) fn forgetting(&self) -> Forgetting {
        Forgetting(self.clone())
    }

    fn forget(&self) {
        let number = locked(&self.now).number;
        self.begin(number);
    }

    /// Keeps answers of that second alone: what nobody asks for any more is not left lying about.
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
        let room = Arc::new(Room { bytes_max: self.bytes_max, ..Room::default() });
        let new = Arc::new(Second { number, room, ..Second::default() });
        let old = std::mem::replace(&mut *locked(&self.now), new);
        // Many answers may go with it, for which nobody should have to wait.
        drop(old);
    }
}

/// Forgets all at its end.
pub(super) struct Forgetting(Answers);

impl Drop for Forgetting {
    fn drop(&mut self) {
        self.0.forget();
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

    async fn made(body: &'static str) -> Result<Answer, &'static str> {
        yield_now().await;
        Ok(Answer { headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) })
    }

    async fn refused() -> Result<Answer, &'static str> {
        yield_now().await;
        Err("refused")
    }

    #[tokio::test]
    async fn many_at_once_have_one_made_and_an_error_is_nobody_elses() {
        let answers = Answers::within(1 << 20);
        let place = answers.place(1, [7; 32]).unwrap();
        let names = ["one", "two", "three"];
        let got = join_all(names.map(|name| place.get_or_make(made(name)))).await;
        assert!(got.iter().all(|answer| answer.as_ref().unwrap().body == "one"));
        assert_eq!(place.get_or_make(refused()).await.unwrap().body, "one");

        let other = answers.place(1, [8; 32]).unwrap();
        let (refused, one, two) = join3(
            other.get_or_make(refused()),
            other.get_or_make(made("one")),
            other.get_or_make(made("two")),
        )
        .await;
        assert_eq!(refused.err(), Some("refused"));
        assert_eq!((one.unwrap().body.as_ref(), two.unwrap().body.as_ref()), (&b"one"[..], &b"two"[..]));
        assert!(other.get().is_none() && place.get().is_some());
    }

    #[tokio::test]
    async fn a_second_has_its_own_and_all_are_forgotten_when_asked() {
        let answers = Answers::within(1 << 20);
        let of = async |second, name| {
            let place = answers.place(second, [7; 32])?;
            Some(place.get_or_make(made(name)).await.unwrap().body.clone())
        };
        assert_eq!(of(5, "a").await.unwrap(), "a");
        assert_eq!(of(5, "b").await.unwrap(), "a");
        assert_eq!(of(6, "c").await.unwrap(), "c");
        assert!(of(5, "d").await.is_none(), "that second is over");
        answers.keep_only(6);
        assert_eq!(of(6, "d").await.unwrap(), "c");
        answers.keep_only(5);
        assert_eq!(of(5, "d").await.unwrap(), "d", "a clock that was set back");
        assert_eq!(of(6, "c").await.unwrap(), "c");
        drop(answers.forgetting());
        assert_eq!(of(6, "e").await.unwrap(), "e");
    }

    #[tokio::test]
    async fn what_is_forgotten_is_freed() {
        let answers = Answers::within(1 << 20);
        let kept = async |second| {
            let place = answers.place(second, [7; 32]).unwrap();
            place.get_or_make(made("a")).await.unwrap();
            Arc::downgrade(&place)
        };
        let first = kept(1).await;
        assert!(first.upgrade().is_some());
        answers.keep_only(2);
        assert!(first.upgrade().is_none());
        let second = kept(2).await;
        drop(answers.forgetting());
        assert!(second.upgrade().is_none());
        let (third, _next) = (kept(3).await, kept(4).await);
        assert!(third.upgrade().is_none());
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let answers = Answers::within(2 * PLACE_BYTES + 10);
        let [one, two] = [1, 2].map(|key| answers.place(1, [key; 32]).unwrap());
        one.get_or_make(made("0123456789")).await.unwrap();
        assert_eq!(two.get_or_make(made("0")).await.unwrap().body, "0", "made, and not kept");
        assert!(one.get().is_some() && two.get().is_none() && answers.place(1, [1; 32]).is_some());
        assert!(answers.place(1, [3; 32]).is_none());
        assert!(answers.place(2, [3; 32]).is_some(), "the next second has room again");
        assert!(Answers::within(0).place(1, [1; 32]).is_none());
    }
}
