//! One order ready to show, from the row that its history folds to: now, or as of an instant.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::{Item, Shipment};
use logistics_domain::order::possible::{Possible, has_left, is_cancelled};
use logistics_domain::status::{Attention, CarrierPhase, OpenPromise, Tab, WarehousePhase};
use logistics_projections::orders::{
    CancellationState, OrderPart, OrderRow, OrderView, find_whole, ids_of_parts, parts_among, web_address,
};

use super::Pages;
use super::addressee::Addressee;
use super::badge::{Badge, badges, badges_of};
use super::cancelling::Cancelling;
use super::list_row::{late_told, orders_of_shop_order};
use super::past::Past;
use super::people::People;
use crate::api::Problem;
use crate::dashboard::{Moment, Visit};
use crate::ledger::sealing::open_recipient;
use crate::secrets::OrderKey;
use crate::words::Words;

/// What is shown of it.
pub(super) struct Shown {
    pub(super) number: String,
    pub(super) part: Option<(i32, i32)>,
    pub(super) badges: Vec<Badge>,
    pub(super) raw_status: Option<String>,
    pub(super) must_act: String,
    pub(super) attention: Option<String>,
    pub(super) late: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) ordered: Option<Moment>,
    pub(super) dispatched: Option<Moment>,
    pub(super) estimated: Option<Moment>,
    pub(super) delivered: Option<Moment>,
    pub(super) vanished: Option<Moment>,
    pub(super) courier: Option<String>,
    pub(super) tracking: Option<String>,
    pub(super) tracking_url: Option<String>,
    pub(super) parcels: Option<String>,
    pub(super) weight: Option<String>,
    pub(super) shipments: Vec<(String, String)>,
    pub(super) items: Vec<Line>,
    pub(super) units: String,
    pub(super) total: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) tags: Vec<String>,
    /// The shop orders that it fulfils.
    pub(super) shop_orders: Vec<Fulfilled>,
    pub(super) external_reference: Option<String>,
    pub(super) recipient: Option<Addressee>,
    pub(super) is_erased: bool,
    pub(super) cancellation: Option<Cancelling>,
    /// Why it cannot be cancelled; none where it can be asked for.
    pub(super) cancel_refused: Option<String>,
}

/// A shop order that it fulfils.
pub(super) struct Fulfilled {
    pub(super) order_id: i64,
    pub(super) name: String,
    /// The list of the orders that fulfil it.
    pub(super) href: String,
}

/// A step on the way to the customer.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) at: Option<Moment>,
    /// `done`, `now`, `wrong`, or nothing.
    pub(super) state: &'static str,
}

/// A line of the order.
pub(super) struct Line {
    pub(super) sku: String,
    pub(super) quantity: String,
    pub(super) short: Option<String>,
}

/// Another part of the same split order.
pub(super) struct Sibling {
    pub(super) href: String,
    pub(super) text: String,
    pub(super) badges: Vec<Badge>,
}

impl Shown {
    /// As of `now`; `left` says why the cancellation that waits was left to a person, if it was.
    pub(super) fn of(
        visit: &Visit,
        row: &OrderRow,
        past: &Past,
        key: Option<&OrderKey>,
        people: &People,
        left: Option<&str>,
        now: DateTime<Utc>,
    ) -> Self {
        let (w, standing, details) = (visit.words(), &row.standing, &row.order_data.details);
        let clock = row.clock();
        let moment = |at: Option<DateTime<Utc>>| at.map(|at| visit.moment_by(clock, at));
        let opened = past.recipient.as_ref().and_then(|sealed| open_recipient(key?, sealed).ok());
        let units: i64 = row.order_data.items.iter().map(|item| item.quantity).sum();
        let late = standing.open_promise().filter(|open| now >= open.due_at);
        Self {
            number: row.mintsoft_order_number.clone(),
            part: (row.number_of_parts > 1).then_some((row.part, row.number_of_parts)),
            badges: badges_beside(w, row, late),
            raw_status: row.status.clone(),
            must_act: w.must_act(standing.must_act.as_str()),
            attention: standing.attention.map(|why| w.attention(why.as_str())),
            late: late.map(|missed| since_when(visit, row, missed)),
            steps: steps(visit, row),
            ordered: moment(row.ordered_at),
            dispatched: moment(row.dispatched_at),
            estimated: row.estimated_delivery.map(|at| visit.promised(clock, at)),
            delivered: moment(row.delivered_at),
            vanished: moment(row.vanished_at),
            courier: row.courier_service.clone(),
            tracking_url: web_address(row.tracking_url.clone()).filter(|_| row.tracking_number.is_some()),
            tracking: row.tracking_number.clone(),
            parcels: row.num_parcels.filter(|count| *count > 0).map(|count| w.number(count)),
            weight: row.weight_grams.filter(|grams| *grams > 0).map(|grams| kilograms(w, grams)),
            shipments: shipments(w, row),
            items: row.order_data.items.iter().map(|item| line(w, item)).collect(),
            units: w.units(units),
            total: details.total_hundredths.map(|total| money(w, details.currency.as_deref(), total)),
            channel: details.channel.clone(),
            tags: details.tags.clone(),
            shop_orders: shop_orders(visit, row),
            external_reference: row.order_data.external_reference.clone(),
            recipient: opened.and_then(Addressee::of),
            // Who is erased since was whom it went to then.
            is_erased: past.is_erased || (past.recipient.is_some() && key.is_none()),
            cancellation: Cancelling::of(visit, row, past, people, left),
            cancel_refused: cancel_refused(w, possible(row, key.is_none())),
        }
    }

