//! Signing in at the OpenID provider and coming back, signing out, and choosing the brand that is looked at.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::CookieJar;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use logistics_domain::TenantId;
use serde::Deserialize;

use super::form::Posted;
use super::page::{Frame, Page, Section, addressed};
use super::preferences::{Preferences, inside};
use super::session::SignInState;
use super::visitor::Visitor;
use crate::access::{
    AccessError, Attempt, Principal, SignIn, SignInError, begin_session, choose_tenant, end_session,
};
use crate::api::{NoParameters, Problem, Query};

/// Where the provider sends people back to, and where they stand after they signed out.
const SIGN_IN: &str = "/dashboard/sign-in";
const SIGNED_OUT: &str = "/dashboard/sign-in?left=yes";

/// Where those go on who came by an account that nobody knows here, which the provider would give again.
pub(super) const OTHER_ACCOUNT: &str = "/dashboard/sign-in/other";

/// What an attempt is sealed for.
const ATTEMPT: &str = "sign_in_attempt";

/// The cookie of an attempt. Several at once in one browser: the last one counts.
const ATTEMPT_COOKIE: &str = "ledger_sign_in";
const ATTEMPT_COOKIE_SECURE: &str = "__Host-ledger_sign_in";

pub(super) fn routes(state: SignInState) -> Router {
    Router::new()
        .route(SIGN_IN, get(welcome))
        .route("/dashboard/sign-in/begin", get(begin))
        .route(OTHER_ACCOUNT, get(begin_as_another))
        .route("/dashboard/sign-in/return", get(come_back))
        .route("/dashboard/sign-out", post(sign_out))
        .route("/dashboard/brand", post(choose_brand))
        .with_state(state)
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct WelcomePage {
    frame: Frame,
    begin: String,
    has_left: bool,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct LeavingPage {
    frame: Frame,
    next: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    next: Option<String>,
    left: Option<String>,
    /// What was given along to the provider's sign-out, and comes back with the person.
    state: Option<String>,
}

/// The page before sign-in, with one button. One who is signed in already goes on.
async fn welcome(
    visitor: Result<Visitor, Problem>,
    preferences: Preferences,
    uri: Uri,
    Query(wish): Query<Wish>,
) -> Response {
    let next = inside(wish.next.as_deref());
    if visitor.is_ok() {
        return Redirect::to(&next).into_response();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let begin = format!("{SIGN_IN}/begin?next={next}");
    let frame = Frame::plain(preferences, preferences.words.sign_in_title(), Section::None, uri.to_string());
    Page(WelcomePage { frame, begin, has_left: wish.left.is_some() || wish.state.is_some() }).into_response()
}

/// Off to the provider. What must match when the person comes back is sealed in a cookie, so that nobody else's answer
/// can be slipped in, and nothing is stored for visitors who never return.
async fn begin(
    State(state): State<SignInState>,
    cookies: CookieJar,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let (url, attempt) = state.sign_in()?.begin(inside(wish.next.as_deref()), None).await?;
    let cookie = state.cookie(state.attempt_cookie(), state.seal(&attempt)?);
    Ok((cookies.add(cookie), Redirect::to(url.as_str())).into_response())
}

/// Off to the provider, which lets the person choose another account. A session here of somebody who is not let in any more ends;
/// who is in stays.
async fn begin_as_another(
    State(state): State<SignInState>,
    visitor: Result<Visitor, Problem>,
    headers: HeaderMap,
    cookies: CookieJar,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    match visitor {
        Ok(_) => return Ok(Redirect::to(&inside(None)).into_response()),
        // Who looks could not be found out.
        Err(problem) if problem.status().is_server_error() => return Err(problem),
        Err(_) => {}
    }
    let (url, attempt) = state.sign_in()?.begin_as_another(inside(None), SIGN_IN).await?;
    if let Some(token) = state.token(&headers) {
        end_session(&state.gate.pool, &token).await?;
    }
    let cookies = cookies.remove(state.cookie(state.settings().cookie(), String::new()));
    let cookies = match attempt {
        Some(attempt) => cookies.add(state.cookie(state.attempt_cookie(), state.seal(&attempt)?)),
        None => cookies,
    };
    Ok((cookies, Redirect::to(url.as_str())).into_response())
}

/// What the provider sends back. It may add members of its own.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

/// Back from the provider: a fresh session, whatever session the browser had before.
async fn come_back(
    State(state): State<SignInState>,
    headers: HeaderMap,
    cookies: CookieJar,
    Query(answer): Query<Answer>,
) -> Result<Response, Problem> {
    let sign_in = state.sign_in()?;
    let attempt = state.attempt(&cookies).ok_or(SignInError::Stray)?;
    let sub = sign_in.finish(&attempt, &answer.state, answer.code.as_deref()).await?;
    let (pool, now) = (&state.gate.pool, state.gate.clock.now());
    let person = Principal::person(pool, &sub).await?;
    person.over_all()?;
    if let Some(before) = state.token(&headers) {
        end_session(pool, &before).await?;
    }
    let token = begin_session(pool, state.settings(), &sub, now).await?;
    state.gate.note_sign_in(&token, &person);
    let gone = state.cookie(state.attempt_cookie(), String::new());
    let cookies = cookies.remove(gone).add(state.cookie(state.settings().cookie(), token));
    Ok((cookies, Redirect::to(&inside(Some(&attempt.next)))).into_response())
}

/// Ends the session here, and then the provider's own. The page that follows leads there, since a browser would not let
/// a form go on to another host.
async fn sign_out(
    State(state): State<SignInState>,
    headers: HeaderMap,
    cookies: CookieJar,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Response, Problem> {
    if let Some(token) = state.token(&headers) {
        end_session(&state.gate.pool, &token).await?;
    }
    let cookies = cookies.remove(state.cookie(state.settings().cookie(), String::new()));
    let next = match &state.sign_in {
        Some(sign_in) => sign_in.leave(SIGN_IN).await.map(|url| url.to_string()),
        None => None,
    };
    let Some(next) = next else { return Ok((cookies, Redirect::to(SIGNED_OUT)).into_response()) };
    let title = visit.words().signed_out_title();
    let frame = Frame::plain(visit.preferences, title, Section::None, SIGN_IN.to_owned());
    let refresh = [(header::REFRESH, format!("0; url={next}"))];
    Ok((cookies, refresh, Page(LeavingPage { frame, next })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandForm {
    tenant_id: i64,
    next: Option<String>,
}

/// Looks at another brand from now on.
async fn choose_brand(
    State(state): State<SignInState>,
    headers: HeaderMap,
    Posted { visit, form }: Posted<BrandForm>,
) -> Result<Redirect, Problem> {
    let wanted = TenantId(form.tenant_id);
    let visitor = &visit.visitor;
    let is_own = visitor.brands.iter().any(|brand| brand.id == wanted);
    let is_staff = visitor.caller.tenant().is_none();
    let may_look = is_own || (is_staff && state.gate.tenancy.find_tenant(wanted).await?.is_some());
    if !may_look {
        return Err(AccessError::NoSuchTenant.into());
    }
    if let Some(token) = state.token(&headers) {
        choose_tenant(&state.gate.pool, &token, wanted).await?;
    }
    let next = inside(form.next.as_deref());
    // The page names the brand, so that it stays there while another one is chosen elsewhere.
    let is_of_a_brand = next.starts_with("/dashboard/orders") && !next.contains("tenant_id=");
    let query = format!("tenant_id={wanted}");
    Ok(Redirect::to(&addressed(&next, Some(query.as_str()).filter(|_| is_of_a_brand))))
}

impl SignInState {
    fn sign_in(&self) -> Result<&Arc<SignIn>, Problem> {
        let told =
            "nobody can sign in here, since no OpenID provider is set up; the platform's staff set it up";
        self.sign_in.as_ref().ok_or_else(|| Problem::of(StatusCode::NOT_FOUND, "sign_in_not_set_up", told))
    }

    const fn attempt_cookie(&self) -> &'static str {
        if self.settings().secure { ATTEMPT_COOKIE_SECURE } else { ATTEMPT_COOKIE }
    }

    fn seal(&self, attempt: &Attempt) -> Result<String, Problem> {
        let plain = serde_json::to_vec(attempt).map_err(|error| Problem::internal(&error))?;
        Ok(URL_SAFE_NO_PAD.encode(self.ring.seal(ATTEMPT, &plain)))
    }

    /// The attempt that this browser began, if it is one of ours.
    fn attempt(&self, cookies: &CookieJar) -> Option<Attempt> {
        let sealed = URL_SAFE_NO_PAD.decode(cookies.get(self.attempt_cookie())?.value()).ok()?;
        serde_json::from_slice(&self.ring.open(ATTEMPT, &sealed).ok()?).ok()
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let told = error.to_string();
        match &error {
            SignInError::Away(_) => Self::unavailable("sign_in_away", &told, &error),
            SignInError::Stray => Self::of(StatusCode::BAD_REQUEST, "sign_in_stray", told),
            SignInError::Refused => Self::of(StatusCode::FORBIDDEN, "sign_in_refused", told),
            SignInError::Unproved => Self::of(StatusCode::FORBIDDEN, "sign_in_unproved", told),
        }
    }
}
