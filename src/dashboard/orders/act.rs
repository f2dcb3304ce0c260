//! What a person has done about an order: cancelled, with the reason, once, however often the form is sent.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use logistics_domain::order::possible::{has_left, is_cancelled};
use logistics_projections::TenantScope;
use logistics_projections::orders::OrderView;
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use crate::access::Right;
use crate::actions::{Asking, IdempotencyKey};
use crate::api::{Path, Problem, RequestId};
use crate::clock;
use crate::dashboard::form::Posted;
use crate::dashboard::page::{Frame, Page, Section, Visit};

/// The form on a page of its own, for readers without script.
#[derive(Template)]
#[template(path = "orders/cancel.html")]
struct CancelPage {
    frame: Frame,
    id: Uuid,
    number: String,
    request_key: Uuid,
    is_possible: bool,
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
    let order = pages.order(&visit.scope()?, id).await?;
    let frame = visit.frame(visit.words().cancel_title(&order.mintsoft_order_number), Section::Orders);
    let is_possible =
        !is_cancelled(order.status_id) && !has_left(order.status_id, order.dispatched_at.is_some());
    let number = order.mintsoft_order_number;
    Ok(Page(CancelPage { frame, id, number, request_key: clock::new_id(), is_possible }).into_response())
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
    Ok(Redirect::to(&format!("/dashboard/orders/{id}#actions")))
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
