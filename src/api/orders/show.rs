//! `GET /logistics/orders/{id}`: one order whole: recipient, parcels, shop order, the other parts of a split, and what can be
//! done with it now. One whose data is old is read again first; if upstream is slow or down, the answer is what is
//! known, and `freshness` says how old that is.

use axum::extract::State;
use axum::{Extension, Json};
use logistics_domain::OrderStreamId;
use logistics_projections::TenantScope;
use logistics_projections::orders::{OrderPart, OrderView, ids_of_parts, parts_among};
use logistics_projections::recipients::Recipient;
use serde::Serialize;
use sqlx::PgExecutor;
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
    /// Whom it goes to; null once the personal data was erased.
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
    let (found, mut order) = orders.find_fresh(scope, id, looked_up).await?;
    let recipient = found.recipient()?;
    let (shop_order, also_fulfils) = orders.shop_orders_of(scope, &order, found.placed()?).await?;
    let parts = orders.parts_of(scope, &order).await?;
    let asked = asked_in(&order);
    // An order with a recipient was not erased; most orders are not asked about further.
    let beside = if recipient.is_none() || asked.is_some() {
        beside(&orders.gate.pool, (scope.tenant(), OrderStreamId(id)), asked).await?
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

impl Orders {
    /// The shop order that it fulfils, which was placed there, and the further ones.
    async fn shop_orders_of(
        &self,
        scope: Scope,
        order: &OrderView,
        placed: Option<(String, String)>,
    ) -> Result<(Option<ShopOrderView>, Vec<ShopOrderView>), Problem> {
        let Some(order_id) = order.order_id else { return Ok((None, vec![])) };
        let view = |order_id, name, basis| ShopOrderView {
            order_id,
            name,
            basis,
            platform: None,
            external_id: None,
        };
        let mut first = view(order_id, order.shop_order_name.clone(), order.link_basis.clone());
        (first.platform, first.external_id) = placed.unzip();
        let mut also: Vec<_> = order
            .also_fulfils()
            .into_iter()
            .map(|also| view(also.order_id, Some(also.name), Some(also.basis.as_str().to_owned())))
            .collect();
        if also.is_empty() {
            return Ok((Some(first), also));
        }
        let ids: Vec<i64> = also.iter().map(|view| view.order_id).collect();
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        for (id, platform, external_id) in places_of(&mut *reading, &scope.0, &ids).await? {
            if let Some(view) = also.iter_mut().find(|view| view.order_id == id) {
                (view.platform, view.external_id) = (Some(platform), Some(external_id));
            }
        }
        reading.release();
        Ok((Some(first), also))
    }

    /// The other parts of a split order.
    async fn parts_of(&self, scope: Scope, order: &OrderView) -> Result<Vec<OrderPart>, Problem> {
        if order.number_of_parts <= 1 {
            return Ok(vec![]);
        }
        let ids = ids_of_parts(&self.gate.pool, &scope.0, order).await?;
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let parts = parts_among(&mut *reading, &scope.0, &ids).await?;
        reading.release();
        Ok(parts)
    }
}

/// Where shop orders were placed, and under which ids.
async fn places_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    ids: &[i64],
) -> sqlx::Result<Vec<(i64, String, String)>> {
    sqlx::query_as("select id, platform, external_id from orders where tenant_id = $1 and id = any($2)")
        .bind(scope.tenant().0)
        .bind(ids)
        .fetch_all(executor)
        .await
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
