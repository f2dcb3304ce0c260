//! What the endpoints share that have something done upstream: who asks, for which order, under which key.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use logistics_projections::orders::account_of;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Orders, cancel, comments, documents, unknown_order};
use crate::access::{Caller, Right};
use crate::actions::{ActionError, Actions, Asked, Asking, IdempotencyKey, Outcome};
use crate::api::frame::RequestId;
use crate::api::gate::{Gate, Scope};
use crate::api::problem::Problem;
use crate::api::routes::Routes;
use crate::ledger::OrderAddress;

/// What acting on orders works with. Cloning shares it.
#[derive(Clone)]
pub struct Acting {
    pub(super) orders: Orders,
    pub(super) actions: Actions,
}

impl Acting {
    /// These actions, on these orders.
    pub const fn on(orders: Orders, actions: Actions) -> Self {
        Self { orders, actions }
    }

    /// Their routes.
    pub fn routes(&self) -> Routes {
        Routes::behind(&self.orders.gate)
            .tenant(Right::ActOnOrders, routes!(cancel::cancel), self.clone())
            .tenant(Right::ActOnOrders, routes!(comments::comment), self.clone())
            .tenant(Right::ReadOrders, routes!(comments::thread), self.clone())
            .tenant(Right::ReadOrders, routes!(documents::list), self.clone())
            .tenant(Right::ReadOrders, routes!(documents::content), self.clone())
    }

    /// A request about an order that its asker may see.
    pub(super) async fn asking(&self, asker: Asker, id: Uuid) -> Result<Asking, Problem> {
        Ok(Asking {
            address: self.address(asker.scope, id).await?,
            actor: asker.caller.actor(),
            source: asker.caller.source(),
            correlation_id: asker.request.0,
            key: asker.key,
        })
    }
}

impl Acting {
    /// Where the order stands, if the caller may see it.
    pub(super) async fn address(&self, scope: Scope, id: Uuid) -> Result<OrderAddress, Problem> {
        address_of(&self.orders.gate, scope, id).await
    }
}

/// Where an order stands, if the caller may see it. The connection is given back at once: what follows may wait long.
pub(in crate::api) async fn address_of(gate: &Gate, scope: Scope, id: Uuid) -> Result<OrderAddress, Problem> {
    let mut reading = gate.reader.of(scope.tenant()).await?;
    let found = account_of(&mut *reading, &scope.0, OrderStreamId(id)).await?;
    reading.release();
    let (account, mintsoft_order_id) = found.ok_or_else(unknown_order)?;
    Ok(OrderAddress { tenant: scope.tenant(), account, mintsoft_order_id })
}

/// Who asks for something to be done, and under which key, where one came along.
pub(super) struct Asker {
    pub scope: Scope,
    caller: Caller,
    request: RequestId,
    key: Option<IdempotencyKey>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Ok(Self {
            scope: Scope::from_request_parts(parts, state).await?,
            caller: Caller::from_request_parts(parts, state).await?,
            request: RequestId::from_request_parts(parts, state).await?,
            key: key_in(&parts.headers)?,
        })
    }
}

/// The one key of a request.
fn key_in(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let invalid = |told: String| Problem::of(StatusCode::BAD_REQUEST, "idempotency_key_invalid", told);
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(invalid("Idempotency-Key: give one key only".to_owned()));
    }
    let key = IdempotencyKey::of(first.to_str().unwrap_or_default());
    key.map(Some).map_err(|error| invalid(error.to_string()))
}

/// What has become of what was asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestState {
    /// The id of the request.
    request_id: Uuid,
    /// `requested` or `refused`, or once it was done `confirmed` (a cancellation) or `posted` (a comment).
    state: &'static str,
    /// The warehouse's words, or the ledger's; while the request is open, why a person has to look, if one has to.
    message: Option<String>,
    /// `user:<id>` or `key:<id>`.
    requested_by: String,
    /// When the request was made (UTC).
    requested_at: DateTime<Utc>,
}

/// What is told of a request, and with which status: 200 with the state `done`, 202 while it is under way, or the refusal,
/// with the state as its `member`.
pub(super) fn told(
    asked: Asked,
    (done, member): (&'static str, &str),
    refusal: impl FnOnce(String) -> Problem,
) -> Result<(StatusCode, RequestState), Problem> {
    let Asked { request_id, outcome, requested_by, requested_at } = asked;
    let (state, status, message) = match outcome {
        Outcome::Pending { left_to_person } => ("requested", StatusCode::ACCEPTED, left_to_person),
        Outcome::Confirmed => (done, StatusCode::OK, None),
        Outcome::Refused { message } => ("refused", StatusCode::CONFLICT, Some(message)),
    };
    let state = RequestState { request_id, state, message, requested_by, requested_at };
    if status != StatusCode::CONFLICT {
        return Ok((status, state));
    }
    let reason = state.message.clone().unwrap_or_default();
    Err(refusal(reason.clone()).because(reason).with(member, json!(state)))
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        let told = error.to_string();
        match error {
            ActionError::Refused { code, .. } => Self::of(StatusCode::CONFLICT, code, told),
            ActionError::KeyReused => {
                Self::of(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", told)
            }
            ActionError::BadText { field, .. } => Problem::invalid(field, told),
            ActionError::NoSuchDocument => Self::not_found("document_unknown", told),
            ActionError::DocumentTooLarge => Self::of(StatusCode::CONFLICT, "document_too_large", told),
            ActionError::DocumentsBusy => Self::of(StatusCode::SERVICE_UNAVAILABLE, "documents_busy", told)
                .header(header::RETRY_AFTER, HeaderValue::from_static("5")),
            ActionError::Away(cause) => cause.into(),
            ActionError::Ledger(cause) => cause.into(),
            ActionError::Database(cause) => cause.into(),
        }
    }
}
