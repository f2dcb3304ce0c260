//! How many requests are under way at once: so many of the API, so many at the webhook endpoints, so many of the pages. What
//! comes on top is turned away at once. Each has its own places, so that a crowd at one keeps nobody from another.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

use super::limits::{DOORS, Limits};
use super::problem::Problem;
use crate::telemetry::meters;

/// Where programs ask.
const API: &str = "/api/v1/";

/// The places of each part.
pub(super) struct Places {
    api: Semaphore,
    doors: Semaphore,
    pages: Semaphore,
}

impl Places {
    /// So many of each.
    pub(super) fn of_each(number: usize) -> Self {
        let places = || Semaphore::new(number.min(Semaphore::MAX_PERMITS));
        Self { api: places(), doors: places(), pages: places() }
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

/// Turns away what comes on top of all that can be under way at once.
pub(super) async fn hold_back(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let Ok(_held) = limits.places().at(request.uri().path()).try_acquire() else {
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
        let _held = places.at("/api/v1/webhooks/shopify/7").try_acquire().unwrap();
        assert!(places.at("/api/v1/webhooks/woocommerce/7").try_acquire().is_err());
        let _other = places.at("/api/v1/logistics/orders").try_acquire().unwrap();
        assert!(places.at("/dashboard/sign-in").try_acquire().is_ok());
    }
}
