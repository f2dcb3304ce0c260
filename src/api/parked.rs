//! `GET /logistics/parked-orders`: rows of doubtful owner, with the reason. The platform's staff sees them; no tenant does.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::extract::{Query, refused_query};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::sync::parked::{self, ParkedOrder};

/// How many rows a page has where nothing is said, and at the most.
const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 200;

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).platform(Right::ResolveParkedOrders, routes!(list), gate.clone())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    skip: Option<i64>,
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct ParkedPage {
    total: i64,
    items: Vec<ParkedOrder>,
    skip: i64,
    limit: i64,
}

/// Orders of doubtful owner, with the reason.
#[utoipa::path(get, path = "/logistics/parked-orders", tag = "operations", params(ListQuery),
    responses((status = 200, description = "A page of parked orders", body = ParkedPage)))]
async fn list(State(gate): State<Gate>, Query(query): Query<ListQuery>) -> Result<Json<ParkedPage>, Problem> {
    let (skip, limit) = (query.skip.unwrap_or(0), query.limit.unwrap_or(LIMIT_DEFAULT));
    if skip < 0 {
        return Err(refused_query("skip: give 0 or more"));
    }
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(refused_query("limit: give 1 to 200"));
    }
    let (total, items) = parked::list(&gate.pool, skip, limit).await?;
    Ok(Json(ParkedPage { total, items, skip, limit }))
}
