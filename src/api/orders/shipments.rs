//! `GET /logistics/orders/{id}/shipments`: the consignments that were booked with couriers, each with its parcels. An order
//! whose data is old is read again first.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use logistics_domain::order::facts::Shipment;
use logistics_projections::orders::Freshness;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Orders;
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// A consignment.
#[derive(Serialize, ToSchema)]
pub(super) struct ShipmentView {
    /// The warehouse's id of the consignment.
    id: i64,
    /// The consignment or tracking number.
    number: Option<String>,
    /// The courier integration that booked the consignment.
    courier_type: Option<String>,
    /// One number for each parcel.
    parcel_numbers: Vec<String>,
    /// When the consignment was shipped (UTC).
    shipped_at: Option<DateTime<Utc>>,
    /// Whether the warehouse follows the consignment, so that scans can be expected.
    followed: bool,
}

impl From<Shipment> for ShipmentView {
    fn from(shipment: Shipment) -> Self {
        let Shipment { id, number, courier_type, parcel_numbers, shipped_at, followed } = shipment;
        Self { id, number, courier_type, parcel_numbers, shipped_at, followed }
    }
}

/// The consignments of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct ShipmentList {
    total: usize,
    items: Vec<ShipmentView>,
    /// How fresh what is shown is.
    freshness: Freshness,
}

/// The consignments of an order.
#[utoipa::path(get, path = "/logistics/orders/{id}/shipments", tag = "orders",
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "All consignments", body = ShipmentList)))]
pub(super) async fn shipments(
    State(orders): State<Orders>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<ShipmentList>, Problem> {
    let (_, order) = orders.find_fresh(scope, id, None).await?;
    let booked = order.shipments().map_err(|error| Problem::internal(&error))?;
    let items: Vec<_> = booked.into_iter().map(ShipmentView::from).collect();
    Ok(Json(ShipmentList { total: items.len(), items, freshness: order.freshness }))
}
