//! What an answer of upstream adds to the history: one fine-grained event for each difference.

use super::event::OrderEvent;
use super::facts::{OrderFacts, Status};
use super::observation::{Observation, Observed, Snapshot, Told};
use super::refusal::Refusal;
use super::state::Order;
use super::status;
use crate::ids::AccountId;

/// Compares what upstream shows with what is known. An answer that is superseded changes nothing.
pub(super) fn observe(
    order: &Order,
    account_id: AccountId,
    mintsoft_order_id: i64,
    observation: &Observation,
) -> Result<Vec<OrderEvent>, Refusal> {
    let Observation { snapshot, observed, last_checked } = observation;
    match order.mintsoft_order_id {
        None => Ok(discover(account_id, mintsoft_order_id, snapshot, observed)),
        Some(held) if held != mintsoft_order_id => Err(Refusal::WrongOrder { held, told: mintsoft_order_id }),
        Some(_) if is_stale(order, observed, last_checked.as_ref()) => Ok(vec![]),
        Some(_) => {
            let mut events = differences(order, snapshot, observed);
            events.extend(cancellation_seen(order, snapshot));
            Ok(events)
        }
    }
}

/// An order that is seen cancelled while a person's request waits is what the person wanted, whoever did it: the
/// answer to the call may be lost for ever.
fn cancellation_seen(order: &Order, snapshot: &Snapshot) -> Option<OrderEvent> {
    let cancelled = matches!(&snapshot.status, Told::Is(status) if status.id == status::CANCELLED);
    let request_id = order.pending_cancellation().filter(|_| cancelled)?;
    Some(OrderEvent::CancellationConfirmed { request_id })
}

fn discover(
    account_id: AccountId,
    mintsoft_order_id: i64,
    snapshot: &Snapshot,
    observed: &Observed,
) -> Vec<OrderEvent> {
    let mut facts = snapshot.clone().into_facts();
    if snapshot.personal_data_removed {
        facts.recipient = None;
    }
    let mut events = vec![OrderEvent::OrderDiscovered {
        account_id: account_id.0,
        mintsoft_order_id,
        facts: Box::new(facts),
        observed: observed.clone(),
    }];
    if snapshot.personal_data_removed {
        events.push(erased(observed));
    }
    events
}

fn erased(observed: &Observed) -> OrderEvent {
    OrderEvent::PersonalDataErased { observed: Some(observed.clone()), reason: None }
}

fn is_stale(order: &Order, observed: &Observed, last_checked: Option<&Observed>) -> bool {
    order.last_observed.iter().chain(last_checked).any(|held| observed.is_superseded_by(held))
}

pub(super) fn report_vanished(
    order: &Order,
    observed: &Observed,
    last_checked: Option<&Observed>,
) -> Vec<OrderEvent> {
    if order.vanished || is_stale(order, observed, last_checked) {
        return vec![];
    }
    vec![OrderEvent::OrderVanished { observed: observed.clone() }]
}

/// How a field compares with what is known.
enum Change<'a, T> {
    /// The read is silent, or tells what is known.
    Same,
    /// It had a value and has none now.
    Gone,
    /// It is this now.
    Now(&'a T),
}

impl<'a, T: PartialEq> Change<'a, T> {
    fn between(held: Option<&T>, told: &'a Told<T>) -> Self {
        match told {
            Told::Is(value) if held != Some(value) => Self::Now(value),
            Told::Nothing if held.is_some() => Self::Gone,
            Told::Silent | Told::Nothing | Told::Is(_) => Self::Same,
        }
    }

    /// The value to record, where there is something to record.
    fn recorded<R>(self, event: impl FnOnce(Option<&'a T>) -> R) -> Option<R> {
        match self {
            Self::Same => None,
            Self::Gone => Some(event(None)),
            Self::Now(value) => Some(event(Some(value))),
        }
    }
}

/// A value that is told as absent is the default one.
fn changed_or_default<T: Copy + Default + PartialEq>(held: T, told: &Told<T>) -> Option<T> {
    let told = match told {
        Told::Silent => return None,
        Told::Nothing => T::default(),
        Told::Is(value) => *value,
    };
    (held != told).then_some(told)
}

/// The status to record: another number, or another name of the same number. A number that upstream's list
/// has no name for does not take a known name away.
fn changed_status<'a>(held: Option<&Status>, told: &'a Told<Status>) -> Option<&'a Status> {
    let Told::Is(to) = told else { return None };
    match held {
        Some(from) if from == to || (from.id == to.id && status::is_unnamed(to)) => None,
        Some(_) | None => Some(to),
    }
}

