//! What a sender is told. Senders read the status and little else; people read the detail when they test an address.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::InboxError;
use super::arrival::Kept;
use super::body::BodyRefusal;
use crate::api::Problem;

/// How long a sender should wait while the database is away, in seconds.
const RETRY_AFTER_SECONDS: &str = "30";

/// The delivery is kept.
pub(super) fn kept(kept: Kept) -> Response {
    Json(json!({"received": true, "duplicate": kept == Kept::Before})).into_response()
}

/// The ping of a webhook that was just made. Exactly 200, since WooCommerce takes nothing else.
pub(super) fn pong() -> Response {
    Json(json!({"received": true})).into_response()
}

/// No such address: the tenant or its shop is not known here.
pub(super) fn unknown_shop() -> Response {
    let detail = "there is no such shop; check the tenant's number in the address, and that the shop's webhook \
                  secret was given";
    Problem::not_found("shop_unknown", detail).into_response()
}

/// The request does not prove that the shop sent it.
pub(super) fn not_signed() -> Response {
    let detail = "the signature is missing or does not fit the body; check that the secret is the one that signs \
                  this webhook";
    Problem::of(StatusCode::UNAUTHORIZED, "signature_invalid", detail).into_response()
}

/// The address carries no good token.
pub(super) fn bad_token() -> Response {
    let detail = "the address carries no token that was given out for this account, order and event";
    Problem::of(StatusCode::UNAUTHORIZED, "token_invalid", detail).into_response()
}

/// The body was not taken.
pub(super) fn bad_body(refusal: BodyRefusal) -> Response {
    let (status, code, detail) = match refusal {
        BodyRefusal::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "the body is larger than 2 MiB")
        }
        BodyRefusal::Broken => (StatusCode::BAD_REQUEST, "body_broken", "the body broke off; send it again"),
        BodyRefusal::Slow => {
            (StatusCode::REQUEST_TIMEOUT, "body_slow", "the body took too long; send it again")
        }
    };
    Problem::of(status, code, detail).into_response()
}

/// The delivery could not be kept, so it has to be sent again.
pub(super) fn unavailable(error: InboxError) -> Response {
    tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "a delivery was not kept");
    let detail = "the delivery could not be kept just now; send it again";
    Problem::of(StatusCode::SERVICE_UNAVAILABLE, "not_kept", detail)
        .header(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS))
        .into_response()
}
