//! A forced sync: asked for, and followed with a progress bar until it ends.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use logistics_domain::TenantId;
use uuid::Uuid;

use super::{Admin, AdminChrome, StaffVisit, require_staff};
use crate::api::{NoParameters, Path, Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Posted, Section};
use crate::sync::health::recent_runs;
use crate::sync::runs::{self, Asked, SyncRun};
use crate::tenancy::{LogisticsConfig, TenancyError};
use crate::words::{Said, with_its_words};

#[derive(Template)]
#[template(path = "admin/run.html")]
struct RunPage {
    frame: Frame,
    around: AdminChrome,
    view: RunView,
}

/// The bar alone, for the page that follows the run.
#[derive(Template)]
#[template(path = "admin/run_bar.html")]
struct RunBar {
    frame: Frame,
    view: RunView,
}

struct RunView {
    tenant: i64,
    /// What the tenant is called.
    brand: String,
    error: Option<Said>,
    run: SyncRun,
    is_under_way: bool,
    /// How many pages the last run that ended well had; nought where there was none.
    pages_expected: i32,
    asked: Moment,
    ended: Option<Moment>,
}

/// Has the tenant's account read at once, or leads to the run that is under way.
pub(super) async fn start(
    State(admin): State<Admin>,
    Path(tenant): Path<i64>,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let config = config_of(&admin, tenant).await?;
    let found = admin.gate.tenancy.find_tenant(config.tenant_id).await?;
    config.require_reading(&found.ok_or(TenancyError::UnknownTenant)?)?;
    let account = config.account_id;
    let now = admin.gate.clock.now();
    let asked = runs::ask(&admin.sources.pool, account, &visit.visitor.caller.actor(), now).await?;
    let (Asked::Queued(run) | Asked::UnderWay(run)) = asked;
    Ok(Redirect::to(&format!("/dashboard/admin/tenants/{tenant}/sync/{}", run.run_id)))
}

pub(super) async fn show(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Path((tenant, run_id)): Path<(i64, Uuid)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let account = config_of(&admin, tenant).await?.account_id;
    let mut connection = admin.sources.pool.acquire().await?;
    let unknown = || Problem::not_found("sync_run_unknown", "there is no such run of this tenant's account");
    let run = runs::find(&mut *connection, account, run_id).await?.ok_or_else(unknown)?;
    let (_, before) = recent_runs(&mut connection, account, 0, 20).await?;
    drop(connection);
    let last_done = before.iter().find(|other| other.state == "done" && other.run_id != run.run_id);
    let w = visit.words();
    let known = admin.gate.tenancy.find_tenant(TenantId(tenant)).await?;
    let view = RunView {
        tenant,
        brand: known.map_or_else(|| tenant.to_string(), |known| known.name),
        error: run.error.as_deref().map(|error| with_its_words(w, error)),
        is_under_way: matches!(run.state.as_str(), "queued" | "running"),
        pages_expected: last_done.map_or(0, |last| last.pages.max(run.pages)),
        asked: visit.moment(run.created_at),
        ended: run.finished_at.map(|at| visit.moment(at)),
        run,
    };
    let frame = visit.frame(w.admin_run_title(), Section::Admin);
    if visit.wanted.as_deref() == Some("run") {
        return Ok(Page(RunBar { frame, view }).into_response());
    }
    Ok(Page(RunPage { frame, around: AdminChrome::of(w, "tenants", None), view }).into_response())
}

async fn config_of(admin: &Admin, tenant: i64) -> Result<LogisticsConfig, Problem> {
    let told = "the tenant's logistics are not configured; configure them first";
    let missing = || Problem::of(StatusCode::CONFLICT, "logistics_config_missing", told);
    let config = admin.gate.tenancy.find_config(TenantId(tenant)).await?;
    config.ok_or_else(missing)
}
