//! Problems as pages: what happened in the reader's words, what to do, and ways on. And the headers that every page has.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts as _, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::page::{BY_ITSELF, Frame, Page, Section, Visit, page_of};
use super::preferences::{Preferences, inside};
use super::sign_in::OTHER_ACCOUNT;
use crate::api::{Problem, RequestId};

/// Nothing foreign is loaded, nothing written into a page is run, and no page stands in another's frame.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                      frame-ancestors 'none'";

/// What a page keeps of the headers of the problem that it tells.
const KEPT: [&str; 4] = ["x-request-id", "x-content-type-options", "cache-control", "retry-after"];

/// Problems that leave the order itself to be looked at.
const LEAVES_THE_ORDER: [&str; 3] = ["order_unknown_then", "evidence_unknown", "instant_unreadable"];

/// Problems of who is known at the provider and may not come in: it would give the same account again.
const NOT_LET_IN: [&str; 3] = ["person_unknown", "person_inactive", "tenant_inactive"];

/// The most bytes of a problem.
pub(super) const PROBLEM_BYTES_MAX: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    detail: String,
    request_id: Option<String>,
    /// The ways on, the likeliest first.
    ways: Vec<Way>,
}

/// A way on from a problem.
struct Way {
    href: String,
    text: String,
}

/// What went wrong, as a notice for a part of a page.
#[derive(Template)]
#[template(path = "error_notice.html")]
struct ErrorNotice {
    frame: Frame,
    detail: String,
    /// The field that it is about.
    field: Option<String>,
    /// Where to sign in, for what was not sent since nobody is signed in.
    sign_in: Option<String>,
}

/// As much of a problem as a page needs.
#[derive(Deserialize)]
struct ProblemBody {
    code: String,
    detail: String,
    field: Option<String>,
}

/// There is no such page.
pub(super) async fn unknown() -> Problem {
    Problem::not_found("page_unknown", "there is no such page; go on from the list of orders")
}

