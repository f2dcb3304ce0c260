//! Where properties take their histories from: arbitrary pictures, commands and answers, and a model of the
//! service that delivers them.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use logistics_domain::order::facts::{
    Courier, Item, LinkBasis, Parcels, Part, Sealed, Shipment, ShopOrder, Status, Tracking, TrackingEvent,
};
use logistics_domain::order::{Observation, Observed, Replaces, Snapshot, Told};
use logistics_domain::status::{OpenPromise, Promise};
use logistics_domain::{AccountId, Command, Order, OrderEvent, decide, evolve};
use proptest::prelude::*;
use uuid::Uuid;

/// Milliseconds after a summer's noon.
pub fn at(millisecond: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 9, 12, 0, 0).unwrap() + TimeDelta::milliseconds(millisecond)
}

/// A picture drawn from digits: 0 is nothing, 1 and 2 are values, 3 is silence.
pub fn picture(digits: [u8; 12]) -> Snapshot {
    let [number, client, ordered, part, status, courier, tracking, dispatched, parcels, shipments, items, to] =
        digits;
    Snapshot {
        number: format!("ladore-{number}"),
        external_reference: (number == 1).then(|| "#1001".to_owned()),
        client_id: (client > 0).then_some(client.into()),
        ordered_at: (ordered > 0).then(|| at(ordered.into())),
        part: told(part, |of| Part { number: 1, of: of.into() }),
        status: match status {
            3 => Told::Silent,
            digit => Told::Is(status_of(digit)),
        },
        courier: told(courier, |id| Courier { service_id: Some(id.into()), name: None }),
        tracking: told(tracking, |id| Tracking { number: format!("RM{id}"), url: None }),
        dispatched_at: told(dispatched, |id| at(-i64::from(id))),
        estimated_delivery: told(dispatched, |id| at(id.into())),
        parcels: told(parcels, |count| Parcels { count: Some(count.into()), weight_grams: None }),
        shipments: told(shipments, |count| (0..count).map(shipment).collect()),
        items: told(items, |count| (0..count).map(item).collect()),
        recipient: told(to, |id| Sealed { fingerprint: id.to_string(), sealed: format!("box {id}") }),
        ..Snapshot::default()
    }
}

fn told<T>(digit: u8, value: impl FnOnce(u8) -> T) -> Told<T> {
    match digit {
        0 => Told::Nothing,
        3 => Told::Silent,
        digit => Told::Is(value(digit)),
    }
}

fn status_of(digit: u8) -> Status {
    let (id, name) = [(1, "NEW"), (17, "PICKED"), (4, "DESPATCHED")][usize::from(digit)];
    Status { id, name: name.to_owned(), external_name: None }
}

fn shipment(id: u8) -> Shipment {
    Shipment {
        id: id.into(),
        number: None,
        courier_type: None,
        parcel_numbers: vec![],
        shipped_at: None,
        followed: false,
    }
}

fn item(id: u8) -> Item {
    Item { id: Some(id.into()), sku: None, quantity: 1, allocated: 1, on_back_order: 0 }
}

/// A picture that says something, or nothing, of every field.
pub fn full_picture() -> impl Strategy<Value = Snapshot> {
    prop::array::uniform12(0u8..3).prop_map(picture)
}

/// A picture that is silent here and there, and may say that personal data was removed.
pub fn any_picture() -> impl Strategy<Value = Snapshot> {
    (prop::array::uniform12(0u8..4), prop::bool::weighted(0.1)).prop_map(|(mut digits, removed)| {
        digits[0] %= 3;
        Snapshot { personal_data_removed: removed, ..picture(digits) }
    })
}

/// An answer with any times at all, even ones that make no sense.
pub fn any_answer() -> impl Strategy<Value = Observed> {
    (0i64..60, -3i64..30, prop::option::of(-20i64..100), 0u8..3).prop_map(
        |(asked, took, updated, content)| Observed {
            asked_at: at(asked),
            answered_at: at(asked + took),
            upstream_updated_at: updated.map(at),
            raw_sha256: (content > 0).then(|| content.to_string()),
        },
    )
}

/// What upstream answered: a picture, or that the order is gone.
#[derive(Clone, Debug)]
pub struct Read {
    pub shown: Option<Snapshot>,
    pub observed: Observed,
}

impl Read {
    pub fn command(&self, last_checked: Option<Observed>) -> Command {
        let observed = self.observed.clone();
        match self.shown.clone() {
            Some(snapshot) => Command::Observe {
                account_id: AccountId(Uuid::nil()),
                mintsoft_order_id: 2207,
                observation: Box::new(Observation { snapshot, observed, last_checked }),
            },
            None => Command::ReportVanished { observed, last_checked },
        }
    }
}

/// The service as the domain sees it: it keeps the history, and beside it the newest answer that left no event.
#[derive(Clone, Debug, Default)]
pub struct Service {
    pub order: Order,
    pub history: Vec<OrderEvent>,
    pub last_checked: Option<Observed>,
}

