//! `/tenants/{tenant_id}/logistics/sync`: has the tenant's account read at once, and tells how that goes. An account is
//! read for all its tenants, one run at a time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::accounts::{PageQuery, RunPage};
use super::extract::{NoParameters, Path, Query};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Right};
use crate::sync::Sources;
use crate::sync::health::recent_runs;
use crate::sync::runs::{self, Asked, SyncRun};
use crate::tenancy::{LogisticsConfig, TenancyError, find_config};

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    let syncs = Syncs { gate: gate.clone(), sources: Arc::clone(sources) };
    Routes::behind(gate).tenant(Right::Sync, routes!(start, list), syncs.clone()).tenant(
        Right::Sync,
        routes!(show),
        syncs,
    )
}

/// What the endpoints work with. Cloning shares it.
#[derive(Clone)]
struct Syncs {
    gate: Gate,
    sources: Arc<Sources>,
}

/// A reading of the account that was asked for.
#[derive(Serialize, ToSchema)]
struct QueuedRun {
    /// The id of the run.
    run_id: Uuid,
    /// How it goes: `queued`.
    state: String,
}

/// Has the tenant's account read at once.
#[utoipa::path(post, path = "/tenants/{tenant_id}/logistics/sync", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 202, description = "The run is queued", body = QueuedRun,
        headers(("Location" = String, description = "The address of the run, which tells how it goes")))))]
async fn start(
    State(syncs): State<Syncs>,
    scope: Scope,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let mut reading = syncs.gate.reader.of(scope.tenant()).await?;
    let config = config_of(&mut reading, scope).await?;
    drop(reading);
    let tenant = syncs.sources.tenancy.find_tenant(scope.tenant()).await?;
    config.require_reading(&tenant.ok_or(TenancyError::UnknownTenant)?)?;
    let account = config.account_id;
    match runs::ask(&syncs.sources.pool, account, &caller.actor(), syncs.sources.clock.now()).await? {
        Asked::Queued(run) => {
            let location = format!("/api/v1/tenants/{}/logistics/sync/{}", scope.tenant(), run.run_id);
            let location = HeaderValue::try_from(location).map_err(|error| Problem::internal(&error))?;
            let body = Json(QueuedRun { run_id: run.run_id, state: run.state });
            Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
        }
        Asked::UnderWay(run) => {
            let told = format!("a sync is {} already; look at run {}", run.state, run.run_id);
            Err(Problem::of(StatusCode::CONFLICT, "sync_under_way", told)
                .with("run_id", run.run_id.to_string()))
        }
    }
}

/// The runs of the tenant's account, the latest first.
#[utoipa::path(get, path = "/tenants/{tenant_id}/logistics/sync", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant"), PageQuery),
    responses((status = 200, description = "A page of runs", body = RunPage),
        (status = 409, description = "The tenant's logistics are not configured")))]
async fn list(
    State(syncs): State<Syncs>,
    scope: Scope,
    Query(page): Query<PageQuery>,
) -> Result<Json<RunPage>, Problem> {
    let (skip, limit) = page.read()?;
    let mut reading = syncs.gate.reader.of(scope.tenant()).await?;
    let account = config_of(&mut reading, scope).await?.account_id;
    let (total, items) = recent_runs(&mut reading, account, skip, limit).await?;
    Ok(Json(RunPage { total, items, skip, limit }))
}

/// How a run goes.
#[utoipa::path(get, path = "/tenants/{tenant_id}/logistics/sync/{run_id}", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant"), ("run_id" = Uuid, Path, description = "The run")),
    responses((status = 200, description = "The run", body = SyncRun),
        (status = 409, description = "The tenant's logistics are not configured")))]
async fn show(
    State(syncs): State<Syncs>,
    scope: Scope,
    Path((_, run_id)): Path<(i64, Uuid)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<SyncRun>, Problem> {
    let mut reading = syncs.gate.reader.of(scope.tenant()).await?;
    let account = config_of(&mut reading, scope).await?.account_id;
    let unknown = || Problem::not_found("sync_run_unknown", "there is no such run of this tenant's account");
    runs::find(&mut *reading, account, run_id).await?.map(Json).ok_or_else(unknown)
}

async fn config_of(reading: &mut PgConnection, scope: Scope) -> Result<LogisticsConfig, Problem> {
    let told = "the tenant's logistics are not configured; POST its logistics-config first";
    let missing = || Problem::of(StatusCode::CONFLICT, "logistics_config_missing", told);
    let config = find_config(reading, scope.tenant()).await?.ok_or_else(missing)?;
    Ok(config)
}
