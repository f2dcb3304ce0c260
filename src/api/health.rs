//! Whether the process lives, and whether it can serve.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::gate::Gate;
use super::problem::Problem;
use crate::postgres::{self, MIGRATOR};

/// How old a check of readiness may be: however many ask, the database is asked once in that time.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// When readiness was checked, and what came of it.
type CheckedReadiness = (Instant, Result<(), Problem>);

/// Whether the service can serve, as it was last found out, by one for all who ask.
#[derive(Clone)]
struct Readiness {
    gate: Gate,
    last: Arc<Mutex<Option<CheckedReadiness>>>,
}

/// `/healthz` and `/readyz`, outside of `/api/v1` and open to everybody; neither tells anything of anyone.
pub(super) fn router(gate: &Gate) -> Router {
    Router::new()
        .route("/healthz", axum::routing::get(alive))
        .route("/readyz", axum::routing::get(ready))
        .with_state(Readiness { gate: gate.clone(), last: Arc::default() })
}

async fn alive() -> Response {
    Json(json!({"status": "alive"})).into_response()
}

async fn ready(State(readiness): State<Readiness>) -> Result<Response, Problem> {
    let mut last = readiness.last.lock().await;
    let outcome = match &*last {
        Some((at, outcome)) if at.elapsed() < HOLDS_FOR => outcome.clone(),
        _ => {
            let outcome = check(&readiness.gate).await;
            *last = Some((Instant::now(), outcome.clone()));
            outcome
        }
    };
    outcome.map(|()| Json(json!({"status": "ready"})).into_response())
}

/// The database answers, to the service and to readers for tenants; its tables are those of this build; and every part of
/// the background work turns.
async fn check(gate: &Gate) -> Result<(), Problem> {
    postgres::ping(&gate.pool).await?;
    gate.reader.ping().await?;
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or_default();
    let migrated: bool =
        sqlx::query_scalar("select exists (select from _sqlx_migrations where version = $1 and success)")
            .bind(newest)
            .fetch_one(&gate.pool)
            .await?;
    let retry = |problem: Problem| problem.header(header::RETRY_AFTER, HeaderValue::from_static("5"));
    if !migrated {
        return Err(retry(Problem::of(
            StatusCode::SERVICE_UNAVAILABLE,
            "migrations_missing",
            "the database's tables are older than this build; run `ledger migrate`",
        )));
    }
    let silent = gate.pulse.silent();
    if !silent.is_empty() {
        let detail =
            format!("background work has stopped turning ({}); restart the service", silent.join(", "));
        return Err(retry(Problem::of(StatusCode::SERVICE_UNAVAILABLE, "worker_silent", detail)));
    }
    Ok(())
}
