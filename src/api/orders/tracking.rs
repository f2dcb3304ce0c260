//! `GET /logistics/orders/{id}/tracking`: the courier's scans, oldest first.

use axum::Json;
use axum::extract::State;
use logistics_domain::OrderStreamId;
use logistics_projections::tracking::{TrackingView, tracking_of};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Orders, unknown_order};
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// All scans of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct Scans {
    total: usize,
    items: Vec<TrackingView>,
}

/// The courier's scans of an order, oldest first.
#[utoipa::path(get, path = "/logistics/orders/{id}/tracking", tag = "orders",
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "All scans", body = Scans)))]
pub(super) async fn tracking(
    State(orders): State<Orders>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Scans>, Problem> {
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let found = tracking_of(&mut *reading, &scope.0, OrderStreamId(id)).await?;
    reading.release();
    let items = found.ok_or_else(unknown_order)?;
    Ok(Json(Scans { total: items.len(), items }))
}
