//! What each event changes in the row of its order: a pure, total fold, the same inline and in a rebuild.

use logistics_domain::order::facts::{Courier, LinkBasis, OrderFacts, ShopOrder, Status, Tracking};
use logistics_domain::status::{CURRENT, Known, Mapping, OpenPromise, Standing};
use logistics_domain::{AccountId, OrderEvent};
use uuid::Uuid;

use super::row::{AlsoFulfilled, Cancellation, CancellationState, OrderData, OrderRow};
use super::scans::ScansSeen;
use crate::event_place::EventPlace;

/// Applies one event. `None` goes in, and comes out, only while the order was not discovered.
///
/// `updated_at` moves with whatever changes what the order shows; comments leave it, and so do scans that leave the
/// order where it stands and its delivery when it was, since they are shown beside the order and not in it. Every event
/// moves `version`.
pub fn apply(row: Option<OrderRow>, at: &EventPlace, event: &OrderEvent) -> Option<OrderRow> {
    apply_by(&CURRENT, row, at, event)
}

/// Applies one event, with statuses and scans read by another mapping than the one in use.
pub fn apply_by(
    mapping: &Mapping,
    row: Option<OrderRow>,
    at: &EventPlace,
    event: &OrderEvent,
) -> Option<OrderRow> {
    let mut row = match (row, event) {
        (row, OrderEvent::OrderDiscovered { account_id, mintsoft_order_id, facts, observed }) => {
            let mut fresh = discovered(*account_id, *mintsoft_order_id, facts, at);
            fresh.observed_at = observed.answered_at;
            if let Some(held) = row {
                keep_what_upstream_does_not_tell(&mut fresh, held);
            }
            fresh
        }
        (Some(row), _) => row,
        (None, _) => return None,
    };
    let delivered_at = row.delivered_at;
    row.version = at.sequence;
    note_observation(&mut row, at, event);
    change(&mut row, at, event);
    row.note_scan(mapping, event);
    let standing = mapping.standing(&known(&row));
    let shows_the_same = shows_the_same(&standing, &row.standing) && row.delivered_at == delivered_at;
    if changes_what_is_shown(event) || !shows_the_same {
        row.updated_at = row.updated_at.max(at.observed_at);
    }
    row.standing = standing;
    Some(row)
}

/// What the standing of an order depends on.
fn known(row: &OrderRow) -> Known<'_> {
    Known {
        status_id: row.status_id,
        status: row.status.as_deref(),
        external_status: row.order_data.external_status.as_deref(),
        dispatched_at: row.dispatched_at,
        required_dispatch_at: row.order_data.details.required_dispatch_at,
        estimated_delivery: row.estimated_delivery,
        is_tracked: row.tracking_number.is_some(),
        is_vanished: row.vanished_at.is_some(),
        scan: row.scans.class(),
        scanned_at: row.order_data.last_scan.as_ref().map(|scan| scan.happened_at),
        clock: row.clock(),
        missed: row.missed,
    }
}

/// Whether two standings differ at most in the open promise, whose end moves with each scan.
fn shows_the_same(one: &Standing, other: &Standing) -> bool {
    let shown = |standing: &Standing| Standing { promise: None, due_at: None, is_missed: false, ..*standing };
    shown(one) == shown(other)
}

/// The row of an order that was just seen for the first time.
fn discovered(account_id: Uuid, mintsoft_order_id: i64, facts: &OrderFacts, at: &EventPlace) -> OrderRow {
    let mut row = OrderRow {
        id: at.stream,
        tenant_id: at.tenant,
        account_id: AccountId(account_id),
        version: at.sequence,
        order_id: None,
        shop_order_name: None,
        link_basis: None,
        mintsoft_order_id,
        mintsoft_order_number: facts.number.clone(),
        status: None,
        status_id: None,
        courier_service: None,
        courier_service_id: None,
        tracking_number: None,
        tracking_url: None,
        dispatched_at: facts.dispatched_at,
        estimated_delivery: facts.estimated_delivery,
        delivered_at: None,
        num_parcels: facts.parcels.count,
        weight_grams: facts.parcels.weight_grams,
        part: facts.part.number,
        number_of_parts: facts.part.of,
        ordered_at: facts.ordered_at,
        vanished_at: None,
        withheld_reason: None,
        cancellation: None,
        standing: Standing::default(),
        missed: None,
        scans: ScansSeen::default(),
        order_data: OrderData {
            external_reference: facts.external_reference.clone(),
            client_id: facts.client_id,
            external_status: None,
            last_scan: None,
            also_fulfils: vec![],
            items: facts.items.clone(),
            shipments: facts.shipments.clone(),
            details: facts.details.clone(),
        },
        observed_at: at.observed_at,
        observed_via: at.source,
        created_at: at.observed_at,
        updated_at: at.observed_at,
    };
    set_status(&mut row, facts.status.as_ref());
    set_courier(&mut row, facts.courier.as_ref());
    set_tracking(&mut row, facts.tracking.as_ref());
    row
}

