//! `/logistics/orders/{id}/comments`: the thread on an order, and writing into it. What was asked for here stands in the list
//! from the first moment, with what has become of it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use logistics_projections::comments::CommentState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::{Acting, Asker, RequestState, told};
use crate::actions::ThreadComment;
use crate::api::extract::{Body, NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// A comment to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommentBody {
    /// The text, 1 to 1000 characters. Blanks at both ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 1000)]
    comment: String,
    /// Whether only the warehouse's own staff may see the comment; false unless it is said.
    #[serde(default)]
    internal: bool,
}

/// A comment that was asked for, and what has become of it.
#[derive(Serialize, ToSchema)]
pub(super) struct CommentedOrder {
    /// The id of the order.
    id: Uuid,
    /// The comment, and what has become of it.
    comment: RequestState,
}

/// One comment of the thread.
#[derive(Serialize, ToSchema)]
pub(super) struct CommentView {
    /// The warehouse's id of the comment; null while the thread there does not have it.
    id: Option<i64>,
    /// The id of the request, where the comment was written here.
    request_id: Option<Uuid>,
    /// Whether the comment was written here.
    ours: bool,
    /// The text; null where the personal data was erased.
    comment: Option<String>,
    /// Whether only the warehouse's own staff may see the comment; null for comments of others, of which the
    /// warehouse does not say so.
    internal: Option<bool>,
    /// `requested`, `posted` or `refused`.
    state: &'static str,
    /// Why the comment was refused; while it is `requested`, why a person has to look, if one has to.
    message: Option<String>,
    /// `user:<id>`, `key:<id>`, or the warehouse's name of the writer.
    author: Option<String>,
    /// When the comment was written (UTC).
    written_at: Option<DateTime<Utc>>,
    /// Mintsoft's name of the order's status when the comment was written.
    status: Option<String>,
    /// Mintsoft's id of the order's status when the comment was written.
    status_id: Option<i64>,
}

impl From<ThreadComment> for CommentView {
    fn from(comment: ThreadComment) -> Self {
        let (state, message) = match comment.state {
            CommentState::Requested => ("requested", comment.left_to_person),
            CommentState::Posted => ("posted", None),
            CommentState::Refused { message } => ("refused", Some(message)),
        };
        let (status_id, status) = comment.status.map_or((None, None), |(id, name)| (Some(id), name));
        Self {
            id: comment.id,
            request_id: comment.request_id,
            ours: comment.request_id.is_some(),
            comment: comment.text,
            internal: comment.internal,
            state,
            message,
            author: comment.author,
            written_at: comment.written_at,
            status,
            status_id,
        }
    }
}

/// When the warehouse was last asked for what is shown, and how long ago that is.
#[derive(Serialize, ToSchema)]
pub(super) struct SeenAt {
    /// When the warehouse was last asked (UTC).
    checked_at: DateTime<Utc>,
    /// Seconds since `checked_at`.
    age_seconds: i64,
}

impl SeenAt {
    /// From the instant of the answer, as of now.
    pub(super) fn at(checked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Self> {
        let checked_at = checked_at?;
        let age = (now - checked_at).max(TimeDelta::zero());
        Some(Self { checked_at, age_seconds: age.num_seconds() })
    }
}

/// The thread, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct CommentThread {
    total: usize,
    items: Vec<CommentView>,
    /// How old the warehouse's part of the thread is; null where it could never be read.
    freshness: Option<SeenAt>,
}

/// The thread of comments on an order.
#[utoipa::path(get, path = "/logistics/orders/{id}/comments", tag = "orders",
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "The thread, oldest first", body = CommentThread)))]
pub(super) async fn thread(
    State(acting): State<Acting>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<CommentThread>, Problem> {
    let address = acting.address(scope, id).await?;
    let thread = acting.actions.thread(address).await?;
    let freshness = SeenAt::at(thread.checked_at, acting.orders.gate.clock.now());
    let items: Vec<_> = thread.comments.into_iter().map(CommentView::from).collect();
    Ok(Json(CommentThread { total: items.len(), items, freshness }))
}

/// Has a comment written on the order in the warehouse.
#[utoipa::path(post, path = "/logistics/orders/{id}/comments", tag = "actions", request_body = CommentBody,
    params(("id" = Uuid, Path, description = "The order"),
        ("Idempotency-Key" = Option<String>, Header, pattern = "^[!-~]{1,255}$", description = "For one order the same key with the same body is one request, \
            for ever, whoever of the tenant sends it; it stands for no other comment")),
    responses((status = 200, description = "It is in the thread", body = CommentedOrder),
        (status = 202, description = "It is under way; the thread shows what comes of it", body = CommentedOrder),
        (status = 409, description = "The order does not allow it, or the warehouse refused; `code` and `detail` say why")))]
pub(super) async fn comment(
    State(acting): State<Acting>,
    asker: Asker,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<CommentBody>,
) -> Result<Response, Problem> {
    let asking = acting.asking(asker, id).await?;
    let asked = acting.actions.comment(&asking, &body.comment, body.internal).await?;
    let refusal = |reason| Problem::of(StatusCode::CONFLICT, "comment_refused", reason);
    let (status, comment) = told(asked, ("posted", "comment"), refusal)?;
    Ok((status, Json(CommentedOrder { id, comment })).into_response())
}
