//! `GET /logistics/parked-orders`: rows of doubtful owner, with the reason. The platform's staff sees them; no tenant does.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::{Deserialize, Serialize};

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
    let path = "/logistics/parked-orders";
    Routes::behind(gate).platform(Method::GET, path, Right::ReadParkedOrders, list, gate.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    skip: Option<i64>,
    limit: Option<i64>,
}

#[derive(Serialize)]
struct ParkedPage {
    total: i64,
    items: Vec<ParkedOrder>,
    skip: i64,
    limit: i64,
}

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