    /// The shop orders that it fulfils, by id and name.
    pub(super) fn named_shop_orders(&self) -> Vec<(i64, String)> {
        self.shop_orders.iter().map(|held| (held.order_id, held.name.clone())).collect()
    }
}

/// The badges that stand beside the one of the promise that was missed: since that tells since when, it says it all.
fn badges_beside(w: Words, row: &OrderRow, late: Option<OpenPromise>) -> Vec<Badge> {
    let standing = &row.standing;
    let attention = standing.attention.filter(|why| late.is_none_or(|open| open.promise.missed() != *why));
    let phases = (standing.warehouse.as_str(), standing.carrier.as_str());
    badges_of(w, row.status.as_deref(), phases, attention.map(Attention::as_str))
}

/// Since when it is late.
fn since_when(visit: &Visit, row: &OrderRow, OpenPromise { promise, due_at }: OpenPromise) -> String {
    let dates = (row.order_data.details.required_dispatch_at, row.estimated_delivery);
    late_told(visit, promise.as_str(), row.clock(), dates, due_at)
}

/// The shop orders that it fulfils, the first one first.
fn shop_orders(visit: &Visit, row: &OrderRow) -> Vec<Fulfilled> {
    let first = row.order_id.zip(row.shop_order_name.as_ref());
    let others = row.order_data.also_fulfils.iter().map(|also| (also.order_id, &also.name));
    let fulfilled = |(order_id, name): (i64, &String)| Fulfilled {
        order_id,
        name: name.clone(),
        href: orders_of_shop_order(visit, name),
    };
    first.into_iter().chain(others).map(fulfilled).collect()
}

/// Why it cannot be cancelled, in the reader's words.
fn cancel_refused(w: Words, possible: Possible) -> Option<String> {
    let refusal = possible.may_cancel().err()?;
    Some(w.problem(refusal.code(), &[]).unwrap_or_else(|| refusal.to_string()))
}

fn line(w: Words, item: &Item) -> Line {
    Line {
        sku: item.sku.clone().unwrap_or_else(|| w.none_told()),
        quantity: w.number(item.quantity),
        short: (item.on_back_order > 0).then(|| w.on_back_order(item.on_back_order)),
    }
}

/// What may be asked of the order as it stands.
pub(super) fn possible(row: &OrderRow, erased: bool) -> Possible {
    let state = row.cancellation.as_ref().map(|asked| asked.state);
    Possible {
        withheld: row.withheld_reason.is_some(),
        vanished: row.vanished_at.is_some(),
        erased,
        cancelled: is_cancelled(row.status_id),
        dispatched: has_left(row.status_id, row.dispatched_at.is_some())
            || row.standing.warehouse.as_str() == "dispatched",
        cancellation_pending: state == Some(CancellationState::Requested),
    }
}

/// The way to the customer: taken in, prepared, dispatched, on the way, delivered. Where it was stopped the preparation is
/// called so, and where the delivery failed the way is; where it was cancelled or came back the way ends with that.
fn steps(visit: &Visit, row: &OrderRow) -> Vec<Step> {
    let w = visit.words();
    let (reached, end) = (reached(row), end(w, row));
    let wrong = wrong(w, row, reached);
    let is_wrong = wrong.is_some() || row.vanished_at.is_some();
    let at =
        [Some(row.ordered_at.unwrap_or(row.created_at)), None, row.dispatched_at, None, row.delivered_at];
    let step = |(step, at): (usize, Option<DateTime<Utc>>)| Step {
        name: wrong.clone().filter(|_| step == reached).unwrap_or_else(|| w.step_name(step)),
        at: at.map(|at| visit.moment_by(row.clock(), at)),
        state: match (step < reached || reached == 5, step == reached) {
            _ if end.is_some() => "done",
            (_, true) if is_wrong => "wrong",
            (true, _) => "done",
            (false, true) => "now",
            (false, false) => "",
        },
    };
    let told = if end.is_some() { reached } else { 5 };
    let mut steps: Vec<_> = (1..=told).zip(at).map(step).collect();
    steps.extend(end.map(|name| Step { name, at: None, state: "wrong" }));
    steps
}