/// A second discovery replaces what upstream tells of an order, and nothing else.
fn keep_what_upstream_does_not_tell(fresh: &mut OrderRow, held: OrderRow) {
    fresh.order_id = held.order_id;
    fresh.shop_order_name = held.shop_order_name;
    fresh.link_basis = held.link_basis;
    fresh.delivered_at = held.delivered_at;
    fresh.vanished_at = held.vanished_at;
    fresh.withheld_reason = held.withheld_reason;
    fresh.cancellation = held.cancellation;
    fresh.standing = held.standing;
    fresh.missed = held.missed;
    fresh.scans = held.scans;
    fresh.order_data.last_scan = held.order_data.last_scan;
    fresh.order_data.also_fulfils = held.order_data.also_fulfils;
    fresh.observed_at = held.observed_at;
    fresh.observed_via = held.observed_via;
    fresh.created_at = held.created_at;
    fresh.updated_at = held.updated_at;
}

const fn changes_what_is_shown(event: &OrderEvent) -> bool {
    !matches!(
        event,
        OrderEvent::TrackingEventRecorded { .. }
            | OrderEvent::CommentRequested { .. }
            | OrderEvent::CommentPosted { .. }
            | OrderEvent::CommentRefused { .. }
    )
}

/// The newest answer about the order itself; a list of scans or a callback says nothing of the rest.
fn note_observation(row: &mut OrderRow, at: &EventPlace, event: &OrderEvent) {
    let beside =
        matches!(event, OrderEvent::TrackingEventRecorded { .. } | OrderEvent::OrderDelivered { .. });
    let Some(observed) = event.observed().filter(|_| !beside) else { return };
    if observed.answered_at >= row.observed_at {
        row.observed_at = observed.answered_at;
        row.observed_via = at.source;
    }
}

