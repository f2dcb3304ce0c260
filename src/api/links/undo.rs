//! `POST /logistics/links/{link_id}/undo`: a link that is wrong is undone, with nothing in its place.

use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use super::{LinkView, Links, unknown_link};
use crate::access::Caller;
use crate::api::RequestId;
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::sync::Cause;
use crate::sync::links::find_link;

/// Undoes a link that is wrong: no warehouse order fulfils the shop order any more, and no search ties the same ones again. It is
/// then among those that are not found, until the host or a person says which order fulfils it, or it is looked for again.
#[utoipa::path(post, path = "/logistics/links/{link_id}/undo", tag = "links",
    params(("link_id" = Uuid, Path, description = "The link: its `id` in the list of links")),
    responses((status = 200, description = "The link is undone, now or before", body = LinkView)))]
pub(super) async fn undo(
    State(links): State<Links>,
    scope: Scope,
    caller: Caller,
    RequestId(request_id): RequestId,
    Path(link_id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<LinkView>, Problem> {
    let mut reading = links.gate.reader.of(scope.tenant()).await?;
    let link = find_link(&mut *reading, link_id).await?;
    reading.release();
    let link = link.filter(|link| link.tenant == scope.tenant()).ok_or_else(unknown_link)?;
    let (source, actor) = (caller.source(), caller.actor());
    let cause = Cause { source, actor, correlation_id: request_id, cause: None };
    Ok(Json(links.sources.undo_link(&link, &cause).await?.into()))
}
