//! `GET /logistics/orders/{id}`: one order with its recipient. One whose data is old is read again first; if upstream is
//! slow or down, the answer is what is known, and `freshness` says how old that is.

use axum::Json;
use axum::extract::State;
use logistics_domain::{AccountId, OrderStreamId};
use logistics_projections::orders::OrderView;
use logistics_projections::recipients::{Recipient, recipient_of};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Orders;
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// An order and whom it goes to; no recipient once the person was erased.
#[derive(Serialize, ToSchema)]
pub(super) struct OneOrder {
    #[serde(flatten)]
    order: OrderView,
    recipient: Option<Recipient>,
}

/// One order with its recipient.
#[utoipa::path(get, path = "/logistics/orders/{id}", tag = "orders", params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "The order", body = OneOrder)))]
pub(super) async fn show(
    State(orders): State<Orders>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<OneOrder>, Problem> {
    let reader = &orders.gate.reader;
    let mut reading = reader.of(scope.tenant()).await?;
    let mut order = orders.find(&mut reading, scope, id).await?;
    if let Some(refresh) = &orders.refresh
        && order.freshness.stale
        && order.vanished_at.is_none()
    {
        // Given back meanwhile: no connection waits for the network.
        drop(reading);
        let account = AccountId(order.account_id);
        refresh.refresh(scope.tenant(), account, order.mintsoft_order_id).await;
        reading = reader.of(scope.tenant()).await?;
        order = orders.find(&mut reading, scope, id).await?;
    }
    let recipient = recipient_of(&mut *reading, &scope.0, OrderStreamId(id)).await?;
    Ok(Json(OneOrder { order, recipient }))
}
