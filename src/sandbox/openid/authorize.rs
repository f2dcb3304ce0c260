//! The page on which a person chooses who to be, and the way back to the service with a code; and signing out.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use url::Url;

use super::pages;
use super::state::{Code, OpenIdHandle};
use crate::clock;

/// The length of a challenge by S256.
const CHALLENGE_LETTERS: usize = 43;

pub(super) fn routes() -> Router<OpenIdHandle> {
    Router::new().route("/authorize", get(authorize)).route("/end_session", get(end_session))
}

/// What a service asks, and, once a person has clicked, whom.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Asked {
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    redirect_uri: String,
    #[serde(default)]
    response_type: String,
    #[serde(default)]
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    /// The person who was clicked on.
    chosen: Option<String>,
}

#[derive(Deserialize)]
struct Leaving {
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

async fn authorize(State(provider): State<OpenIdHandle>, Query(asked): Query<Asked>) -> Response {
    let mut state = provider.lock();
    if state.is_away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let known = state.client(&asked.client_id);
    let back = known.and_then(|client| client.redirect_uris.iter().find(|uri| **uri == asked.redirect_uri));
    let Some(back) = back.and_then(|uri| Url::parse(uri).ok()) else {
        // Sending a person on to an address that nobody registered would make this an open redirect.
        return pages::refusal("unknown client_id or redirect_uri");
    };
    let challenge = match asked.fault() {
        Ok(challenge) => challenge,
        Err((error, told)) => return asked.back(back, &[("error", error), ("error_description", told)]),
    };
    let Some(chosen) = &asked.chosen else {
        return pages::choice(&state.people, &asked);
    };
    if !state.people.iter().any(|person| person.sub == *chosen) {
        return asked.back(back, &[("error", "access_denied")]);
    }
    let code = hex::encode(clock::random_bytes::<24>());
    let kept = Code {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge,
        nonce: asked.nonce.clone(),
        sub: chosen.clone(),
        made_at: provider.clock.now(),
    };
    state.keep(code.clone(), kept);
    asked.back(back, &[("code", &code)])
}

impl Asked {
    /// The challenge, or what is wrong with the question.
    fn fault(&self) -> Result<String, (&'static str, &'static str)> {
        if self.response_type != "code" {
            return Err(("unsupported_response_type", "only code is supported"));
        }
        if !self.scope.split(' ').any(|scope| scope == "openid") {
            return Err(("invalid_scope", "the scope openid is missing"));
        }
        if self.prompt.as_deref() == Some("none") {
            return Err(("login_required", "nobody is signed in here"));
        }
        match (&self.code_challenge, self.code_challenge_method.as_deref()) {
            (Some(challenge), Some("S256")) if challenge.len() == CHALLENGE_LETTERS => Ok(challenge.clone()),
            _ => Err(("invalid_request", "PKCE with S256 is required")),
        }
    }

    fn back(&self, mut to: Url, answer: &[(&str, &str)]) -> Response {
        to.query_pairs_mut().extend_pairs(answer);
        if let Some(state) = &self.state {
            to.query_pairs_mut().append_pair("state", state);
        }
        Redirect::to(to.as_str()).into_response()
    }
}

/// Nobody stays signed in here, so there is nothing to end but the visit.
async fn end_session(State(provider): State<OpenIdHandle>, Query(leaving): Query<Leaving>) -> Response {
    let state = provider.lock();
    let allowed = |uri: &String| {
        let clients = state.clients.iter();
        let mut meant =
            clients.filter(|client| leaving.client_id.as_ref().is_none_or(|id| *id == client.client_id));
        meant.any(|client| client.post_logout_redirect_uris.contains(uri))
    };
    let Some(mut to) = leaving
        .post_logout_redirect_uri
        .as_ref()
        .filter(|uri| allowed(uri))
        .and_then(|uri| Url::parse(uri).ok())
    else {
        return pages::signed_out();
    };
    if let Some(state) = &leaving.state {
        to.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(to.as_str()).into_response()
}
