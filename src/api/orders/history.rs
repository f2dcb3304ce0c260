//! `GET /logistics/orders/{id}/history`: what became known of an order, when, and from whom; up to an instant if one is
//! given. Personal data in it stays sealed.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use logistics_projections::event_log::{self, HistoryRange, LoggedEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Orders;
use crate::api::extract::{Path, Query, refused_query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// The most events of one answer.
const LIMIT_MAX: i64 = 1000;

/// The query: as of which instant, after which number of the stream, how many.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryQuery {
    as_of: Option<DateTime<Utc>>,
    after: Option<i64>,
    limit: Option<i64>,
}

/// Events, oldest first. `next_after` goes into `after` to go on; null at the end.
#[derive(Serialize)]
pub(super) struct History {
    items: Vec<LoggedEvent>,
    next_after: Option<i64>,
}

pub(super) async fn history(
    State(orders): State<Orders>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let limit = query.limit.unwrap_or(LIMIT_MAX);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(refused_query("limit: give 1 to 1000"));
    }
    let after = query.after.unwrap_or(0);
    if after < 0 {
        return Err(refused_query("after: give 0 or more"));
    }
    orders.find(scope, id).await?;
    let range = HistoryRange { as_of: query.as_of, after, limit, ..HistoryRange::default() };
    let items = event_log::history(&orders.gate.pool, &scope.0, OrderStreamId(id), range).await?;
    let full = i64::try_from(items.len()).is_ok_and(|found| found == limit);
    let next_after = items.last().filter(|_| full).map(|last| last.sequence);
    Ok(Json(History { items, next_after }))
}