/// A list that is told as absent is an empty list.
fn changed_list<'a, T: PartialEq>(held: &[T], told: &'a Told<Vec<T>>) -> Option<&'a [T]> {
    let told = match told {
        Told::Silent => return None,
        Told::Nothing => &[],
        Told::Is(list) => list.as_slice(),
    };
    (held != told).then_some(told)
}

fn differences(order: &Order, snapshot: &Snapshot, observed: &Observed) -> Vec<OrderEvent> {
    let mut events = Vec::new();
    if order.vanished {
        events.push(OrderEvent::OrderReappeared { observed: observed.clone() });
    }
    identity_differences(&order.facts, snapshot, observed, &mut events);
    progress_differences(&order.facts, snapshot, observed, &mut events);
    content_differences(&order.facts, snapshot, observed, &mut events);
    personal_differences(order, snapshot, observed, &mut events);
    events
}

fn identity_differences(
    held: &OrderFacts,
    told: &Snapshot,
    observed: &Observed,
    events: &mut Vec<OrderEvent>,
) {
    if (&held.number, &held.external_reference) != (&told.number, &told.external_reference) {
        events.push(OrderEvent::OrderRenumbered {
            number: told.number.clone(),
            external_reference: told.external_reference.clone(),
            observed: observed.clone(),
        });
    }
    if let Some(part) = changed_or_default(held.part, &told.part) {
        events.push(OrderEvent::PartChanged { part, observed: observed.clone() });
    }
    if (held.client_id, held.ordered_at, &held.details) != (told.client_id, told.ordered_at, &told.details) {
        events.push(OrderEvent::DetailsChanged {
            client_id: told.client_id,
            ordered_at: told.ordered_at,
            details: told.details.clone(),
            observed: observed.clone(),
        });
    }
}

fn progress_differences(
    held: &OrderFacts,
    told: &Snapshot,
    observed: &Observed,
    events: &mut Vec<OrderEvent>,
) {
    if let Some(to) = changed_status(held.status.as_ref(), &told.status) {
        events.push(OrderEvent::StatusChanged {
            from: held.status.clone(),
            to: to.clone(),
            backward: held.status.as_ref().is_some_and(|from| status::is_backward(from.id, to.id)),
            observed: observed.clone(),
        });
    }
    events.extend(Change::between(held.courier.as_ref(), &told.courier).recorded(|courier| {
        OrderEvent::CourierAssigned { courier: courier.cloned(), observed: observed.clone() }
    }));
    events.extend(Change::between(held.tracking.as_ref(), &told.tracking).recorded(|tracking| {
        OrderEvent::TrackingNumberChanged { tracking: tracking.cloned(), observed: observed.clone() }
    }));
    events.extend(Change::between(held.dispatched_at.as_ref(), &told.dispatched_at).recorded(
        |at| match at {
            Some(at) => OrderEvent::OrderDispatched { dispatched_at: *at, observed: observed.clone() },
            None => OrderEvent::DispatchWithdrawn { observed: observed.clone() },
        },
    ));
    events.extend(Change::between(held.estimated_delivery.as_ref(), &told.estimated_delivery).recorded(
        |at| OrderEvent::EstimatedDeliveryChanged {
            estimated_delivery: at.copied(),
            observed: observed.clone(),
        },
    ));
}

fn content_differences(
    held: &OrderFacts,
    told: &Snapshot,
    observed: &Observed,
    events: &mut Vec<OrderEvent>,
) {
    if let Some(parcels) = changed_or_default(held.parcels, &told.parcels) {
        events.push(OrderEvent::ParcelsChanged { parcels, observed: observed.clone() });
    }
    if let Some(shipments) = changed_list(&held.shipments, &told.shipments) {
        events
            .push(OrderEvent::ShipmentsChanged { shipments: shipments.to_vec(), observed: observed.clone() });
    }
    if let Some(items) = changed_list(&held.items, &told.items) {
        events.push(OrderEvent::ItemsChanged { items: items.to_vec(), observed: observed.clone() });
    }
}

/// Erasure is final: a recipient that arrives afterwards is not kept, and blanks never overwrite.
fn personal_differences(order: &Order, told: &Snapshot, observed: &Observed, events: &mut Vec<OrderEvent>) {
    if order.erased {
        return;
    }
    if told.personal_data_removed {
        events.push(erased(observed));
        return;
    }
    let held = order.facts.recipient.as_ref().map(|recipient| &recipient.fingerprint);
    let recipient = match &told.recipient {
        Told::Silent => return,
        Told::Nothing if held.is_none() => return,
        Told::Nothing => None,
        Told::Is(recipient) if held == Some(&recipient.fingerprint) => return,
        Told::Is(recipient) => Some(recipient.clone()),
    };
    events.push(OrderEvent::RecipientChanged { recipient, observed: observed.clone() });
}
