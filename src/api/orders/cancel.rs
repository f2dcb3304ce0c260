//! `POST /logistics/orders/{id}/cancel`: has the order cancelled in the warehouse. 200 where that is known within seconds, 409
//! with the reason where it is refused, 202 while it is under way; the order shows it then.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::{Acting, Asker};
use crate::actions::{Asked, Outcome};
use crate::api::extract::{Body, NoParameters, Path, Query};
use crate::api::problem::Problem;

/// Why the order is to be cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelBody {
    /// In the person's own words, 1 to 1000 characters. It is kept in the order's history.
    #[schema(min_length = 1, max_length = 1000)]
    reason: String,
}

/// A cancellation that a person asked for, and what has become of it.
#[derive(Serialize, ToSchema)]
pub(super) struct CancelledOrder {
    /// The order.
    id: Uuid,
    /// What has become of the request.
    cancellation: CancellationState,
}

/// What has become of a cancellation.
#[derive(Serialize, ToSchema)]
pub(super) struct CancellationState {
    request_id: Uuid,
    /// `requested`, `confirmed` or `refused`.
    state: &'static str,
    /// The warehouse's words, or ours; while it is requested, why a person has to look, if one has to.
    message: Option<String>,
    /// `user:<id>` or `key:<id>`.
    requested_by: String,
    requested_at: DateTime<Utc>,
}

impl From<Asked> for CancellationState {
    fn from(asked: Asked) -> Self {
        let (state, message) = match asked.outcome {
            Outcome::Pending { left_to_person } => ("requested", left_to_person),
            Outcome::Confirmed => ("confirmed", None),
            Outcome::Refused { message } => ("refused", Some(message)),
        };
        let Asked { request_id, requested_by, requested_at, .. } = asked;
        Self { request_id, state, message, requested_by, requested_at }
    }
}

/// Has the order cancelled in the warehouse.
#[utoipa::path(post, path = "/logistics/orders/{id}/cancel", tag = "orders", request_body = CancelBody,
    params(("id" = Uuid, Path, description = "The order"),
        ("Idempotency-Key" = Option<String>, Header, pattern = "^[!-~]{1,255}$", description = "The same key with the same body is one request, for ever")),
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
    let status = match &asked.outcome {
        Outcome::Pending { .. } => StatusCode::ACCEPTED,
        Outcome::Confirmed => StatusCode::OK,
        Outcome::Refused { message } => {
            let told = message.clone();
            let state = CancellationState::from(asked);
            return Err(Problem::of(StatusCode::CONFLICT, "cancellation_refused", told)
                .with("cancellation", json!(state)));
        }
    };
    Ok((status, Json(CancelledOrder { id, cancellation: asked.into() })).into_response())
}
