//! `GET /logistics/orders/counts`: how many orders a list has, by status and by tab.

use axum::extract::State;
use axum::{Extension, Json};
use logistics_projections::orders::{OrderCounts, StatusCount, TabCount, count_orders};
use serde::Serialize;
use utoipa::ToSchema;

use super::Orders;
use super::query::{Conditions, query_with_conditions};
use crate::api::etag::Known;
use crate::api::extract::Query;
use crate::api::gate::{Gate, Scope};
use crate::api::problem::Problem;

query_with_conditions! {
    /// The query: the same conditions as those of the list.
    CountsQuery {}
}

/// How many orders there are under the conditions.
#[derive(Serialize, ToSchema)]
pub(super) struct Counts {
    /// How many orders there are in all.
    total: i64,
    /// How many orders need attention.
    need_attention: i64,
    /// False where counting would take too long: then there are at least so many of each.
    is_exact: bool,
    /// How many orders each status has; statuses without any are left out.
    statuses: Vec<StatusCount>,
    /// How many orders each tab has; tabs without any are left out.
    tabs: Vec<TabCount>,
}

/// How many orders a list has, by status and by tab.
#[utoipa::path(get, path = "/logistics/orders/counts", tag = "orders", params(CountsQuery),
    responses((status = 200, description = "Counts by status and by tab", body = Counts)))]
pub(super) async fn counts(
    State(orders): State<Orders>,
    scope: Scope,
    Extension(known): Extension<Known>,
    Query(mut query): Query<CountsQuery>,
) -> Result<Json<Counts>, Problem> {
    let Gate { reader, batched_reads, .. } = &*orders.gate;
    let conditions = query.conditions();
    let counts = if conditions == Conditions::default() {
        batched_reads.counts(reader, &scope.0).await?
    } else {
        let mut reading = reader.of(scope.tenant()).await?;
        let filter = conditions.filter(&mut reading, scope, known.zone).await?;
        let counts = count_orders(&mut reading, &scope.0, &filter).await?;
        reading.release();
        counts
    };
    let OrderCounts { total, need_attention, statuses, tabs, is_exact } = counts;
    Ok(Json(Counts { total, need_attention, is_exact, statuses, tabs }))
}
