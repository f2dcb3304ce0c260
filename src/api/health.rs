//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;

use super::gate::Gate;
use super::problem::Problem;
use crate::postgres::{self, MIGRATOR};

/// `/healthz` and `/readyz`, outside of `/api/v1` and open to everybody; neither tells anything of anyone.
pub(super) fn router(gate: &Gate) -> Router {
    Router::new()
        .route("/healthz", axum::routing::get(alive))
        .route("/readyz", axum::routing::get(ready))
        .with_state(gate.clone())
}

async fn alive() -> Response {
    Json(json!({"status": "alive"})).into_response()
}

/// The database answers, to the service and to readers for tenants; its tables are those of this build; and every part of
/// the background work turns.
async fn ready(State(gate): State<Gate>) -> Result<Response, Problem> {
    postgres::ping(&gate.pool).await?;
    gate.reader.ping().await?;
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
    let migrated: bool =
        sqlx::query_scalar("select exists (select from _sqlx_migrations where version = $1 and success)")
            .bind(newest)
            .fetch_one(&gate.pool)
            .await?;
    if !migrated {
        return Err(Problem::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "migrations_missing",
            "the database's tables are older than this build; run `ledger migrate`",
        ));
    }
    let silent = gate.pulse.silent();
    if !silent.is_empty() {
        let detail =
            format!("background work has stopped turning ({}); restart the service", silent.join(", "));
        return Err(Problem::of(StatusCode::SERVICE_UNAVAILABLE, "worker_silent", detail));
    }
    Ok(Json(json!({"status": "ready"})).into_response())
}
