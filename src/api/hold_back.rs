//! How many requests are under way at once: so many of the API, so many at the webhook endpoints, so many of the pages. What
//! comes on top is turned away at once. Each has its own places, so that a crowd at one keeps nobody from another. At the webhook
//! endpoints, who lets us wait for a body gives way to who comes (`seats`).

mod seats;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

use self::seats::Seats;
use super::limits::{DOORS, Door, Limits, network_of};
use super::problem::Problem;
use crate::telemetry::meters;

/// Where programs ask.
const API: &str = "/api/v1/";

/// The places of each part.
pub(super) struct Places {
    api: Semaphore,
    doors: Arc<Seats>,
    pages: Semaphore,
}

impl Places {
    /// So many of each.
    pub(super) fn of_each(number: usize) -> Self {
        let places = || Semaphore::new(number.min(Semaphore::MAX_PERMITS));
        Self { api: places(), doors: Arc::new(Seats::of(number)), pages: places() }
    }

    /// The places of what is no webhook endpoint.
    fn beside_doors(&self, path: &str) -> &Semaphore {
        if path.starts_with(API) { &self.api } else { &self.pages }
    }
}

/// Turns away what comes on top of all that can be under way at once.
pub(super) async fn hold_back(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let (places, path) = (limits.places(), request.uri().path());
    let Some(door) = path.strip_prefix(DOORS) else {
        let Ok(_held) = places.beside_doors(path).try_acquire() else { return turned_away("at_once") };
        return next.run(request).await;
    };
    let Some(mut seat) = places.doors.take(Door::at(door), network_of(request.extensions())) else {
        return turned_away("at_once");
    };
    let request = request.map(|body| seat.while_awaited(body));
    tokio::select! {
        biased;
        () = seat.given_away() => turned_away("gave_way"),
        response = next.run(request) => response,
    }
}

fn turned_away(by: &'static str) -> Response {
    meters::limited(by);
    let detail = "too many requests are under way; try again in a moment";
    Problem::of(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
        .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_at_one_part_takes_no_place_of_another() {
        let places = Places::of_each(1);
        let _seat = places.doors.take(Door::at("shopify/7"), None).unwrap();
        assert!(places.doors.take(Door::at("woocommerce/7"), None).is_none());
        let _other = places.beside_doors("/api/v1/logistics/orders").try_acquire().unwrap();
        assert!(places.beside_doors("/dashboard/sign-in").try_acquire().is_ok());
    }
}
