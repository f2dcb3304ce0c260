//! The state of an order, and what each fact changes in it. `evolve` is exhaustive and cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::OrderEvent;
use super::facts::{DeliveryBasis, OrderFacts, Sealed, ShopOrder, TrackingEvent};
use super::observation::Observed;
use super::status;
use crate::status::{CURRENT, Deliveries, OpenPromise, ScanClass};

/// What joins the numbers of merged orders in the survivor's number.
pub const MERGE_JOINT: char = '+';

/// An order as its history tells it. The default is an order that was never seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Mintsoft's number; `None` until the order is discovered.
    pub mintsoft_order_id: Option<i64>,
    /// What upstream has told.
    pub facts: OrderFacts,
    /// The answer that the newest observed fact was read from.
    pub last_observed: Option<Observed>,
    /// Upstream's numbers of the scans already recorded.
    pub scans: BTreeSet<i64>,
    /// When it was delivered (UTC), as it was told last.
    pub delivered_at: Option<DateTime<Utc>>,
    /// What proved the delivery that was told last.
    pub delivery_basis: Option<DeliveryBasis>,
    /// What is left of the deliveries that were told: a scan may refute one, or be read otherwise by now.
    pub deliveries: Deliveries,
    /// The promise that was noted last as not kept.
    pub missed: Option<OpenPromise>,
    /// Upstream no longer has it.
    pub vanished: bool,
    /// Its personal data was erased; what arrives later is not kept.
    pub erased: bool,
    /// Why it is shown to no tenant, if so.
    pub withheld: Option<String>,
    /// The shop order that it fulfils; of several, the one that it was tied to first.
    pub linked_to: Option<ShopOrder>,
    /// What a survivor of merges fulfils besides.
    pub also_linked: Vec<ShopOrder>,
    /// Shop orders (by id) it was tied to once: a name that is searched for does not tie it to them again.
    pub untied_from: BTreeSet<i64>,
    /// Cancellations asked for, by request.
    pub cancellations: BTreeMap<Uuid, Request>,
    /// Comments asked for, by request.
    pub comments: BTreeMap<Uuid, Request>,
}

/// A person's request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The text that was asked with, sealed.
    pub content: Sealed,
    /// For a comment: whether only the warehouse's own staff may see it.
    pub internal: bool,
    /// For a comment that was posted: upstream's number of it, where upstream said so.
    pub comment_id: Option<i64>,
    /// What became of it.
    pub outcome: RequestOutcome,
    /// Why it was refused, if it was: upstream's words, or ours.
    pub message: Option<String>,
}

