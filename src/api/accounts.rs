//! `/accounts`: how each account at the warehouse fares, for the platform's staff, and its recent runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use logistics_domain::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{NoParameters, Path, Query, page};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::sync::Sources;
use crate::sync::health::{AccountHealth, recent_runs};
use crate::sync::runs::SyncRun;

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    let right = Right::Operate;
    Routes::behind(gate)
        .platform(right, routes!(list), Arc::clone(sources))
        .platform(right, routes!(show), Arc::clone(sources))
        .platform(right, routes!(runs), Arc::clone(sources))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl PageQuery {
    /// Where the page begins and how many rows it has.
    pub(super) fn read(&self) -> Result<(i64, i64), Problem> {
        page(self.skip, self.limit)
    }
}

#[derive(Serialize, ToSchema)]
struct AccountPage {
    total: i64,
    items: Vec<AccountHealth>,
    skip: i64,
    limit: i64,
}

/// A page of runs.
#[derive(Serialize, ToSchema)]
pub(super) struct RunPage {
    pub(super) total: i64,
    pub(super) items: Vec<SyncRun>,
    pub(super) skip: i64,
    pub(super) limit: i64,
}

/// The warehouse accounts, and how each one is doing.
#[utoipa::path(get, path = "/accounts", tag = "operations", params(PageQuery),
    responses((status = 200, description = "A page of accounts", body = AccountPage)))]
async fn list(
    State(sources): State<Arc<Sources>>,
    Query(page): Query<PageQuery>,
) -> Result<Json<AccountPage>, Problem> {
    let (skip, limit) = page.read()?;
    let (total, items) = sources.accounts_health(skip, limit).await?;
    Ok(Json(AccountPage { total, items, skip, limit }))
}

/// How one warehouse account is doing.
#[utoipa::path(get, path = "/accounts/{account_id}", tag = "operations",
    params(("account_id" = Uuid, Path, description = "The account")),
    responses((status = 200, description = "The account", body = AccountHealth)))]
async fn show(
    State(sources): State<Arc<Sources>>,
    Path(account): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<AccountHealth>, Problem> {
    sources.account_health(AccountId(account)).await?.map(Json).ok_or_else(unknown)
}

/// The runs of an account, the latest first.
#[utoipa::path(get, path = "/accounts/{account_id}/runs", tag = "operations",
    params(("account_id" = Uuid, Path, description = "The account"), PageQuery),
    responses((status = 200, description = "A page of runs", body = RunPage)))]
async fn runs(
    State(sources): State<Arc<Sources>>,
    Path(account): Path<Uuid>,
    Query(page): Query<PageQuery>,
) -> Result<Json<RunPage>, Problem> {
    let (skip, limit) = page.read()?;
    sources.account_health(AccountId(account)).await?.ok_or_else(unknown)?;
    let (total, items) =
        recent_runs(&mut *sources.pool.acquire().await?, AccountId(account), skip, limit).await?;
    Ok(Json(RunPage { total, items, skip, limit }))
}

fn unknown() -> Problem {
    Problem::not_found("account_unknown", "there is no such account; look at the list of accounts")
}
