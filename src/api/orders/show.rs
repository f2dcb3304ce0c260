//! `GET /logistics/orders/{id}`: one order whole: recipient, parcels, shop order, the other parts of a split, and what can be
//! done with it now. One whose data is old is read again first; if upstream is slow or down, the answer is what is
//! known, and `freshness` says how old that is.

use axum::extract::State;
use axum::{Extension, Json};
use logistics_domain::OrderStreamId;
use logistics_projections::orders::{OrderPart, OrderView, ids_of_parts, parts_among};
use logistics_projections::recipients::{Recipient, recipient_of};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Orders;
use super::can::CanBeDone;
use crate::access::Caller;
use crate::actions::{Beside, beside};
use crate::api::etag::LookedUp;
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;

/// An order and all that a page about it shows.
#[derive(Serialize, ToSchema)]
pub(super) struct OneOrder {
    #[serde(flatten)]
    order: OrderView,
    /// Whom it goes to; null once the person was erased.
    recipient: Option<Recipient>,
    /// The parcels that have a number, each once.
    parcels: Vec<Parcel>,
    /// The shop order that the order fulfils; of several, the one that it was tied to first.
    shop_order: Option<ShopOrderView>,
    /// The further shop orders that the order fulfils, where other orders were merged into it.
    also_fulfils: Vec<ShopOrderView>,
    /// The other parts of a split order.
    parts: Vec<OrderPart>,
    /// What the caller can have done now.
    can: CanBeDone,
}

/// A parcel with a number.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Parcel {
    /// The parcel's tracking number.
    number: String,
    /// The consignment that the parcel belongs to, where that is known.
    shipment_id: Option<i64>,
}

/// The shop order that an order fulfils.
#[derive(Serialize, ToSchema)]
pub(super) struct ShopOrderView {
    /// The host's number, or the ledger's own.
    order_id: i64,
    /// What the customer sees, as `#1001`.
    name: Option<String>,
    /// By what the shop order was found: `name`, `order_number`, `host` or `manual`.
    basis: Option<String>,
    /// Where the shop order was placed: `shopify`, `woocommerce` or `host`.
    platform: Option<String>,
    /// The platform's own id of the shop order.
    external_id: Option<String>,
}

/// One order, in full.
#[utoipa::path(get, path = "/logistics/orders/{id}", tag = "orders", params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "The order", body = OneOrder)))]
pub(super) async fn show(
    State(orders): State<Orders>,
    scope: Scope,
    caller: Caller,
    looked_up: Option<Extension<LookedUp>>,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<OneOrder>, Problem> {
    let looked_up = looked_up.map(|Extension(looked_up)| looked_up);
    let (mut order, mut reading) = orders.find_fresh(scope, id, looked_up).await?;
    let recipient = recipient_of(&mut *reading, &scope.0, OrderStreamId(id)).await?;
    let mut shop_orders = shop_orders_of(&mut reading, scope, &order).await?.into_iter();
    let (shop_order, also_fulfils) = (shop_orders.next(), shop_orders.collect());
    let parts = if order.number_of_parts > 1 {
        // Another pool is asked, which may be slow.
        reading.leave_turn();
        let ids = ids_of_parts(&orders.gate.pool, &scope.0, &order).await?;
        parts_among(&mut *reading, &scope.0, &ids).await?
    } else {
        vec![]
    };
    reading.release();
    let asked = asked_in(&order);
    // An order with a recipient was not erased; most orders are not asked about further.
    let beside = if recipient.is_none() || asked.is_some() {
        beside(&orders.gate.pool, OrderStreamId(id), asked).await?
    } else {
        Beside::default()
    };
    if let Some(why) = beside.left_to_person
        && let Some(cancellation) = order.cancellation.as_mut()
    {
        cancellation["message"] = why.into();
    }
    let can = CanBeDone::with(&order, beside.erased, caller.role());
    let parcels = parcels_of(&order);
    Ok(Json(OneOrder { order, recipient, parcels, shop_order, also_fulfils, parts, can }))
}

/// The request behind the cancellation that waits, if one does.
fn asked_in(order: &OrderView) -> Option<Uuid> {
    let cancellation = order.cancellation.as_ref()?;
    if cancellation.get("state")?.as_str() != Some("requested") {
        return None;
    }
    cancellation.get("request_id")?.as_str()?.parse().ok()
}

/// The shop orders that it fulfils, the first one first.
async fn shop_orders_of(
    reading: &mut PgConnection,
    scope: Scope,
    order: &OrderView,
) -> sqlx::Result<Vec<ShopOrderView>> {
    let Some(order_id) = order.order_id else { return Ok(vec![]) };
    let view =
        |order_id, name, basis| ShopOrderView { order_id, name, basis, platform: None, external_id: None };
    let mut views = vec![view(order_id, order.shop_order_name.clone(), order.link_basis.clone())];
    views.extend(
        order
            .also_fulfils()
            .into_iter()
            .map(|also| view(also.order_id, Some(also.name), Some(also.basis.as_str().to_owned()))),
    );
    let ids: Vec<i64> = views.iter().map(|view| view.order_id).collect();
    let told: Vec<(i64, String, String)> =
        sqlx::query_as("select id, platform, external_id from orders where tenant_id = $1 and id = any($2)")
            .bind(scope.tenant().0)
            .bind(ids)
            .fetch_all(reading)
            .await?;
    for (id, platform, external_id) in told {
        if let Some(view) = views.iter_mut().find(|view| view.order_id == id) {
            (view.platform, view.external_id) = (Some(platform), Some(external_id));
        }
    }
    Ok(views)
}

/// The numbers of the parcels: those of the consignments, else what the tracking number joins.
fn parcels_of(order: &OrderView) -> Vec<Parcel> {
    let booked = order.shipments().unwrap_or_default();
    let mut parcels: Vec<Parcel> = Vec::new();
    let mut add = |number: &str, shipment_id: Option<i64>| {
        let number = number.trim();
        if !number.is_empty() && parcels.iter().all(|parcel| parcel.number != number) {
            parcels.push(Parcel { number: number.to_owned(), shipment_id });
        }
    };
    for shipment in &booked {
        let own = shipment
            .parcel_numbers
            .iter()
            .chain(shipment.number.iter().filter(|_| shipment.parcel_numbers.is_empty()));
        own.for_each(|number| add(number, Some(shipment.id)));
    }
    if booked.is_empty() {
        let joined = order.tracking_number.as_deref().unwrap_or_default();
        let between = |letter: char| matches!(letter, ',' | ';' | '|') || letter.is_whitespace();
        joined.split(between).for_each(|number| add(number, None));
    }
    parcels
}
