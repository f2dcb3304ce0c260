//! What a sender is told. Senders read the status and little else; people read the detail when they test an address.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::InboxError;
use super::arrival::Kept;
use super::body::BodyRefusal;

/// How long a sender should wait while the database is away, in seconds.
const RETRY_AFTER_SECONDS: &str = "30";

/// The delivery is kept. Exactly 200, since WooCommerce takes nothing else for a ping.
pub(super) fn kept(kept: Kept) -> Response {
    Json(json!({"received": true, "duplicate": kept == Kept::Before})).into_response()
}

/// The ping of a webhook that was just made.
pub(super) fn pong() -> Response {
    Json(json!({"received": true})).into_response()
}

/// No such address: the tenant or its shop is not known here.
pub(super) fn unknown_shop() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "Not Found",
        "No such shop. Check the tenant's number in the address, and that the shop's webhook secret was given.",
    )
}

/// The request does not prove that the shop sent it.
pub(super) fn not_signed() -> Response {
    problem(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        "The signature is missing or does not fit the body. Check that the secret is the one that signs this webhook.",
    )
}

/// The address carries no good token.
pub(super) fn bad_token() -> Response {
    problem(
        StatusCode::UNAUTHORIZED,
        "Unauthorized",
        "The address carries no token that was given out for this account, order and event.",
    )
}

/// The body was not taken.
pub(super) fn bad_body(refusal: BodyRefusal) -> Response {
    match refusal {
        BodyRefusal::TooLarge => {
            problem(StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large", "The body is larger than 2 MiB.")
        }
        BodyRefusal::Broken => {
            problem(StatusCode::BAD_REQUEST, "Bad Request", "The body broke off. Send it again.")
        }
        BodyRefusal::Slow => {
            problem(StatusCode::REQUEST_TIMEOUT, "Request Timeout", "The body took too long. Send it again.")
        }
    }
}

/// The delivery could not be kept, so it has to be sent again.
pub(super) fn unavailable(error: InboxError) -> Response {
    tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "a delivery was not kept");
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "Service Unavailable",
        "The delivery could not be kept just now. Send it again.",
    );
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
    response
}

/// RFC 9457.
fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