impl Request {
    /// A request that nobody has answered yet.
    const fn pending(content: Sealed, internal: bool) -> Self {
        Self { content, internal, comment_id: None, outcome: RequestOutcome::Pending, message: None }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestOutcome {
    /// No outcome yet.
    Pending,
    /// Upstream did it.
    Confirmed,
    /// Upstream refused, or we gave up.
    Refused,
}

impl Order {
    /// Whether the order was ever seen.
    pub const fn is_known(&self) -> bool {
        self.mintsoft_order_id.is_some()
    }

    /// Whether the goods have left: by status, or proved by a dispatch date.
    pub fn is_dispatched(&self) -> bool {
        self.facts.dispatched_at.is_some() || self.facts.status.as_ref().is_some_and(status::says_dispatched)
    }

    /// The shop orders that it fulfils; more than one where others were merged into it.
    pub fn fulfilled(&self) -> impl Iterator<Item = &ShopOrder> {
        self.linked_to.iter().chain(&self.also_linked)
    }

    /// Whether it can fulfil one more shop order: a survivor of merges fulfils as many as its number joins.
    pub fn has_room(&self) -> bool {
        let joined = if self.facts.details.merged { self.facts.number.split(MERGE_JOINT).count() } else { 1 };
        self.fulfilled().count() < joined
    }

    /// The cancellation that waits for its outcome, if one does.
    pub fn pending_cancellation(&self) -> Option<Uuid> {
        let pending = |made: &Request| made.outcome == RequestOutcome::Pending;
        self.cancellations.iter().find(|(_, made)| pending(made)).map(|(request_id, _)| *request_id)
    }

    /// What a recorded scan means to this order.
    fn scan_class(&self, scan: &TrackingEvent) -> Option<ScanClass> {
        let courier = self.facts.courier.as_ref().and_then(|courier| courier.name.as_deref());
        CURRENT.recorded_class(scan, courier, self.erased)
    }

    /// Whether upstream has it as cancelled now.
    pub fn is_cancelled(&self) -> bool {
        self.facts.status.as_ref().is_some_and(|status| status.id == status::CANCELLED)
    }
}

/// Applies one fact. Total: any event can be applied to any state.
pub fn evolve(order: &mut Order, event: OrderEvent) {
    if let Some(observed) = event.observed()
        && !matches!(event, OrderEvent::TrackingEventRecorded { .. } | OrderEvent::OrderDelivered { .. })
    {
        order.last_observed = Some(observed.clone());
    }
    match event {
        OrderEvent::OrderDiscovered { mintsoft_order_id, facts, .. } => {
            order.mintsoft_order_id = Some(mintsoft_order_id);
            order.facts = *facts;
        }
        OrderEvent::OrderRenumbered { number, external_reference, .. } => {
            order.facts.number = number;
            order.facts.external_reference = external_reference;
        }
        OrderEvent::StatusChanged { to, .. } => order.facts.status = Some(to),
        OrderEvent::CourierAssigned { courier, .. } => order.facts.courier = courier,
        OrderEvent::TrackingNumberChanged { tracking, .. } => order.facts.tracking = tracking,
        OrderEvent::OrderDispatched { dispatched_at, .. } => order.facts.dispatched_at = Some(dispatched_at),
        OrderEvent::DispatchWithdrawn { .. } => order.facts.dispatched_at = None,
        OrderEvent::ParcelsChanged { parcels, .. } => order.facts.parcels = parcels,
        OrderEvent::ShipmentsChanged { shipments, .. } => order.facts.shipments = shipments,
        OrderEvent::ItemsChanged { items, .. } => order.facts.items = items,
        OrderEvent::RecipientChanged { recipient, .. } => order.facts.recipient = recipient,
        OrderEvent::EstimatedDeliveryChanged { estimated_delivery, .. } => {
            order.facts.estimated_delivery = estimated_delivery;
        }
        OrderEvent::PartChanged { part, .. } => order.facts.part = part,
        OrderEvent::DetailsChanged { client_id, ordered_at, details, .. } => {
            order.facts.client_id = client_id;
            order.facts.ordered_at = ordered_at;
            order.facts.details = details;
        }
        OrderEvent::PersonalDataErased { .. } => {
            order.erased = true;
            order.facts.recipient = None;
        }
        OrderEvent::OrderVanished { .. } => order.vanished = true,
        OrderEvent::OrderReappeared { .. } => order.vanished = false,
        OrderEvent::TrackingEventRecorded { scan, observed } => {
            let place = (scan.happened_at.unwrap_or(observed.answered_at), scan.id);
            let class = order.scan_class(&scan);
            order.deliveries.note_scan(place, class, scan.delivered);
            order.scans.insert(scan.id);
        }
        OrderEvent::OrderDelivered { delivered_at, basis, .. } => {
            order.deliveries.note_told(delivered_at, basis);
            order.delivered_at = Some(delivered_at);
            order.delivery_basis = Some(basis);
        }
        OrderEvent::PromiseMissed { promise, due_at } => {
            order.missed = Some(OpenPromise { promise, due_at });
        }
        OrderEvent::OrderLinked { shop_order, .. } => {
            order.untied_from.remove(&shop_order.order_id);
            tie(order, shop_order);
        }
        OrderEvent::OrderUnlinked { shop_order, .. } => {
            untie(order, shop_order.order_id);
            order.untied_from.insert(shop_order.order_id);
        }
        OrderEvent::OrderWithheld { reason } => order.withheld = Some(reason),
        OrderEvent::OrderReleased {} => order.withheld = None,
        OrderEvent::CancellationRequested { request_id, reason, .. } => {
            order.cancellations.insert(request_id, Request::pending(reason, false));
        }
        OrderEvent::CancellationConfirmed { request_id } => {
            settle(&mut order.cancellations, request_id, RequestOutcome::Confirmed, None);
        }
        OrderEvent::CancellationRefused { request_id, message } => {
            settle(&mut order.cancellations, request_id, RequestOutcome::Refused, Some(message));
        }
        OrderEvent::CommentRequested { request_id, comment, internal, .. } => {
            order.comments.insert(request_id, Request::pending(comment, internal));
        }
        OrderEvent::CommentPosted { request_id, comment_id } => {
            settle(&mut order.comments, request_id, RequestOutcome::Confirmed, None);
            if let Some(request) = order.comments.get_mut(&request_id) {
                request.comment_id = comment_id;
            }
        }
        OrderEvent::CommentRefused { request_id, message } => {
            settle(&mut order.comments, request_id, RequestOutcome::Refused, Some(message));
        }
    }
}

fn tie(order: &mut Order, shop_order: ShopOrder) {
    let is_it = |held: &ShopOrder| held.order_id == shop_order.order_id;
    if let Some(held) = order.also_linked.iter_mut().find(|held| is_it(held)) {
        *held = shop_order;
    } else if order.linked_to.as_ref().is_none_or(is_it) {
        order.linked_to = Some(shop_order);
    } else {
        order.also_linked.push(shop_order);
    }
}

/// The next one takes the place of the first.
fn untie(order: &mut Order, order_id: i64) {
    order.also_linked.retain(|held| held.order_id != order_id);
    if order.linked_to.as_ref().is_some_and(|held| held.order_id == order_id) {
        order.linked_to = (!order.also_linked.is_empty()).then(|| order.also_linked.remove(0));
    }
}

fn settle(
    requests: &mut BTreeMap<Uuid, Request>,
    request_id: Uuid,
    outcome: RequestOutcome,
    message: Option<String>,
) {
    if let Some(request) = requests.get_mut(&request_id) {
        request.outcome = outcome;
        request.message = message;
    }
}
