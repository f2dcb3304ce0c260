//! The provider's controls, for people with `curl`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::keys::SigningMethod;
use super::state::{OpenIdHandle, TokenSpec};

pub(super) fn routes() -> Router<OpenIdHandle> {
    Router::new()
        .route("/tokens", post(mint))
        .route("/rotate", post(rotate))
        .route("/withdraw", post(withdraw))
}

async fn mint(
    State(provider): State<OpenIdHandle>,
    Json(spec): Json<TokenSpec>,
) -> Result<Json<Value>, StatusCode> {
    let token = provider.mint(&spec).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({ "token": token })))
}

async fn rotate(State(provider): State<OpenIdHandle>) -> Result<Json<Value>, StatusCode> {
    renew(&provider, false)
}

async fn withdraw(State(provider): State<OpenIdHandle>) -> Result<Json<Value>, StatusCode> {
    renew(&provider, true)
}

fn renew(provider: &OpenIdHandle, withdraw: bool) -> Result<Json<Value>, StatusCode> {
    provider
        .rotate(SigningMethod::default(), withdraw)
        .map(|()| Json(provider.key_set()))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
