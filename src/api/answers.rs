//! Answers at hand: what was answered in this very second, while the ledger stands where it stood, is the answer again, and who
//! asks while it is being made waits for that one instead of having another made.
//!
//! Most of what is asked twice is asked at the same moment: an event comes, and everybody who follows a brand's orders reads the
//! same page. Nothing here is believed for being there: how far the ledger reaches comes from the database with each request, and
//! is part of what an answer is kept under, as are tenant, role and address. What no event tells, such as that an
//! order was asked about and had not changed, shows in ages alone, which are told in seconds.
//!
//! Absent: what a person or another tenant may see, which is proved before one comes here, and the pages of the dashboard, which are made for one person each.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::OnceCell;

use super::problem::Problem;

/// The longest answer that is kept, in bytes; a full page of long orders is shorter.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// What an address and a place to keep its answer take, in bytes.
const PLACE_BYTES: usize = 512;

/// What an answer hangs on, as a hash.
pub(super) type Key = [u8; 32];

/// An answer as it was given.
pub(super) struct Answer {
    /// With its tag.
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// The answer, to be given again; or the response as it is, where it is none that is kept.
    pub(super) async fn of(response: Response) -> Result<Self, Response> {
        let size = response.body().size_hint().exact().and_then(|size| usize::try_from(size).ok());
        let is_kept =
            response.status() == StatusCode::OK && size.is_some_and(|size| size <= ANSWER_BYTES_MAX);
        if !is_kept {
            return Err(response);
        }
        let (parts, body) = response.into_parts();
        match to_bytes(body, ANSWER_BYTES_MAX).await {
            Ok(body) => Ok(Self { headers: parts.headers, body }),
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

/// Where an answer is kept, or will be once it is made. Whoever finds it empty makes it; others wait.
pub(super) struct Place {
    answer: OnceCell<Answer>,
    second: Arc<Second>,
}

impl Place {
    /// The answer, made now unless it is there. An error is nobody else's: the next who waits tries for itself.
    pub(super) async fn get_or_make<E>(
        &self,
        making: impl Future<Output = Result<Answer, E>>,
    ) -> Result<&Answer, E> {
        let made = || async {
            let answer = making.await?;
            self.second.bytes.fetch_add(answer.body.len(), Ordering::Relaxed);
            Ok(answer)
        };
        self.answer.get_or_try_init(made).await
    }
}

/// The answers of one second.
#[derive(Default)]
struct Second {
    number: i64,
    /// How much they take, in bytes.
    bytes: AtomicUsize,
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
        if now.bytes.fetch_add(PLACE_BYTES, Ordering::Relaxed) + PLACE_BYTES > self.bytes_max {
            return None;
        }
        let place = Arc::new(Place { answer: OnceCell::new(), second: Arc::clone(&now) });
        places.insert(key, Arc::clone(&place));
        Some(place)
    }

    /// Forgets all: something was asked for that may show at once, and in no event.
    pub(super) fn forget(&self) {
        let mut now = locked(&self.now);
        *now = Arc::new(Second { number: now.number, ..Second::default() });
    }

    /// The answers of that second, which are none if it is a new one; nothing for one that is over.
    fn in_second(&self, second: i64) -> Option<Arc<Second>> {
        let mut now = locked(&self.now);
        if second > now.number {
            *now = Arc::new(Second { number: second, ..Second::default() });
        }
        (second == now.number).then(|| Arc::clone(&now))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
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
        assert_eq!(place.get_or_make(refused()).await.err(), Some("refused"));
        let names = ["one", "two", "three"];
        let got = join_all(names.map(|name| place.get_or_make(made(name)))).await;
        assert!(got.iter().all(|answer| answer.as_ref().unwrap().body == "one"));
        assert_eq!(place.get_or_make(refused()).await.unwrap().body, "one");
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
        answers.forget();
        assert_eq!(of(6, "e").await.unwrap(), "e");
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        let answers = Answers::within(2 * PLACE_BYTES + 10);
        let place = answers.place(1, [1; 32]).unwrap();
        place.get_or_make(made("0123456789")).await.unwrap();
        assert!(answers.place(1, [2; 32]).is_some() && answers.place(1, [1; 32]).is_some());
        assert!(answers.place(1, [3; 32]).is_none());
        assert!(answers.place(2, [3; 32]).is_some(), "the next second has room again");
        assert!(Answers::within(0).place(1, [1; 32]).is_none());
    }
}
