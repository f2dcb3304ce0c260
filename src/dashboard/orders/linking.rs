//! Links by hand: a person says which warehouse order fulfils a paid order, or undoes a link that is wrong.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use logistics_domain::{AccountId, OrderStreamId};
use logistics_projections::TenantScope;
use logistics_projections::orders::{ChosenOrder, TiedOrder, carrying_number, chosen_by_id, tied_to};
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use super::missing::{CHOSEN, UNDONE, back};
use crate::access::Right;
use crate::api::{Path, Problem, RequestId, unknown_link};
use crate::dashboard::form::Posted;
use crate::ledger::OrderAddress;
use crate::sync::Cause;
use crate::sync::links::{LinkError, LinkState, choose_order, find_link, find_of_order};

/// The field that names the warehouse order.
const NUMBER: &str = "number";

/// Which warehouse order fulfils which paid order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChooseForm {
    link_id: Uuid,
    number: String,
    /// What the list is searched for, to come back to.
    #[serde(default)]
    search: String,
}

/// From which shop order an order is to be untied.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnlinkForm {
    order_id: i64,
}

/// Has a paid order tied to the warehouse order that a person names.
pub(super) async fn choose(
    State(pages): State<Pages>,
    Posted { visit, form }: Posted<ChooseForm>,
) -> Result<Redirect, Problem> {
    visit.require(Right::LinkOrders)?;
    let scope = visit.scope()?;
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let link = find_link(&mut *reading, form.link_id).await?;
    reading.release();
    let link = link.filter(|link| link.tenant == scope.tenant()).ok_or_else(unknown_link)?;
    let chosen = pages.chosen(&scope, &form.number).await?;
    if link.state == LinkState::Linked {
        // A form that was sent twice finds its own work done; another's is not undone by a page that is older.
        let tied = tied_to(&pages.gate.pool, scope.tenant(), &[link.order_id]).await?;
        if !chosen.iter().all(|order| is_among(&tied, order)) {
            let told = "this paid order was linked meanwhile; undo that link on the page of its order first";
            return Err(Problem::of(StatusCode::CONFLICT, "link_made", told));
        }
    } else {
        let (settings, now) = (&pages.sources.settings.links, pages.gate.clock.now());
        let mut transaction = pages.gate.pool.begin().await?;
        let by = visit.visitor.caller.actor();
        choose_order(&mut transaction, link.id, (&chosen, &by), settings, now).await?;
        transaction.commit().await?;
    }
    Ok(back(&visit, form.search, link.id, CHOSEN))
}

/// Undoes the link of an order to a shop order, with nothing in its place.
pub(super) async fn unlink(
    State(pages): State<Pages>,
    Path(id): Path<Uuid>,
    Extension(request): Extension<RequestId>,
    Posted { visit, form }: Posted<UnlinkForm>,
) -> Result<Redirect, Problem> {
    visit.require(Right::LinkOrders)?;
    let scope = visit.scope()?;
    let order = address(scope, &pages.order(&scope, id).await?);
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let link = find_of_order(&mut *reading, scope.tenant(), form.order_id).await?;
    reading.release();
    let link = link.ok_or_else(unknown_link)?;
    let tied = tied_to(&pages.gate.pool, scope.tenant(), &[link.order_id]).await?;
    // Another order fulfils it by now, of which this page does not tell.
    if !tied.is_empty() && !is_among(&tied, &order) {
        return Err(LinkError::NotLinked.into());
    }
    let (source, actor) = (visit.visitor.caller.source(), visit.visitor.caller.actor());
    let cause = Cause { source, actor, correlation_id: request.0, cause: None };
    let link = pages.sources.undo_link(&link, &cause).await?;
    Ok(back(&visit, link.order_name, link.id, UNDONE))
}

impl Pages {
    /// The order that a person names: by its number, as the list shows it, or by the address of its page. The parts of a split
    /// order have one number and are meant together.
    async fn chosen(&self, scope: &TenantScope, named: &str) -> Result<Vec<OrderAddress>, Problem> {
        let number: String = named.chars().filter(|letter| !letter.is_control()).collect();
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let found = match id_in(named) {
            Some(id) => chosen_by_id(&mut *reading, scope, OrderStreamId(id)).await?,
            None => carrying_number(&mut *reading, scope, &number).await?,
        };
        reading.release();
        let there: Vec<&ChosenOrder> = found.iter().filter(|order| !order.vanished).collect();
        if there.is_empty() {
            return Err(if found.is_empty() { unknown_warehouse_order() } else { gone() });
        }
        if there.windows(2).any(|two| two[0].part == two[1].part) {
            let told = "several warehouse orders carry this number; open the right one and give the address of its page";
            let problem = Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "warehouse_order_ambiguous", told);
            return Err(problem.with("field", NUMBER));
        }
        let address = |order: &ChosenOrder| OrderAddress {
            tenant: scope.tenant(),
            account: AccountId(order.account_id),
            mintsoft_order_id: order.mintsoft_order_id,
        };
        Ok(there.into_iter().map(address).collect())
    }
}

/// The id in what was named, as the address of an order's page holds one.
fn id_in(named: &str) -> Option<Uuid> {
    let pieces = named.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-');
    pieces.filter(|piece| piece.len() == 36).find_map(|piece| piece.parse().ok())
}

fn is_among(tied: &[TiedOrder], order: &OrderAddress) -> bool {
    tied.iter().any(|one| (one.account, one.mintsoft_order_id) == (order.account, order.mintsoft_order_id))
}

fn unknown_warehouse_order() -> Problem {
    let told = "none of the brand's warehouse orders carries this number; give the whole number, as the list of orders shows it";
    Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "warehouse_order_unknown", told).with("field", NUMBER)
}

fn gone() -> Problem {
    let told = "this order is no longer in the warehouse's system; choose the one that replaced it";
    Problem::of(StatusCode::CONFLICT, "warehouse_order_gone", told).with("field", NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_named_by_the_address_of_its_page_or_by_its_number() {
        let id = "018f2c7e-9f0a-7cc1-8a2b-0123456789ab";
        for named in [
            id,
            &format!(" https://x.example/dashboard/orders/{id}?tenant_id=1#shop "),
            &format!("/dashboard/orders/{id}"),
        ] {
            assert_eq!(id_in(named).map(|id| id.to_string()).as_deref(), Some(id), "{named}");
        }
        for named in ["ladore-1001", "", "1001", "018f2c7e-9f0a"] {
            assert_eq!(id_in(named), None, "{named}");
        }
    }
}
