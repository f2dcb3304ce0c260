//! What frames every request: an id, one line in the log, a time limit, and an answer even to a panic. The log line has
//! neither the query, which may carry a callback's token, nor any header or body.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use tracing::Instrument as _;

use super::problem::Problem;
use crate::clock;
use crate::words::Language;

/// The largest JSON body that is taken, in bytes.
pub(super) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The longest address, with its query, and the most of headers together, in bytes.
const ADDRESS_BYTES_MAX: usize = 8 * 1024;
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// Answers smaller than this are sent as they are; compressing them would cost more than it saves.
const COMPRESSED_FROM_BYTES: u16 = 1024;

/// The longest id that a caller may give its request, and the longest path in the log.
const ID_MAX: usize = 64;
const PATH_MAX: usize = 200;

/// The id of a request: the caller's own `X-Request-Id` where it is plain, else a fresh one. It correlates the log, the
/// events and the caller's own records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    fn of(headers: &HeaderMap) -> Self {
        let plain =
            |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.' | b':');
        let given = headers.get("x-request-id").and_then(|value| value.to_str().ok());
        let fits = |text: &&str| !text.is_empty() && text.len() <= ID_MAX && text.bytes().all(plain);
        Self(given.filter(fits).map_or_else(|| clock::new_id().to_string(), str::to_owned))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self::of(&parts.headers)))
    }
}

/// Frames all routes of `router`.
pub(super) fn framed(router: Router, time_limit: Duration) -> Router {
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(COMPRESSED_FROM_BYTES).and(is_json)))
        .layer(from_fn_with_state(time_limit, frame))
}

/// JSON answers of some size are compressed. Streams are not: their sender decides when a piece leaves. Pages are
/// compressed by their own room, which masks the secret in them anew each time: what compresses well beside a secret tells of it.
fn is_json(_status: StatusCode, _version: Version, headers: &HeaderMap, _more: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind == "application/json" || kind == "application/problem+json"
}

async fn frame(State(time_limit): State<Duration>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    let path: String = request.uri().path().chars().take(PATH_MAX).collect();
    // Who calls is known behind the gate, and written in there.
    let actor = tracing::field::Empty;
    let span = tracing::info_span!("request", id = id.0, method = %request.method(), path, actor);
    request.extensions_mut().insert(id.clone());
    let language = language_of(request.headers());
    let refused = too_long(&request);
    let answer = async {
        let response = match refused {
            Some(problem) => problem.into_response(),
            None => next.run(request).await,
        };
        in_language(response, language)
    };
    answered(id, time_limit, answer).instrument(span).await
}

/// The cookie in which the pages keep the language that a reader chose.
pub const LANGUAGE_COOKIE: &str = "language";

/// The language that a reader of the pages chose, if any.
pub fn language_chosen(headers: &HeaderMap) -> Option<Language> {
    CookieJar::from_headers(headers).get(LANGUAGE_COOKIE).and_then(|cookie| cookie.value().parse().ok())
}

/// The language that the caller asks for, if it is one of ours.
pub fn language_asked(headers: &HeaderMap) -> Option<Language> {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.and_then(Language::preferred)
}

fn language_of(headers: &HeaderMap) -> Language {
    language_asked(headers).unwrap_or(Language::English)
}

/// A problem in that language; any other answer as it is.
fn in_language(mut response: Response, language: Language) -> Response {
    if language == Language::English {
        return response;
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut told = problem.answered_in(language);
    // What other layers added stays, but for what is of the body that was.
    let of_the_body = [header::CONTENT_LENGTH, header::CONTENT_ENCODING];
    for (name, value) in response.headers() {
        if !told.headers().contains_key(name) && !of_the_body.contains(name) {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    told
}

/// Refuses an address or headers beyond what is taken.
fn too_long(request: &Request) -> Option<Problem> {
    let address = request.uri().path_and_query().map_or(0, |all| all.as_str().len());
    if address > ADDRESS_BYTES_MAX {
        let told = "the address is longer than 8 KiB; ask for fewer filters at once";
        return Some(Problem::of(StatusCode::URI_TOO_LONG, "uri_too_long", told));
    }
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let told = "the headers are larger than 32 KiB together; send fewer";
    (headers > HEADER_BYTES_MAX)
        .then(|| Problem::of(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", told))
}

async fn answered(id: RequestId, time_limit: Duration, answer: impl Future<Output = Response>) -> Response {
    let begun = Instant::now();
    let mut response = match tokio::time::timeout(time_limit, answer).await {
        Ok(response) => response,
        Err(_) => Problem::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "timed_out",
            "this took too long and was given up; ask for less, or try again later",
        )
        .header(header::RETRY_AFTER, HeaderValue::from_static("5"))
        .into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(status = response.status().as_u16(), latency_ms, "answered");
    response
}

/// The panic's own message is logged by the runtime; it is not for the caller.
fn answer_panic(_cause: Box<dyn Any + Send>) -> Response {
    Problem::internal(&Panicked).into_response()
}

#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_of_the_caller_is_kept_and_any_other_replaced() {
        let id = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_static(value));
            RequestId::of(&headers).0
        };
        assert_eq!(id("host:2026-11.7_a"), "host:2026-11.7_a");
        assert_eq!(id("").len(), 36);
        assert_eq!(id("with space").len(), 36);
        assert_eq!(RequestId::of(&HeaderMap::new()).0.len(), 36);
    }
}
