//! How many requests are under way at once: so many of the API, so many at the webhook endpoints, so many of the pages. What
//! comes on top is turned away at once. Each has its own places, so that a crowd at one keeps nobody from another; and of the
//! webhook endpoints each shop's has a share, so that a crowd at one, or whoever sends slowly there, keeps no other shop out.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::limits::{DOORS, Door, Limits};
use super::problem::Problem;
use crate::telemetry::meters;

/// Where programs ask.
const API: &str = "/api/v1/";

/// How many shops' endpoints it takes to fill the places of all.
const SHARES: usize = 8;

/// The places of each part.
pub(super) struct Places {
    api: Semaphore,
    doors: Semaphore,
    pages: Semaphore,
    shops: Shops,
}

/// How many requests are under way at the endpoint of each shop.
struct Shops {
    share: usize,
    under_way: Mutex<HashMap<u64, usize>>,
    hasher: RandomState,
}

/// A place, held until it is dropped.
pub(super) struct Held<'a> {
    _place: SemaphorePermit<'a>,
    _of_shop: Option<HeldOfShop<'a>>,
}

struct HeldOfShop<'a> {
    shops: &'a Shops,
    door: u64,
}

impl Places {
    /// So many of each.
    pub(super) fn of_each(number: usize) -> Self {
        let places = || Semaphore::new(number.min(Semaphore::MAX_PERMITS));
        Self { api: places(), doors: places(), pages: places(), shops: Shops::sharing(number) }
    }

    /// A place for a request to this path, if there is one.
    fn take(&self, path: &str) -> Option<Held<'_>> {
        let door = path.strip_prefix(DOORS).map(Door::at).filter(|door| door.is_of_a_shop());
        let of_shop = match door {
            Some(door) => Some(self.shops.take(door)?),
            None => None,
        };
        Some(Held { _place: self.at(path).try_acquire().ok()?, _of_shop: of_shop })
    }

    fn at(&self, path: &str) -> &Semaphore {
        if path.starts_with(DOORS) {
            &self.doors
        } else if path.starts_with(API) {
            &self.api
        } else {
            &self.pages
        }
    }
}

impl Shops {
    fn sharing(number: usize) -> Self {
        Self {
            share: (number / SHARES).max(1),
            under_way: Mutex::default(),
            // Unforeseeable, so that nobody can choose with whom to share.
            hasher: RandomState::new(),
        }
    }

    fn take(&self, door: Door<'_>) -> Option<HeldOfShop<'_>> {
        let door = self.hasher.hash_one(door);
        let mut counts = self.counts();
        let count = counts.entry(door).or_default();
        if *count >= self.share {
            return None;
        }
        *count += 1;
        Some(HeldOfShop { shops: self, door })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for HeldOfShop<'_> {
    fn drop(&mut self) {
        let mut counts = self.shops.counts();
        let left = counts.get(&self.door).map_or(0, |count| count.saturating_sub(1));
        // Nothing is kept of who is not here, so that no walk over all numbers fills the memory.
        if left == 0 {
            counts.remove(&self.door);
        } else {
            counts.insert(self.door, left);
        }
    }
}

/// Turns away what comes on top of all that can be under way at once.
pub(super) async fn hold_back(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let Some(_held) = limits.places().take(request.uri().path()) else {
        meters::limited("at_once");
        let detail = "too many requests are under way; try again in a moment";
        return Problem::of(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            .into_response();
    };
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_at_one_part_takes_no_place_of_another() {
        let places = Places::of_each(1);
        let _held = places.take("/api/v1/webhooks/shopify/7").unwrap();
        assert!(places.take("/api/v1/webhooks/woocommerce/7").is_none());
        let _other = places.take("/api/v1/logistics/orders").unwrap();
        assert!(places.take("/dashboard/sign-in").is_some());
    }

    #[test]
    fn a_crowd_at_one_shop_takes_its_share_and_the_warehouse_has_no_share() {
        let places = Places::of_each(16);
        let shop = "/api/v1/webhooks/shopify/7";
        let (first, _second) = (places.take(shop).unwrap(), places.take(shop).unwrap());
        assert!(places.take(shop).is_none());
        assert!(places.take("/api/v1/webhooks/shopify/8").is_some(), "another tenant's");
        assert!(places.take("/api/v1/webhooks/woocommerce/7").is_some(), "another platform's");
        let _callbacks = [(); 3].map(|()| places.take("/api/v1/webhooks/mintsoft").unwrap());
        drop(first);
        let _again = places.take(shop).unwrap();
        assert_eq!(places.shops.counts().len(), 1, "who went is forgotten");
    }
}