/// The columns that each event owns.
fn change(row: &mut OrderRow, at: &EventPlace, event: &OrderEvent) {
    match event {
        OrderEvent::OrderDiscovered { .. }
        | OrderEvent::RecipientChanged { .. }
        | OrderEvent::PersonalDataErased { .. }
        | OrderEvent::TrackingEventRecorded { .. }
        | OrderEvent::OrderDelivered { .. }
        | OrderEvent::CommentRequested { .. }
        | OrderEvent::CommentPosted { .. }
        | OrderEvent::CommentRefused { .. } => {}
        OrderEvent::OrderRenumbered { number, external_reference, .. } => {
            row.mintsoft_order_number.clone_from(number);
            row.order_data.external_reference.clone_from(external_reference);
        }
        OrderEvent::StatusChanged { to, .. } => set_status(row, Some(to)),
        OrderEvent::CourierAssigned { courier, .. } => set_courier(row, courier.as_ref()),
        OrderEvent::TrackingNumberChanged { tracking, .. } => set_tracking(row, tracking.as_ref()),
        OrderEvent::OrderDispatched { dispatched_at, .. } => row.dispatched_at = Some(*dispatched_at),
        OrderEvent::DispatchWithdrawn { .. } => row.dispatched_at = None,
        OrderEvent::ParcelsChanged { parcels, .. } => {
            row.num_parcels = parcels.count;
            row.weight_grams = parcels.weight_grams;
        }
        OrderEvent::ShipmentsChanged { shipments, .. } => row.order_data.shipments.clone_from(shipments),
        OrderEvent::ItemsChanged { items, .. } => row.order_data.items.clone_from(items),
        OrderEvent::EstimatedDeliveryChanged { estimated_delivery, .. } => {
            row.estimated_delivery = *estimated_delivery;
        }
        OrderEvent::PartChanged { part, .. } => {
            row.part = part.number;
            row.number_of_parts = part.of;
        }
        OrderEvent::DetailsChanged { client_id, ordered_at, details, .. } => {
            row.order_data.client_id = *client_id;
            row.ordered_at = *ordered_at;
            row.order_data.details.clone_from(details);
        }
        OrderEvent::OrderVanished { observed } => row.vanished_at = Some(observed.answered_at),
        OrderEvent::OrderReappeared { .. } => row.vanished_at = None,
        OrderEvent::PromiseMissed { promise, due_at } => {
            row.missed = Some(OpenPromise { promise: *promise, due_at: *due_at });
        }
        OrderEvent::OrderLinked { shop_order, basis } => tie(row, shop_order, *basis),
        OrderEvent::OrderUnlinked { shop_order, .. } => untie(row, shop_order.order_id),
        OrderEvent::OrderWithheld { reason } => row.withheld_reason = Some(reason.clone()),
        OrderEvent::OrderReleased {} => row.withheld_reason = None,
        OrderEvent::CancellationRequested { request_id, requested_by, .. } => {
            row.cancellation = Some(Cancellation {
                request_id: *request_id,
                state: CancellationState::Requested,
                message: None,
                requested_by: requested_by.clone(),
                requested_at: at.observed_at,
            });
        }
        OrderEvent::CancellationConfirmed { request_id } => {
            settle(row, *request_id, CancellationState::Confirmed, None);
        }
        OrderEvent::CancellationRefused { request_id, message } => {
            settle(row, *request_id, CancellationState::Refused, Some(message));
        }
    }
}

/// The first shop order stands in the columns, what a survivor of merges fulfils besides in the rest.
fn tie(row: &mut OrderRow, shop_order: &ShopOrder, basis: LinkBasis) {
    let ShopOrder { order_id, name } = shop_order.clone();
    let tied = AlsoFulfilled { order_id, name, basis };
    let also = &mut row.order_data.also_fulfils;
    if let Some(held) = also.iter_mut().find(|held| held.order_id == order_id) {
        *held = tied;
    } else if row.order_id.is_none_or(|held| held == order_id) {
        set_first(row, Some(tied));
    } else {
        also.push(tied);
    }
}

fn untie(row: &mut OrderRow, order_id: i64) {
    let also = &mut row.order_data.also_fulfils;
    also.retain(|held| held.order_id != order_id);
    if row.order_id == Some(order_id) {
        let next = (!also.is_empty()).then(|| also.remove(0));
        set_first(row, next);
    }
}

fn set_first(row: &mut OrderRow, first: Option<AlsoFulfilled>) {
    row.order_id = first.as_ref().map(|first| first.order_id);
    row.link_basis = first.as_ref().map(|first| first.basis);
    row.shop_order_name = first.map(|first| first.name);
}

fn set_status(row: &mut OrderRow, status: Option<&Status>) {
    row.status = status.map(|status| status.name.clone());
    row.status_id = status.map(|status| status.id);
    row.order_data.external_status = status.and_then(|status| status.external_name.clone());
}

fn set_courier(row: &mut OrderRow, courier: Option<&Courier>) {
    row.courier_service = courier.and_then(|courier| courier.name.clone());
    row.courier_service_id = courier.and_then(|courier| courier.service_id);
}

fn set_tracking(row: &mut OrderRow, tracking: Option<&Tracking>) {
    row.tracking_number = tracking.map(|tracking| tracking.number.clone());
    row.tracking_url = tracking.and_then(|tracking| tracking.url.clone());
}

/// Only the request that the row shows is settled in it.
fn settle(row: &mut OrderRow, request_id: Uuid, state: CancellationState, message: Option<&String>) {
    if let Some(cancellation) = row.cancellation.as_mut().filter(|shown| shown.request_id == request_id) {
        cancellation.state = state;
        cancellation.message = message.cloned();
    }
}