/// With what the way ended, where it did not end with the customer.
fn end(w: Words, row: &OrderRow) -> Option<String> {
    if row.standing.warehouse == WarehousePhase::Cancelled {
        Some(w.warehouse_phase(row.standing.warehouse.as_str()))
    } else {
        let is_back = row.standing.attention == Some(Attention::Returned);
        is_back.then(|| w.attention(Attention::Returned.as_str()))
    }
}

/// What the step that it came to is called where something is wrong with it.
fn wrong(w: Words, row: &OrderRow, reached: usize) -> Option<String> {
    let (warehouse, carrier) = (row.standing.warehouse, row.standing.carrier);
    match reached {
        2 if warehouse == WarehousePhase::Stopped => Some(w.warehouse_phase(warehouse.as_str())),
        4 if matches!(carrier, CarrierPhase::AttemptFail | CarrierPhase::Exception)
            && end(w, row).is_none() =>
        {
            Some(w.carrier_phase(carrier.as_str()))
        }
        _ => None,
    }
}

/// Which of the five steps it came to.
fn reached(row: &OrderRow) -> usize {
    let (warehouse, carrier) = (row.standing.warehouse, row.standing.carrier);
    if row.standing.tab == Tab::Delivered {
        5
    } else if carrier.proves_handover() {
        4
    } else if row.dispatched_at.is_some() || warehouse == WarehousePhase::Dispatched {
        if carrier == CarrierPhase::Unknown { 4 } else { 3 }
    } else {
        match warehouse {
            WarehousePhase::Preparing | WarehousePhase::Packed | WarehousePhase::Stopped => 2,
            _ => 1,
        }
    }
}

/// A weight as it is told: to the gram.
pub(super) fn kilograms(w: Words, grams: i64) -> String {
    let rest = format!("{:03}", grams % 1000);
    let (whole, rest) = (w.number(grams / 1000), rest.trim_end_matches('0'));
    if rest.is_empty() { format!("{whole} kg") } else { format!("{whole}.{rest} kg") }
}

fn money(w: Words, currency: Option<&str>, hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
    format!("{} {sign}{}.{rest:02}", currency.unwrap_or_default(), w.number(whole)).trim().to_owned()
}

/// The consignments.
fn shipments(w: Words, row: &OrderRow) -> Vec<(String, String)> {
    let tracking = row.tracking_number.as_deref();
    row.order_data.shipments.iter().map(|one| shipment(w, one, tracking)).collect()
}

/// A consignment: its number, unless that is the order's own, and what is told of it.
fn shipment(w: Words, shipment: &Shipment, tracking: Option<&str>) -> (String, String) {
    let number = shipment.number.clone().unwrap_or_else(|| w.none_told());
    let number = if Some(number.as_str()) == tracking { String::new() } else { number };
    let followed = if shipment.followed { w.shipment_followed() } else { w.shipment_not_followed() };
    let kind = shipment.courier_type.as_deref().unwrap_or_default();
    (number, if kind.is_empty() { followed } else { format!("{kind} · {followed}") })
}

/// The other parts of a split order: those of the same number and account.
pub(super) async fn siblings(
    pages: &Pages,
    visit: &Visit,
    order: &OrderView,
    is_now: bool,
) -> Result<Vec<Sibling>, Problem> {
    if order.number_of_parts < 2 {
        return Ok(Vec::new());
    }
    let (w, scope) = (visit.words(), visit.scope()?);
    let ids = ids_of_parts(&pages.gate.pool, &scope, order).await?;
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let parts = parts_among(&mut *reading, &scope, &ids).await?;
    // How the others stood at another instant is not known here.
    let stand = if is_now { find_whole(&mut *reading, &scope, &ids).await? } else { Vec::new() };
    reading.release();
    let sibling = |part: OrderPart| {
        let stands = stand.iter().find(|order| order.id.0 == part.id);
        let view = stands.map(|order| order.view(pages.read_at())).transpose()?;
        Ok(Sibling {
            href: visit.order(part.id, ""),
            text: w.part_of(part.part, part.number_of_parts),
            badges: view.map(|other| badges(w, &other)).unwrap_or_default(),
        })
    };
    parts.into_iter().map(sibling).collect()
}