/// Makes a page of whatever problem comes out of the pages, and gives every page its headers.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = Visit::from_request_parts(&mut parts, &()).await.ok();
    let preferences = Preferences::of(&parts);
    let asked = Asked {
        page: page_of(&parts),
        is_partial: parts.headers.contains_key("hx-request"),
        is_form: !parts.method.is_safe(),
        by_itself: parts.headers.contains_key(BY_ITSELF),
        id: parts.extensions.get().cloned(),
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    let around = if is_problem(&response) { response.headers().clone() } else { HeaderMap::new() };
    let told_id = around.get("x-request-id").and_then(|id| id.to_str().ok());
    let asked = Asked { id: asked.id.or_else(|| told_id.map(|id| RequestId(id.to_owned()))), ..asked };
    let mut response =
        if is_problem(&response) { shown(response, visit, preferences, asked).await } else { response };
    let headers = response.headers_mut();
    for (name, value) in around.iter().filter(|(name, _)| KEPT.contains(&name.as_str())) {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    headers.entry("content-security-policy").or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// What was asked for.
struct Asked {
    /// The page that stood there when it was asked for.
    page: String,
    is_partial: bool,
    /// Whether somebody sends something, who has it before them still.
    is_form: bool,
    by_itself: bool,
    id: Option<RequestId>,
}

/// The order whose page, or what belongs to it, an address names.
pub(super) fn order_of(address: &str) -> Option<Uuid> {
    address.strip_prefix("/dashboard/orders/")?.split(['/', '?']).next()?.parse().ok()
}

/// Whether it is a problem as the API tells one.
pub(super) fn is_problem(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

async fn shown(
    response: Response,
    visit: Option<Visit>,
    preferences: Preferences,
    Asked { page, is_partial, is_form, by_itself, id }: Asked,
) -> Response {
    let (parts, body) = response.into_parts();
    let status = parts.status;
    if status == StatusCode::UNAUTHORIZED {
        if by_itself {
            // Nobody is led away from what is being written; the page says that the session is over.
            return status.into_response();
        }
        let next: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        let sign_in = format!("/dashboard/sign-in?next={next}");
        if is_partial && is_form {
            // Nor is anybody who sends something: they would come back to an empty form.
            let detail = preferences.words.session_over_unsent();
            return notice(status, preferences, page, (detail, None, Some(sign_in)));
        }
        if is_partial {
            return ([("hx-redirect", sign_in)], StatusCode::OK).into_response();
        }
        return Redirect::to(&sign_in).into_response();
    }
    let bytes = to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let w = preferences.words;
    let problem = serde_json::from_slice::<ProblemBody>(&bytes);
    let code = problem.as_ref().map(|one| one.code.clone()).unwrap_or_default();
    let (detail, field) = match problem {
        Ok(problem) => {
            let detail = match (problem.code.as_str(), problem.field.as_deref()) {
                ("field_invalid", Some(field)) => w.form_field(field),
                // What is not found under the pages is a page.
                ("not_found", _) => w.problem("page_unknown", &[]).unwrap_or(problem.detail),
                // People read no headers.
                ("rate_limited", _) => w.page_rate_limited(),
                ("overloaded", _) => w.page_overloaded(),
                ("idempotency_key_reused", _) => w.page_key_reused(),
                (code, _) => w.problem(code, &[]).unwrap_or(problem.detail),
            };
            (detail, problem.field)
        }
        Err(_) => (w.error_unknown(), None),
    };
    if is_partial {
        return notice(status, preferences, page, (detail, field, None));
    }
    // Whoever signed in anew has another session than the page that they come back to.
    let title =
        if code == "form_outdated" { w.error_title_outdated() } else { w.error_title(status.as_u16()) };
    let order = order_of(&page).filter(|_| LEAVES_THE_ORDER.contains(&code.as_str())).zip(visit.as_ref());
    let order = order.map(|(id, visit)| visit.order(id, ""));
    let frame = match visit {
        Some(visit) => Frame { address: page, ..visit.frame(title, Section::None) },
        None => Frame::plain(preferences, title, Section::None, page),
    };
    let request_id = id.map(|RequestId(id)| id);
    let ways = ways_on(&frame, order, (status, &code), is_form);
    (status, Page(ErrorPage { frame, detail, request_id, ways })).into_response()
}

/// Where one can go on from a problem: to try again, to what it is about, to the page whose form it was, and to a beginning.
fn ways_on(
    frame: &Frame,
    order: Option<String>,
    (status, code): (StatusCode, &str),
    is_form: bool,
) -> Vec<Way> {
    let w = frame.w;
    let way = |href: &str, text| Way { href: href.to_owned(), text };
    let is_known = frame.signed_in.is_some();
    let mut ways = Vec::new();
    if status.is_server_error() {
        ways.push(way(&frame.address, w.try_again()));
    } else if let Some(order) = order {
        ways.push(way(&order, w.evidence_back()));
    } else if is_form && is_known && frame.address != inside(None) {
        ways.push(way(&frame.address, w.open_page_again()));
    }
    ways.push(match code {
        _ if is_known => way(&frame.orders(), w.back_to_orders()),
        // Signed in, to another brand than the address names.
        "tenant_unknown" => way(&inside(None), w.back_to_orders()),
        code if NOT_LET_IN.contains(&code) => way(OTHER_ACCOUNT, w.sign_in_as_another()),
        _ => way("/dashboard/sign-in", w.sign_in_go()),
    });
    ways
}

/// What went wrong, the field that it is about, and where to sign in if that helps: the script puts the notice where it
/// shows, instead of the part that was asked for, and the page keeps its address.
fn notice(
    status: StatusCode,
    preferences: Preferences,
    page: String,
    (detail, field, sign_in): (String, Option<String>, Option<String>),
) -> Response {
    let headers = [("hx-retarget", "#notices"), ("hx-reswap", "innerHTML"), ("hx-push-url", "false")];
    let frame = Frame::plain(preferences, "", Section::None, page);
    (status, headers, Page(ErrorNotice { frame, detail, field, sign_in })).into_response()
}
