//! Scenarios of an order: given this history, when that is told or asked, then these facts or that refusal.
//! Here are the words they share.

mod linking;
mod observing;
mod personal;
mod promises;
mod requests;
mod staleness;
mod tracking;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use super::facts::{Courier, Part, Sealed, Status, Tracking};
use super::{
    Command, Observation, Observed, Order, OrderEvent, Possible, Refusal, Snapshot, Told, decide, evolve,
};
use crate::framework::scenario::given;
use crate::ids::AccountId;

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(7));
const ORDER: i64 = 2207;

/// So many seconds after noon of an ordinary day.
fn at(second: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 9, 12, 0, 0).unwrap() + TimeDelta::seconds(second)
}

/// An answer that took a second; upstream had last changed the order an hour before noon.
fn asked(second: i64) -> Observed {
    Observed {
        asked_at: at(second),
        answered_at: at(second + 1),
        upstream_updated_at: Some(at(-3600)),
        raw_sha256: None,
    }
}

fn status(id: i32, name: &str) -> Status {
    Status { id, name: name.to_owned(), external_name: None }
}

fn sealed(fingerprint: &str) -> Sealed {
    Sealed { fingerprint: fingerprint.to_owned(), sealed: format!("box of {fingerprint}") }
}

/// An order that is being picked, with everything told that a single read tells.
fn picking() -> Snapshot {
    Snapshot {
        number: "ladore-1001".to_owned(),
        external_reference: Some("#1001".to_owned()),
        client_id: Some(3),
        ordered_at: Some(at(-7200)),
        part: Told::Is(Part::default()),
        status: Told::Is(status(16, "PICKINGSTARTED")),
        courier: Told::Is(Courier { service_id: Some(9), name: Some("Royal Mail 48".to_owned()) }),
        tracking: Told::Nothing,
        dispatched_at: Told::Nothing,
        estimated_delivery: Told::Nothing,
        parcels: Told::Nothing,
        shipments: Told::Nothing,
        items: Told::Nothing,
        recipient: Told::Is(sealed("ana")),
        ..Snapshot::default()
    }
}

/// The same order, gone out with a tracking number.
fn dispatched() -> Snapshot {
    Snapshot {
        status: Told::Is(status(4, "DESPATCHED")),
        tracking: Told::Is(Tracking { number: "RM1".to_owned(), url: None }),
        dispatched_at: Told::Is(at(-60)),
        ..picking()
    }
}

fn observe(snapshot: Snapshot, observed: Observed) -> Command {
    Command::Observe {
        account_id: ACCOUNT,
        mintsoft_order_id: ORDER,
        observation: Box::new(Observation { snapshot, observed, last_checked: None }),
    }
}

/// The history of an order that was read once, at noon.
fn discovered(snapshot: Snapshot) -> Vec<OrderEvent> {
    after(vec![], &observe(snapshot, asked(0)))
}

/// A history, and what a command adds to it.
fn after(mut history: Vec<OrderEvent>, command: &Command) -> Vec<OrderEvent> {
    let added = decide(&state(&history), command).expect("the command fits the history");
    history.extend(added);
    history
}

fn state(history: &[OrderEvent]) -> Order {
    let mut order = Order::default();
    history.iter().cloned().for_each(|event| evolve(&mut order, event));
    order
}
