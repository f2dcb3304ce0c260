//! `/dead-letters`: what was given up, over all tenants: deliveries of the inbox and jobs. Shown without bodies; tried again,
//! or dismissed with a reason. A body, which holds personal data, is opened on explicit request, and that is logged.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::extract::{Body, NoParameters, Path, Query, page, refused_field};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Justification, Right};
use crate::inbox::dead_letters::{
    self as letters, DeadLetter, LetterError, LetterFilter, LetterId, LetterKind, Retried,
};
use crate::sync::Sources;

const WARNING: &str = "This body may hold personal data of a customer. Do not copy or forward it; that you looked at it is logged.";

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    let right = Right::Operate;
    Routes::behind(gate)
        .platform(right, routes!(list), Arc::clone(sources))
        .platform(right, routes!(show), Arc::clone(sources))
        .platform(right, routes!(body), Arc::clone(sources))
        .platform(right, routes!(retry), Arc::clone(sources))
        .platform(right, routes!(dismiss), Arc::clone(sources))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `delivery` or `job`.
    #[param(inline)]
    kind: Option<LetterKind>,
    /// `true` shows those that were dismissed instead.
    #[serde(default)]
    dismissed: bool,
}

#[derive(Serialize, ToSchema)]
struct LetterPage {
    total: i64,
    items: Vec<DeadLetter>,
    skip: i64,
    limit: i64,
}

/// A letter and what is kept beside it.
#[derive(Serialize, ToSchema)]
struct LetterDetail {
    #[serde(flatten)]
    letter: DeadLetter,
    /// A delivery's headers, length and hash, or a job's payload.
    beside: Value,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct BodyQuery {
    /// Must be `true`: says that you mean to see personal data.
    #[serde(default)]
    personal_data: bool,
}

/// The body of a delivery.
#[derive(Serialize, ToSchema)]
struct LetterBody {
    /// What to heed.
    warning: &'static str,
    /// `utf-8` or `base64`.
    encoding: &'static str,
    /// The body as received, in this encoding.
    body: String,
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DismissBody {
    /// Why, in 1 to 500 characters; kept with the dismissal. Blanks at both ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
struct LetterState {
    /// The id of the letter.
    id: String,
    /// `queued` or `dismissed`.
    state: &'static str,
}

/// What was given up, the latest first.
#[utoipa::path(get, path = "/dead-letters", tag = "operations", params(ListQuery),
    responses((status = 200, description = "A page of dead letters", body = LetterPage)))]
async fn list(
    State(sources): State<Arc<Sources>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<LetterPage>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    let filter = LetterFilter { kind: query.kind, dismissed: query.dismissed };
    let (total, items) = letters::letters(&sources.pool, filter, skip, limit).await?;
    Ok(Json(LetterPage { total, items, skip, limit }))
}

/// One dead letter, without its body.
#[utoipa::path(get, path = "/dead-letters/{letter}", tag = "operations",
    params(("letter" = String, Path, description = "delivery-<id> or job-<number>")),
    responses((status = 200, description = "The letter", body = LetterDetail)))]
async fn show(
    State(sources): State<Arc<Sources>>,
    Path(letter): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<LetterDetail>, Problem> {
    let found = letters::find_letter(&sources.pool, named(&letter)?).await?;
    let (letter, beside) = found.ok_or(LetterError::Unknown)?;
    Ok(Json(LetterDetail { letter, beside }))
}

/// The body of a dead delivery, on explicit request: it may hold personal data.
#[utoipa::path(get, path = "/dead-letters/{letter}/body", tag = "operations",
    params(("letter" = String, Path, description = "delivery-<id>"), BodyQuery),
    responses((status = 200, description = "The body as received", body = LetterBody),
        (status = 409, description = "It was erased a while after the letter was dismissed")))]
async fn body(
    State(sources): State<Arc<Sources>>,
    caller: Caller,
    Path(letter): Path<String>,
    Query(query): Query<BodyQuery>,
) -> Result<Json<LetterBody>, Problem> {
    if !query.personal_data {
        let told =
            "the body may hold personal data; add personal_data=true if you mean to see it, which is logged";
        return Err(refused_field("personal_data", told));
    }
    let LetterId::Delivery(id) = named(&letter)? else { return Err(LetterError::Unknown.into()) };
    let bytes = letters::open_body(&sources.pool, &sources.ring, id).await?.ok_or(LetterError::Unknown)?;
    tracing::info!(actor = caller.actor(), delivery = %id, "the body of a dead delivery was opened");
    Ok(Json(match String::from_utf8(bytes) {
        Ok(body) => LetterBody { warning: WARNING, encoding: "utf-8", body },
        Err(raw) => {
            LetterBody { warning: WARNING, encoding: "base64", body: STANDARD.encode(raw.as_bytes()) }
        }
    }))
}

/// Has a dead letter tried again.
#[utoipa::path(post, path = "/dead-letters/{letter}/retry", tag = "operations",
    params(("letter" = String, Path, description = "delivery-<id> or job-<number>")),
    responses((status = 202, description = "It is due", body = LetterState)))]
async fn retry(
    State(sources): State<Arc<Sources>>,
    Path(letter): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<(StatusCode, Json<LetterState>), Problem> {
    match letters::retry_letter(&sources.pool, named(&letter)?, sources.clock.now()).await? {
        Retried::Queued => Ok((StatusCode::ACCEPTED, Json(LetterState { id: letter, state: "queued" }))),
        Retried::NotNeeded => Err(LetterError::NotDead.into()),
        Retried::Erased => Err(LetterError::Erased.into()),
        Retried::Unknown => Err(LetterError::Unknown.into()),
    }
}

/// Hides a dead letter, with the reason. It is kept, and shown again if it dies once more.
#[utoipa::path(post, path = "/dead-letters/{letter}/dismiss", tag = "operations", request_body = DismissBody,
    params(("letter" = String, Path, description = "delivery-<id> or job-<number>")),
    responses((status = 200, description = "It is hidden", body = LetterState)))]
async fn dismiss(
    State(sources): State<Arc<Sources>>,
    caller: Caller,
    Path(letter): Path<String>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<DismissBody>,
) -> Result<Json<LetterState>, Problem> {
    let Justification { actor, reason, at } =
        Justification::checked(caller.actor(), &body.reason, sources.clock.now())?;
    if !letters::dismiss_letter(&sources.pool, named(&letter)?, &actor, &reason, at).await? {
        return Err(LetterError::Unknown.into());
    }
    Ok(Json(LetterState { id: letter, state: "dismissed" }))
}

fn named(letter: &str) -> Result<LetterId, LetterError> {
    LetterId::named(letter).ok_or(LetterError::Unknown)
}