impl Service {
    /// Delivers a read. `forgetful`: an unchanged row whose `LastUpdated` is the one held is not remembered.
    pub fn deliver(&mut self, read: &Read, forgetful: bool) {
        let events = decide(&self.order, &read.command(self.last_checked.clone())).unwrap();
        let held = self.order.last_observed.as_ref().and_then(|held| held.upstream_updated_at);
        if events.is_empty() && !(forgetful && held == read.observed.upstream_updated_at) {
            let told = read.observed.clone();
            self.last_checked = Some(match self.last_checked.take() {
                Some(held) => told.newest(held),
                None => told,
            });
        }
        self.take(events);
    }

    /// Carries out a command; a refusal leaves everything as it was.
    pub fn carry_out(&mut self, command: &Command) {
        let events = decide(&self.order, command).unwrap_or_default();
        self.take(events);
    }

    fn take(&mut self, events: Vec<OrderEvent>) {
        for event in events {
            evolve(&mut self.order, event.clone());
            self.history.push(event);
        }
    }
}

fn scan() -> impl Strategy<Value = TrackingEvent> {
    let status = prop::sample::select(vec![None, Some("InTransit"), Some("Delivered"), Some("AttemptFail")]);
    // Some were read by a mapping that took other words for a delivery.
    let delivered = prop::bool::weighted(0.3);
    (0i64..5, prop::option::of(0i64..60), status, delivered).prop_map(|(id, second, status, delivered)| {
        TrackingEvent {
            id,
            shipment_id: None,
            status_id: None,
            status: status.map(str::to_owned),
            description: None,
            stage_code: None,
            courier_event_id: None,
            happened_at: second.map(at),
            delivered,
        }
    })
}

fn sealed() -> impl Strategy<Value = Sealed> {
    (0u8..2).prop_map(|id| Sealed { fingerprint: id.to_string(), sealed: "box".to_owned() })
}

fn basis() -> impl Strategy<Value = LinkBasis> {
    prop::sample::select(vec![LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual])
}

/// Any command at all, from few ids, so that commands meet.
pub fn any_command() -> impl Strategy<Value = Command> {
    let request = || (0u128..3).prop_map(Uuid::from_u128);
    let text = || prop::sample::select(vec!["one reason".to_owned(), "another".to_owned()]);
    let by = || Just("user:1".to_owned());
    let read = (any_picture(), any_answer(), prop::option::of(any_answer()), 0u8..12).prop_map(
        |(shown, observed, last_checked, gone)| {
            Read { shown: (gone > 0).then_some(shown), observed }.command(last_checked)
        },
    );
    let tracking = (prop::collection::vec(scan(), 0..5), any_answer())
        .prop_map(|(scans, observed)| Command::RecordTracking { scans, observed });
    let delivery = (0i64..60, any_answer())
        .prop_map(|(second, observed)| Command::ReportDelivery { delivered_at: at(second), observed });
    let replaces = prop::sample::select(vec![
        Replaces::Nothing,
        Replaces::Renamed(0),
        Replaces::Renamed(1),
        Replaces::WhatIsThere,
    ]);
    let link = (0i64..3, basis(), replaces).prop_map(|(order_id, basis, replaces)| Command::LinkShopOrder {
        shop_order: ShopOrder { order_id, name: format!("#{order_id}") },
        basis,
        replaces,
    });
    let open = (prop::sample::select(Promise::ALL), 0i64..30)
        .prop_map(|(promise, due)| OpenPromise { promise, due_at: at(due) });
    let late = (prop::option::weighted(0.9, open), 0i64..60)
        .prop_map(|(open, now)| Command::NoteLate { open, now: at(now) });
    prop_oneof![
        2 => late,
        6 => read,
        2 => tracking,
        1 => delivery,
        2 => link,
        1 => (0i64..4, text())
            .prop_map(|(order_id, reason)| Command::UnlinkShopOrder { order_id, reason }),
        1 => text().prop_map(|reason| Command::Withhold { reason }),
        1 => Just(Command::Release),
        1 => text().prop_map(|reason| Command::ErasePersonalData { reason }),
        2 => (request(), sealed(), by()).prop_map(|(request_id, reason, requested_by)| {
            Command::RequestCancellation { request_id, reason, requested_by }
        }),
        1 => request().prop_map(|request_id| Command::ConfirmCancellation { request_id }),
        1 => (request(), text())
            .prop_map(|(request_id, message)| Command::RefuseCancellation { request_id, message }),
        2 => (request(), sealed(), by()).prop_map(|(request_id, comment, requested_by)| {
            Command::RequestComment { request_id, comment, internal: false, requested_by }
        }),
        1 => request().prop_map(|request_id| Command::ConfirmComment { request_id, comment_id: None }),
        1 => (request(), text()).prop_map(|(request_id, message)| Command::RefuseComment { request_id, message }),
    ]
}
