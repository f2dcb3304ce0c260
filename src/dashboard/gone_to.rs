//! What goes wrong where a browser itself goes to the API, to take a file or to show a document: its reader sees a page in
//! their language, and not what is meant for programs, who see no change. Absent: problems of the pages themselves (`error`).

use askama::Template;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::error::{PROBLEM_BYTES_MAX, is_problem, order_of};
use super::page::{Frame, Page, Section};
use super::preferences::{Preferences, inside};

/// As that of every page, but that a page of ours may show it in a frame.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'self'";

/// By what else than the headers of every page it is chosen.
const VARY: &str = "Sec-Fetch-Dest, Accept, Accept-Language";

/// Headers that are of the problem's own text.
const OF_THE_TEXT: [header::HeaderName; 3] =
    [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_LANGUAGE];

#[derive(Template)]
#[template(path = "gone_to.html")]
struct FailedPage {
    frame: Frame,
    detail: String,
    request_id: Option<String>,
    /// Whether it stands in a frame of another page, which has the ways on.
    is_framed: bool,
    may_try_again: bool,
    /// Where to sign in, if that helps.
    sign_in: Option<String>,
    /// The page that led there, and whether that is of an order.
    back: String,
    is_of_order: bool,
}

/// As much of a problem as the page needs.
#[derive(Deserialize)]
struct Refusal {
    code: String,
    detail: String,
}

/// Whether a browser that keeps the cookie of a session goes to the API itself, as by a link, and no script of a page does.
pub(super) fn is_gone_to(request: &Request, session_cookie: &str) -> bool {
    let headers = request.headers();
    let goes = match told(headers, "sec-fetch-dest") {
        Some(shown_in) => matches!(shown_in, "document" | "iframe" | "frame"),
        None => told(headers, header::ACCEPT.as_str()).is_some_and(|kinds| kinds.starts_with("text/html")),
    };
    goes && request.method().is_safe()
        && request.uri().path().starts_with("/api/v1/")
        && CookieJar::from_headers(headers).get(session_cookie).is_some()
}

/// Makes a page of whatever problem comes out of the API.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // A problem is read here, and written anew.
    parts.headers.remove(header::ACCEPT_ENCODING);
    let preferences = Preferences::of(&parts);
    let is_framed = told(&parts.headers, "sec-fetch-dest").is_some_and(|shown_in| shown_in != "document");
    let led_by = told(&parts.headers, header::REFERER.as_str()).and_then(|page| page.parse::<Uri>().ok());
    let back = inside(led_by.as_ref().and_then(Uri::path_and_query).map(PathAndQuery::as_str));
    let address = parts.uri.to_string();
    let response = next.run(Request::from_parts(parts, body)).await;
    if !is_problem(&response) {
        return response;
    }
    let (answer, body) = response.into_parts();
    let bytes = to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let (status, w) = (answer.status, preferences.words);
    let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let page = FailedPage {
        frame: Frame::plain(preferences, w.error_title(status.as_u16()), Section::None, address),
        detail: match serde_json::from_slice::<Refusal>(&bytes) {
            Ok(refusal) => match refusal.code.as_str() {
                // People read no headers.
                "rate_limited" => w.page_rate_limited(),
                "overloaded" => w.page_overloaded(),
                code => w.problem(code, &[]).unwrap_or(refusal.detail),
            },
            Err(_) => w.error_unknown(),
        },
        request_id: told(&answer.headers, "x-request-id").map(str::to_owned),
        is_framed,
        may_try_again: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        sign_in: (status == StatusCode::UNAUTHORIZED).then(|| format!("/dashboard/sign-in?next={next}")),
        is_of_order: order_of(&back).is_some(),
        back,
    };
    let mut response = (status, Page(page)).into_response();
    let headers = response.headers_mut();
    for (name, value) in answer.headers.iter().filter(|(name, _)| !OF_THE_TEXT.contains(name)) {
        headers.append(name, value.clone());
    }
    headers.append(header::VARY, HeaderValue::from_static(VARY));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn told<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
