//! Limits on requests under way at once, one each for the API, the webhook endpoints and the pages, so that a crowd at one leaves
//! the others free; and of the API's places each tenant has a share (`shares`). A request beyond the limit gets 503 `overloaded` at
//! once. At webhook endpoints a request whose body has not come yet gives its slot to a new one (`webhook_slots`).

mod shares;
mod webhook_slots;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;

pub(super) use self::shares::Holder;
use self::shares::{Share, Shares};
use self::webhook_slots::WebhookSlots;
use super::limits::{Limits, WEBHOOKS, WebhookEndpoint, network_of};
use super::problem::Problem;
use crate::telemetry::meters;

/// Where programs ask.
const API: &str = "/api/v1/";

/// The limit of each part.
pub(super) struct ConcurrencyLimits {
    api: Semaphore,
    shares: Shares,
    webhooks: Arc<WebhookSlots>,
    pages: Semaphore,
}

impl ConcurrencyLimits {
    /// So many of each.
    pub(super) fn of_each(number: usize) -> Self {
        let limit = || Semaphore::new(number.min(Semaphore::MAX_PERMITS));
        let webhooks = Arc::new(WebhookSlots::of(number));
        Self { api: limit(), shares: Shares::of(number), webhooks, pages: limit() }
    }

    /// One more of the API's places for this holder, if its share has one.
    pub(super) fn share_of(&self, holder: Holder) -> Result<Share, Problem> {
        self.shares.take(holder).ok_or_else(|| overloaded("share"))
    }

    /// The limit for this path, which is no webhook endpoint's.
    fn of_path(&self, path: &str) -> &Semaphore {
        if path.starts_with(API) { &self.api } else { &self.pages }
    }
}

/// Turns away a request beyond the limit.
pub(super) async fn limit_concurrency(
    State(limits): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let (limits, path) = (limits.concurrency(), request.uri().path());
    let Some(endpoint) = path.strip_prefix(WEBHOOKS) else {
        let Ok(_held) = limits.of_path(path).try_acquire() else { return turned_away("at_once") };
        return next.run(request).await;
    };
    let Some(mut slot) =
        limits.webhooks.take(WebhookEndpoint::at(endpoint), network_of(request.extensions()))
    else {
        return turned_away("at_once");
    };
    let request = request.map(|body| slot.while_awaited(body));
    tokio::select! {
        biased;
        () = slot.given_away() => turned_away("gave_way"),
        response = next.run(request) => response,
    }
}

fn turned_away(by: &'static str) -> Response {
    overloaded(by).into_response()
}

fn overloaded(by: &'static str) -> Problem {
    meters::limited(by);
    let detail = "too many requests are under way; try again in a moment";
    Problem::of(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail)
        .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_at_one_part_leaves_the_others_free() {
        let limits = ConcurrencyLimits::of_each(1);
        let _slot = limits.webhooks.take(WebhookEndpoint::at("shopify/7"), None).unwrap();
        assert!(limits.webhooks.take(WebhookEndpoint::at("woocommerce/7"), None).is_none());
        let _other = limits.of_path("/api/v1/logistics/orders").try_acquire().unwrap();
        assert!(limits.of_path("/dashboard/sign-in").try_acquire().is_ok());
    }
}
