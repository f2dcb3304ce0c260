//! Which pages of other origins may call the API from a browser: those that are named in the settings, exactly, and no other.
//! They prove themselves with a key or a token as every program does; cookies are never taken from them, so that no session
//! of the pages works for another page.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::limits::WEBHOOKS;

/// Where such pages may ask.
const OPENED: &str = "/api/v1/";

/// What they may send, and what they may read, besides what every page may.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const SENT: &str = "accept-language, authorization, content-type, idempotency-key, if-none-match, last-event-id, \
                    x-api-key, x-request-id";
const READ: &str = "content-disposition, document-differs-since, etag, location, ratelimit-limit, ratelimit-policy, \
                    ratelimit-remaining, ratelimit-reset, repr-digest, retry-after, x-request-id";

/// How long a browser may remember what it was told, in seconds.
const REMEMBERED: &str = "600";

/// An origin, as browsers name it: `https://app.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// What is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give an origin as https://app.example.com, without a path or a slash at the end")]
pub struct NoOrigin;

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let url = Url::parse(text).map_err(|_| NoOrigin)?;
        let is_web = matches!(url.scheme(), "http" | "https");
        if is_web && url.origin().ascii_serialization() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoOrigin)
        }
    }
}

/// The origins whose pages may call. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[Origin]>);

impl From<Vec<Origin>> for Origins {
    fn from(origins: Vec<Origin>) -> Self {
        Self(origins.into())
    }
}

impl Origins {
    /// Whether no page may.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The origin of the request, if its pages may call.
    fn admitted(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let given = headers.get(header::ORIGIN)?;
        self.0.iter().any(|origin| origin.0.as_bytes() == given.as_bytes()).then(|| given.clone())
    }
}

/// Answers browsers that ask beforehand, and says with each answer whether its page may read it.
pub(super) async fn open_to(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with(OPENED) || path.starts_with(WEBHOOKS) {
        return next.run(request).await;
    }
    let admitted = origins.admitted(request.headers());
    let asks_beforehand = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if admitted.is_some() && asks_beforehand {
        let mut response = StatusCode::NO_CONTENT.into_response();
        say(&mut response, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        say(&mut response, header::ACCESS_CONTROL_ALLOW_HEADERS, SENT);
        say(&mut response, header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        response
    } else {
        next.run(request).await
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = admitted {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        say(&mut response, header::ACCESS_CONTROL_EXPOSE_HEADERS, READ);
    }
    response
}

fn say(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for good in ["https://app.example.com", "http://localhost:3000", "https://xn--nio-8ma.example"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in
            ["*", "null", "app.example.com", "https://app.example.com/", "https://app.example.com:443", ""]
        {
            assert_eq!(bad.parse::<Origin>(), Err(NoOrigin), "{bad}");
        }
    }
}
