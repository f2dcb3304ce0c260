//! A code for tokens: once, in time, by the service that it was made for, with the verifier of its challenge.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::state::{Code, OpenIdClient, OpenIdHandle, State as Provider, TOKEN_VALID_S};

/// How long a code is good.
const CODE_VALID: TimeDelta = TimeDelta::seconds(60);

pub(super) fn routes() -> Router<OpenIdHandle> {
    Router::new().route("/token", post(exchange))
}

#[derive(Deserialize)]
struct Asked {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    code_verifier: Option<String>,
}

/// A refusal in the words of the standard.
struct Refused(&'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status =
            if self.0 == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        (status, Json(json!({ "error": self.0 }))).into_response()
    }
}

async fn exchange(
    State(provider): State<OpenIdHandle>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Result<Response, Refused> {
    let now = provider.clock.now();
    let mut state = provider.lock();
    if state.is_away {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    if asked.grant_type.as_deref() != Some("authorization_code") {
        return Err(Refused("unsupported_grant_type"));
    }
    let client = proved(&state, &headers, &asked)?.client_id.clone();
    // Taken whatever follows: a code that was shown once is spent.
    let code = state.take(asked.code.as_deref().unwrap_or_default()).ok_or(Refused("invalid_grant"))?;
    if !code.fits(&client, &asked, now) {
        return Err(Refused("invalid_grant"));
    }
    let tokens = tokens(&state, &client, &code, now).map_err(|_| Refused("server_error"))?;
    let mut answer = Json(tokens).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// The service that asks, proved by its secret where it has one, in the body or by HTTP Basic.
fn proved<'a>(state: &'a Provider, headers: &HeaderMap, asked: &Asked) -> Result<&'a OpenIdClient, Refused> {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(read_basic);
    let (id, secret) = match basic {
        Some((id, secret)) => (id, Some(secret)),
        None => (asked.client_id.clone().unwrap_or_default(), asked.client_secret.clone()),
    };
    let client = state.client(&id).ok_or(Refused("invalid_client"))?;
    if client.secret == secret { Ok(client) } else { Err(Refused("invalid_client")) }
}

/// Name and secret of HTTP Basic, which are form-encoded within.
fn read_basic(value: &str) -> Option<(String, String)> {
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decoded = |text: &str| {
        url::form_urlencoded::parse(text.as_bytes())
            .next()
            .map(|(name, _)| name.into_owned())
            .unwrap_or_default()
    };
    Some((decoded(id), decoded(secret)))
}

impl Code {
    fn fits(&self, client: &str, asked: &Asked, now: DateTime<Utc>) -> bool {
        let verifier = asked.code_verifier.as_deref().unwrap_or_default();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        self.client_id == client
            && asked.redirect_uri.as_deref() == Some(self.redirect_uri.as_str())
            && challenge == self.challenge
            && now - self.made_at < CODE_VALID
    }
}

fn tokens(
    state: &Provider,
    client: &str,
    code: &Code,
    now: DateTime<Utc>,
) -> Result<Value, crate::sandbox::SandboxError> {
    let (now, until) = (now.timestamp(), now.timestamp() + TOKEN_VALID_S);
    let access = json!({
        "iss": state.issuer, "sub": code.sub, "aud": state.audience, "iat": now, "exp": until,
    });
    let mut identity = json!({
        "iss": state.issuer, "sub": code.sub, "aud": client, "iat": now, "exp": until, "auth_time": now,
    });
    if let Some(nonce) = &code.nonce {
        identity["nonce"] = json!(nonce);
    }
    if let Some(person) = state.people.iter().find(|person| person.sub == code.sub) {
        identity["name"] = json!(person.name);
        identity["email"] = json!(person.email);
    }
    Ok(json!({
        "access_token": state.sign(&access)?,
        "id_token": state.sign(&identity)?,
        "token_type": "Bearer",
        "expires_in": TOKEN_VALID_S,
        "scope": "openid profile email",
    }))
}
