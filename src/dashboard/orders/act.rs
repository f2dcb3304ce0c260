//! What a person has done about an order: cancelled, with the reason, once, however often the form is sent.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use logistics_projections::TenantScope;
use logistics_projections::orders::OrderView;
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use crate::access::Right;
use crate::actions::{Asking, IdempotencyKey};
use crate::api::{Can, CanBeDone, Path, Problem, RequestId};
use crate::clock;
use crate::dashboard::form::Posted;
use crate::dashboard::page::{Frame, Page, Section, Visit};
use crate::words::Words;

/// The form on a page of its own, for readers without script.
#[derive(Template)]
#[template(path = "orders/cancel.html")]
struct CancelPage {
    frame: Frame,
    id: Uuid,
    number: String,
    request_key: Uuid,
    /// Why it cannot be cancelled; none where it can be asked for.
    refused: Option<String>,
}

/// Why it is to be cancelled.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CancelForm {
    reason: String,
    key: String,
}

pub(super) async fn cancel_page(
    State(pages): State<Pages>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    visit.require(Right::ActOnOrders)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let erased = pages.sources.ledger.open(address(scope, &order)).await?.key.is_none();
    let refused =
        refused(visit.words(), &CanBeDone::with(&order, erased, visit.visitor.caller.role()).cancel);
    let frame = visit.frame(visit.words().cancel_title(&order.mintsoft_order_number), Section::Orders);
    let number = order.mintsoft_order_number;
    Ok(Page(CancelPage { frame, id, number, request_key: clock::new_id(), refused }).into_response())
}

pub(super) async fn cancel(
    State(pages): State<Pages>,
    Path(id): Path<Uuid>,
    Extension(request): Extension<RequestId>,
    Posted { visit, form }: Posted<CancelForm>,
) -> Result<Redirect, Problem> {
    visit.require(Right::ActOnOrders)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let asking = asking(&visit, scope, &order, request, &form.key)?;
    // What becomes of it stands on the page of the order, whether that is known now or later.
    pages.actions.cancel(&asking, &form.reason).await?;
    Ok(Redirect::to(&visit.order(id, "#actions")))
}

/// Why something cannot be done, in the reader's words; none where it can.
pub(super) fn refused(w: Words, can: &Can) -> Option<String> {
    let told = can.reason_code.and_then(|code| w.problem(code, &[]));
    told.or_else(|| can.reason.clone())
}

/// A request of this visitor about the order.
pub(super) fn asking(
    visit: &Visit,
    scope: TenantScope,
    order: &OrderView,
    request: RequestId,
    key: &str,
) -> Result<Asking, Problem> {
    let invalid =
        |_| Problem::not_found("form_outdated", "this form is of an older page; open the page again");
    Ok(Asking {
        address: address(scope, order),
        actor: visit.visitor.caller.actor(),
        source: visit.visitor.caller.source(),
        correlation_id: request.0,
        key: Some(IdempotencyKey::of(key).map_err(invalid)?),
    })
}
