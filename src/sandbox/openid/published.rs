//! What everybody may read of the provider: its discovery document and its keys.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::state::OpenIdHandle;

pub(super) fn routes() -> Router<OpenIdHandle> {
    Router::new().route("/.well-known/openid-configuration", get(discovery)).route("/jwks", get(keys))
}

async fn discovery(State(provider): State<OpenIdHandle>) -> Result<Json<Value>, StatusCode> {
    let state = provider.lock();
    if state.is_away {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let issuer = &state.issuer;
    Ok(Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end_session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "auth_time", "name", "email"],
    })))
}

async fn keys(State(provider): State<OpenIdHandle>) -> Result<Json<Value>, StatusCode> {
    let is_away = {
        let mut state = provider.lock();
        state.key_fetches += 1;
        state.is_away
    };
    if is_away { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(Json(provider.key_set())) }
}
