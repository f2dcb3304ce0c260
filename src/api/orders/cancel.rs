//! `POST /logistics/orders/{id}/cancel`: has the order cancelled in the warehouse. 200 where that is known within seconds, 409
//! with the reason where it is refused, 202 while it is under way; the order shows it then.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::{Acting, Asker, RequestState, told};
use crate::api::extract::{Body, NoParameters, Path, Query};
use crate::api::problem::Problem;

/// Why the order is to be cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelBody {
    /// Why, in the person's own words, 1 to 1000 characters. It is kept in the order's history. Blanks at both ends are
    /// taken off before it is counted.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// A cancellation that a person asked for, and what has become of it.
#[derive(Serialize, ToSchema)]
pub(super) struct CancelledOrder {
    /// The id of the order.
    id: Uuid,
    /// What has become of the request.
    cancellation: RequestState,
}

/// Has the order cancelled in the warehouse.
#[utoipa::path(post, path = "/logistics/orders/{id}/cancel", tag = "actions", request_body = CancelBody,
    params(("id" = Uuid, Path, description = "The order"),
        ("Idempotency-Key" = Option<String>, Header, pattern = "^[!-~]{1,255}$", description = "For one order the same key with the same body is one request, \
            for ever, whoever of the tenant sends it; it stands for no other cancellation")),
    responses((status = 200, description = "It is cancelled", body = CancelledOrder),
        (status = 202, description = "It is under way; the order shows what comes of it", body = CancelledOrder),
        (status = 409, description = "Its status does not allow it, or the warehouse refused; `code` and `detail` say why")))]
pub(super) async fn cancel(
    State(acting): State<Acting>,
    asker: Asker,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<CancelBody>,
) -> Result<Response, Problem> {
    let asking = acting.asking(asker, id).await?;
    let asked = acting.actions.cancel(&asking, &body.reason).await?;
    let refusal = |reason| Problem::of(StatusCode::CONFLICT, "cancellation_refused", reason);
    let (status, cancellation) = told(asked, ("confirmed", "cancellation"), refusal)?;
    Ok((status, Json(CancelledOrder { id, cancellation })).into_response())
}
