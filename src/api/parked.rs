//! `/logistics/parked-orders`: rows of doubtful owner, with the reason, and what the platform's staff decides of them. No
//! tenant sees them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use logistics_domain::{AccountId, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Body, NoParameters, Path, Query, page, require_searchable};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Justification, Right};
use crate::sync::parked_decisions::{self, DecisionError, ParkedDecision, ParkedKey};
use crate::sync::parked_list::{self, ParkedFilter, ParkedOrder, ParkedState};

pub(super) fn routes(gate: &Gate) -> Routes {
    let right = Right::ResolveParkedOrders;
    Routes::behind(gate)
        .platform(right, routes!(list), gate.clone())
        .platform(right, routes!(show), gate.clone())
        .platform(right, routes!(assign), gate.clone())
        .platform(right, routes!(dismiss), gate.clone())
        .platform(right, routes!(restore), gate.clone())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `open` where nothing is said.
    #[param(inline)]
    state: Option<ParkedState>,
    /// Of this account only.
    account_id: Option<Uuid>,
    /// For this reason only, by its code.
    #[param(max_length = 200)]
    reason: Option<String>,
    /// In the number, in a SKU, or Mintsoft's id.
    #[param(max_length = 200)]
    search: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ParkedPage {
    total: i64,
    items: Vec<ParkedOrder>,
    skip: i64,
    limit: i64,
    /// How many match by reason, whatever reason was asked for.
    by_reason: BTreeMap<String, i64>,
}

/// A parked row and all that was decided of it.
#[derive(Serialize, ToSchema)]
struct ParkedDetail {
    #[serde(flatten)]
    order: ParkedOrder,
    /// The latest first.
    decisions: Vec<ParkedDecision>,
}

/// Whose it is, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignBody {
    /// The tenant that the order is given to.
    #[schema(minimum = 1)]
    tenant_id: i64,
    /// Why, in 1 to 500 characters; kept with the decision. Blanks at both ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    /// Why, in 1 to 500 characters; kept with the decision. Blanks at both ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Orders of doubtful owner, with the reason.
#[utoipa::path(get, path = "/logistics/parked-orders", tag = "operations", params(ListQuery),
    responses((status = 200, description = "A page of parked orders", body = ParkedPage)))]
async fn list(State(gate): State<Gate>, Query(query): Query<ListQuery>) -> Result<Json<ParkedPage>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    for (field, text) in [("search", &query.search), ("reason", &query.reason)] {
        require_searchable(field, text.as_deref().unwrap_or_default())?;
    }
    let filter = ParkedFilter {
        state: query.state.unwrap_or_default(),
        account: query.account_id,
        reason: query.reason,
        search: query.search.filter(|text| !text.trim().is_empty()),
    };
    let found = parked_list::list(&gate.pool, &filter, skip, limit).await?;
    let (total, items, by_reason) = (found.total, found.items, found.by_reason);
    Ok(Json(ParkedPage { total, items, skip, limit, by_reason }))
}

/// A parked order, whatever became of it, with all that was decided of it.
#[utoipa::path(get, path = "/logistics/parked-orders/{account_id}/{row_key}", tag = "operations",
    params(("account_id" = Uuid, Path, description = "The account"), ("row_key" = String, Path, description = "The row's key")),
    responses((status = 200, description = "The order", body = ParkedDetail)))]
async fn show(
    State(gate): State<Gate>,
    Path((account, row_key)): Path<(Uuid, String)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<ParkedDetail>, Problem> {
    detail(&gate, &key(account, row_key)?).await
}

/// Gives an order to a tenant, for good: it is read again at once and taken in, and no later reading gives it to another.
#[utoipa::path(post, path = "/logistics/parked-orders/{account_id}/{row_key}/assign", tag = "operations", request_body = AssignBody,
    params(("account_id" = Uuid, Path, description = "The account"), ("row_key" = String, Path, description = "The row's key")),
    responses((status = 202, description = "It is being taken in", body = ParkedDetail)))]
async fn assign(
    State(gate): State<Gate>,
    caller: Caller,
    Path((account, row_key)): Path<(Uuid, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<AssignBody>,
) -> Result<(StatusCode, Json<ParkedDetail>), Problem> {
    let key = key(account, row_key)?;
    let justification = Justification::checked(caller.actor(), &body.reason, gate.clock.now())?;
    parked_decisions::assign(&gate.pool, &key, TenantId(body.tenant_id), &justification).await?;
    Ok((StatusCode::ACCEPTED, detail(&gate, &key).await?))
}

/// Hides an order that is nobody's business. It comes back when it changes materially.
#[utoipa::path(post, path = "/logistics/parked-orders/{account_id}/{row_key}/dismiss", tag = "operations", request_body = ReasonBody,
    params(("account_id" = Uuid, Path, description = "The account"), ("row_key" = String, Path, description = "The row's key")),
    responses((status = 200, description = "It is hidden", body = ParkedDetail)))]
async fn dismiss(
    State(gate): State<Gate>,
    caller: Caller,
    Path((account, row_key)): Path<(Uuid, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<ParkedDetail>, Problem> {
    let key = key(account, row_key)?;
    let justification = Justification::checked(caller.actor(), &body.reason, gate.clock.now())?;
    parked_decisions::dismiss(&gate.pool, &key, &justification).await?;
    detail(&gate, &key).await
}

/// Shows a hidden order again.
#[utoipa::path(post, path = "/logistics/parked-orders/{account_id}/{row_key}/restore", tag = "operations", request_body = ReasonBody,
    params(("account_id" = Uuid, Path, description = "The account"), ("row_key" = String, Path, description = "The row's key")),
    responses((status = 200, description = "It is shown again", body = ParkedDetail)))]
async fn restore(
    State(gate): State<Gate>,
    caller: Caller,
    Path((account, row_key)): Path<(Uuid, String)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<ParkedDetail>, Problem> {
    let key = key(account, row_key)?;
    let justification = Justification::checked(caller.actor(), &body.reason, gate.clock.now())?;
    parked_decisions::restore(&gate.pool, &key, &justification).await?;
    detail(&gate, &key).await
}

fn key(account: Uuid, row_key: String) -> Result<ParkedKey, DecisionError> {
    ParkedKey::checked(AccountId(account), row_key)
}

async fn detail(gate: &Gate, key: &ParkedKey) -> Result<Json<ParkedDetail>, Problem> {
    let found = parked_list::find(&gate.pool, key).await?;
    let (order, decisions) = found.ok_or(DecisionError::Unknown)?;
    Ok(Json(ParkedDetail { order, decisions }))
}
