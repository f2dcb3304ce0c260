//! What auditors take away, to verify a ledger without the service: `GET /logistics/audit/checkpoint`, how far the tenant's ledger
//! is sealed, and `GET /logistics/orders/{id}/dossier`, the history of an order with the proof of each event. Absent: the
//! making of proofs and checkpoints, which is the room `audit`'s.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use logistics_domain::OrderStreamId;
use logistics_projections::orders::account_of;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;
use uuid::Uuid;

use super::export::json_file;
use super::extract::{NoParameters, Path, Query, refused_parameter};
use super::gate::{Gate, Scope};
use super::input_errors::Expected;
use super::orders::unknown_order;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Principal, Right};
use crate::audit::AuditError;
use crate::audit::dossier::{self, CheckpointFile, Dossier};

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).tenant(Right::ReadProofs, routes!(newest_checkpoint), gate.clone()).tenant(
        Right::ReadProofs,
        routes!(order_dossier),
        gate.clone(),
    )
}

/// The query: which checkpoint the caller holds.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CheckpointQuery {
    /// The size of a checkpoint that the caller holds, up to that of the newest one. The answer then proves that the ledger of that
    /// one is the beginning of today's.
    #[param(minimum = 0)]
    since: Option<i64>,
}

/// How far the ledger is sealed: its newest checkpoint, signed, and the proof that an earlier one is its beginning.
#[utoipa::path(get, path = "/logistics/audit/checkpoint", tag = "audit", params(CheckpointQuery),
    responses((status = 200, description = "The newest checkpoint", body = CheckpointFile),
        (status = 409, description = "Nothing of the ledger is sealed yet")))]
async fn newest_checkpoint(
    State(gate): State<Gate>,
    scope: Scope,
    Query(query): Query<CheckpointQuery>,
) -> Result<Json<CheckpointFile>, Problem> {
    let since = query.since.map(u64::try_from).transpose();
    let since = since.map_err(|_| refused_parameter("since", Expected::AtLeast(0)))?;
    let mut reading = gate.reader.of(scope.tenant()).await?;
    let found = match dossier::checkpoint(&mut reading, scope.0, since).await {
        Err(AuditError::Beyond { size, .. }) => {
            return Err(refused_parameter("since", Expected::Between(0, size.cast_signed())));
        }
        found => found?,
    };
    reading.release();
    found.map(Json).ok_or_else(not_sealed_yet)
}

/// The history of an order with the proof of each event, as a file that can be verified without the service.
#[utoipa::path(get, path = "/logistics/orders/{id}/dossier", tag = "audit",
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "The file, up to the newest checkpoint", body = Dossier,
            headers(("Content-Disposition" = String, description = "What the file is called: `dossier-`, the order's id and `.json`"))),
        (status = 409, description = "Nothing of the order is sealed yet, or its history is longer than a dossier holds")))]
async fn order_dossier(
    State(gate): State<Gate>,
    scope: Scope,
    principal: Principal,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let permit = gate.exports.take(principal.id(), scope.tenant())?;
    let order = OrderStreamId(id);
    let mut reading = gate.reader.of(scope.tenant()).await?;
    // A long history is many small reads, during which others go on.
    reading.leave_permit();
    account_of(&mut *reading, &scope.0, order).await?.ok_or_else(unknown_order)?;
    let found = dossier::dossier(&mut reading, scope.0, order).await?;
    reading.release();
    json_file(permit, &format!("dossier-{id}"), &found.ok_or_else(not_sealed_yet)?).await
}

fn not_sealed_yet() -> Problem {
    let detail = "this is not sealed yet; what is new joins the log at the next sealing, try again then";
    Problem::of(StatusCode::CONFLICT, "not_sealed_yet", detail)
}
