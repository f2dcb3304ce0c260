//! `/logistics/links`: paid shop orders, and which warehouse order fulfils each. Those that none is linked to are the list
//! "paid, not in the warehouse".

mod export;
mod undo;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use logistics_domain::order::facts::LinkBasis;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Body, NoParameters, Query, page, searched};
use super::gate::{Gate, Scope};
use super::orders::address_of;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Right};
use crate::shops::Candidate;
use crate::sync::Sources;
use crate::sync::links::{LinkFilter, LinkRequest, LinkRow, LinkState, Origin, list_links, request_link};

/// What the endpoints of links work with. Cloning shares it.
#[derive(Clone)]
pub struct Links {
    gate: Gate,
    sources: Arc<Sources>,
}

impl Links {
    /// Links that these sources look for.
    pub fn over(gate: &Gate, sources: &Arc<Sources>) -> Self {
        Self { gate: gate.clone(), sources: Arc::clone(sources) }
    }

    /// Their routes.
    pub fn routes(&self) -> Routes {
        Routes::behind(&self.gate)
            .tenant(Right::LinkOrders, routes!(ask), self.clone())
            .tenant(Right::LinkOrders, routes!(undo::undo), self.clone())
            .tenant(Right::ReadOrders, routes!(list), self.clone())
            .tenant(Right::ExportOrders, routes!(export::export), self.clone())
    }
}

/// A shop order to look for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    /// The host's number of the shop order, from 1 to 999999999: those beyond are the ledger's own.
    #[schema(minimum = 1, maximum = 999_999_999)]
    order_id: i64,
    /// What the customer sees, as `#1001`, in up to 100 characters behind a `#`; the warehouse is searched for numbers made
    /// from it.
    #[schema(min_length = 1, max_length = 101)]
    order_name: String,
    /// The warehouse order that fulfils it, where somebody knows which: its `id` in the list of orders. It is tied as it is,
    /// whatever its number, in place of the shop order that it fulfilled and of any other order that fulfilled this one;
    /// nothing is searched for.
    fulfilled_by: Option<Uuid>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LinkQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// Only links in this state; `not_linked` is `pending` or `not_found`.
    #[param(inline)]
    state: Option<StateName>,
    /// Part of a shop order's name or of a number that is looked for, in any case; or a shop order's whole id.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// A state as it is asked for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateName {
    Pending,
    Linked,
    NotFound,
    /// Being looked for, or given up: what the pages show as paid and not in the warehouse.
    NotLinked,
}

impl StateName {
    fn states(self) -> Vec<LinkState> {
        match self {
            Self::Pending => vec![LinkState::Pending],
            Self::Linked => vec![LinkState::Linked],
            Self::NotFound => vec![LinkState::NotFound],
            Self::NotLinked => vec![LinkState::Pending, LinkState::NotFound],
        }
    }
}

/// Which links a query means.
fn filter(state: Option<StateName>, search: Option<String>) -> Result<LinkFilter, Problem> {
    Ok(LinkFilter { states: state.map(StateName::states).unwrap_or_default(), search: searched(search)? })
}

/// A link as it is shown.
#[derive(Serialize, ToSchema)]
struct LinkView {
    /// The id of the link.
    id: Uuid,
    /// The host's number of the shop order, or one of the ledger's own, from 1000000000.
    order_id: i64,
    /// What the customer sees, as `#1001`.
    order_name: String,
    /// The order numbers to look for in the warehouse, in this order, each with what it was made from.
    candidates: Vec<Candidate>,
    /// `pending` (being looked for), `linked`, or `not_found`: no warehouse order is linked, and `reason` says why. A search that
    /// ended without a find is repeated when a poll shows one of its numbers; after an undoing no search ties the same two again,
    /// only the host or a person does.
    state: &'static str,
    /// How often the order was looked for.
    attempts: i32,
    /// Why there is no link, or no longer one, as a sentence; null once there is one.
    reason: Option<String>,
    /// By what the order was found: `name`, `order_number`, `host` or `manual`; null until then.
    basis: Option<&'static str>,
    /// Whether the host asked for the link by an API call.
    from_host: bool,
    /// Who asked for the link: `delivery:<id>` for a shop's webhook, else `user:<id>` or `key:<id>`.
    requested_by: String,
    /// When the paid order was first heard of (UTC).
    created_at: DateTime<Utc>,
    /// When anything of the link last changed (UTC).
    updated_at: DateTime<Utc>,
    /// When the order was found (UTC); null until then.
    linked_at: Option<DateTime<Utc>>,
}

/// A page, in the host's shape.
#[derive(Serialize, ToSchema)]
struct LinkPageView {
    total: i64,
    items: Vec<LinkView>,
    skip: i64,
    limit: i64,
}

impl From<LinkRow> for LinkView {
    fn from(link: LinkRow) -> Self {
        Self {
            id: link.id,
            order_id: link.order_id,
            order_name: link.order_name,
            candidates: link.candidates,
            state: link.state.as_str(),
            attempts: link.attempts,
            reason: link.reason,
            basis: link.basis.map(LinkBasis::as_str),
            from_host: link.from_host,
            requested_by: link.requested_by,
            created_at: link.created_at,
            updated_at: link.updated_at,
            linked_at: link.linked_at,
        }
    }
}

/// Starts the search for a paid shop order in the warehouse, or ties it to the warehouse order that fulfils it; asking again
/// shows how it goes.
#[utoipa::path(post, path = "/logistics/links", tag = "links", request_body = LinkBody,
    responses((status = 202, description = "Accepted: the search begins; or, with `fulfilled_by`, the link to that order is made in \
        the background. The list of links tells the outcome", body = LinkView)))]
async fn ask(
    State(links): State<Links>,
    scope: Scope,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<LinkBody>,
) -> Result<(StatusCode, Json<LinkView>), Problem> {
    let order_id = body.order_id;
    let origin = match body.fulfilled_by {
        Some(id) => Origin::Chosen { order_id, fulfilled_by: address_of(&links.gate, scope, id).await? },
        None => Origin::Host { order_id },
    };
    let request = LinkRequest {
        tenant: scope.tenant(),
        origin,
        name: body.order_name,
        order_number: None,
        requested_by: caller.actor(),
    };
    let mut transaction = links.gate.pool.begin().await?;
    let (settings, now) = (&links.sources.settings.links, links.gate.clock.now());
    let link = request_link(&mut transaction, &request, settings, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(link.into())))
}

/// There is no such link, or it is another tenant's.
pub(crate) fn unknown_link() -> Problem {
    Problem::not_found("link_unknown", "there is no such paid order; open the list of links again")
}

/// Paid shop orders and whether each is in the warehouse.
#[utoipa::path(get, path = "/logistics/links", tag = "links", params(LinkQuery),
    responses((status = 200, description = "A page of links", body = LinkPageView)))]
async fn list(
    State(links): State<Links>,
    scope: Scope,
    Query(query): Query<LinkQuery>,
) -> Result<Json<LinkPageView>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    let filter = filter(query.state, query.search)?;
    let mut reading = links.gate.reader.of(scope.tenant()).await?;
    let page = list_links(&mut reading, scope.0, &filter, skip, limit).await?;
    reading.release();
    let items = page.items.into_iter().map(LinkView::from).collect();
    Ok(Json(LinkPageView { total: page.total, items, skip, limit }))
}
