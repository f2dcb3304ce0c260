//! `POST /logistics/orders/{id}/erase`: has the personal data of an order erased for good, wherever the order
//! stands: gone from the warehouse, withheld, or read no more. For the platform's staff alone.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use logistics_domain::OrderStreamId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Body, NoParameters, Path, Query};
use super::frame::RequestId;
use super::gate::{Gate, Scope};
use super::orders::unknown_order;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Justification, Right};
use crate::sync::Sources;
use crate::sync::erasure::{address_of, erase_personal_data};

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    Routes::behind(gate).tenant(Right::ErasePersonalData, routes!(erase), Arc::clone(sources))
}

/// Why the personal data is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EraseBody {
    /// Why, in 1 to 500 characters. It is kept in the order's history for ever, open: name no person in it. Blanks at both
    /// ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
struct ErasedOrder {
    /// The id of the order.
    id: Uuid,
    /// Always `erased`: erasing twice is no error.
    state: &'static str,
}

/// Erases the personal data of an order for good, by destroying the order's key.
#[utoipa::path(post, path = "/logistics/orders/{id}/erase", tag = "operations", request_body = EraseBody,
    params(("id" = Uuid, Path, description = "The order, also one that is withheld or gone")),
    responses((status = 200, description = "The personal data is erased, now or before", body = ErasedOrder)))]
async fn erase(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    caller: Caller,
    request: RequestId,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<EraseBody>,
) -> Result<Json<ErasedOrder>, Problem> {
    let justification = Justification::checked(caller.actor(), &body.reason, sources.clock.now())?;
    let address = address_of(&sources.pool, OrderStreamId(id)).await?;
    let address = address.filter(|at| at.tenant == scope.tenant()).ok_or_else(unknown_order)?;
    let is_news = erase_personal_data(&sources.ledger, address, &justification, request.0).await?;
    tracing::info!(actor = justification.actor, order = %id, is_news, "the personal data of an order was erased");
    Ok(Json(ErasedOrder { id, state: "erased" }))
}
