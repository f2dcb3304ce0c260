//! One order as a row of the list, ready to show.

use chrono::{DateTime, Utc};
use logistics_domain::status::{MustAct, Promise, WarehouseClock};
use logistics_projections::orders::OrderView;

use super::badge::{Badge, badges};
use crate::dashboard::page::addressed;
use crate::dashboard::{Moment, Visit};

/// A row.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) href: String,
    /// What changes with the order, so that the script tells rows that changed from those that did not.
    pub(super) version: i64,
    pub(super) number: String,
    pub(super) part: Option<(i32, i32)>,
    pub(super) badges: Vec<Badge>,
    pub(super) courier: Option<String>,
    pub(super) tracking: Option<String>,
    pub(super) tracking_url: Option<String>,
    pub(super) dispatched: Option<Moment>,
    pub(super) estimated: Option<Moment>,
    pub(super) delivered: Option<Moment>,
    pub(super) late: Option<String>,
    /// Whose move it is, where something is wrong or the brand is waited for.
    pub(super) must_act: Option<String>,
    pub(super) shop_order: Option<String>,
    pub(super) shop_order_href: String,
    pub(super) age: String,
    pub(super) age_title: String,
    /// What the age is counted from.
    pub(super) checked: String,
    pub(super) is_stale: bool,
}

impl Row {
    pub(super) fn of(visit: &Visit, mut order: OrderView) -> Self {
        let w = visit.words();
        let is_told = order.attention.is_some() || order.late || order.must_act == MustAct::Brand.as_str();
        let must_act = is_told.then(|| w.must_act(&order.must_act));
        if is_attention_of_lateness(&order) {
            // The line of what is late says it all.
            order.attention = None;
        }
        let age = w.age(order.freshness.age_seconds);
        let age_title = w.checked_title(&age, w.source_name(&order.freshness.via));
        let (badges, late, clock) = (badges(w, &order), late(visit, &order), order.clock());
        let shop_order_href = order.shop_order_name.as_deref().map(|name| orders_of_shop_order(visit, name));
        Self {
            id: order.id.to_string(),
            href: visit.order(order.id, ""),
            version: order.updated_at.timestamp_micros(),
            number: order.mintsoft_order_number,
            part: (order.number_of_parts > 1).then_some((order.part, order.number_of_parts)),
            badges,
            courier: order.courier_service,
            tracking_url: order.tracking_url.filter(|_| order.tracking_number.is_some()),
            tracking: order.tracking_number,
            dispatched: order.dispatched_at.map(|at| visit.moment_by(clock, at)),
            estimated: order.estimated_delivery.map(|at| visit.promised(clock, at)),
            delivered: order.delivered_at.map(|at| visit.moment_by(clock, at)),
            late,
            must_act,
            shop_order: order.shop_order_name,
            shop_order_href: shop_order_href.unwrap_or_default(),
            checked: visit.moment(order.freshness.checked_at).iso,
            age,
            age_title,
            is_stale: order.freshness.stale,
        }
    }
}

/// Whether it needs attention for the very promise by which it is late.
fn is_attention_of_lateness(order: &OrderView) -> bool {
    let promises = [Promise::Dispatch, Promise::Delivery, Promise::News];
    let broken =
        promises.into_iter().find(|promise| order.late && order.due.as_deref() == Some(promise.as_str()));
    broken.is_some_and(|promise| order.attention.as_deref() == Some(promise.missed().as_str()))
}

/// What promise it broke.
fn late(visit: &Visit, order: &OrderView) -> Option<String> {
    let due_at = order.due_at.filter(|_| order.late)?;
    let dates = (order.required_dispatch_at(), order.estimated_delivery);
    Some(late_told(visit, order.due.as_deref().unwrap_or_default(), order.clock(), dates, due_at))
}

/// A promise that was broken, with the day for which it was given: of leaving the warehouse, or of arriving.
pub(super) fn late_told(
    visit: &Visit,
    promise: &str,
    clock: WarehouseClock,
    (dispatch, delivery): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    due_at: DateTime<Utc>,
) -> String {
    let w = visit.words();
    let day = |promised: Option<DateTime<Utc>>| visit.promised(clock, promised.unwrap_or(due_at)).day;
    match promise {
        "dispatch" => w.late_dispatch(day(dispatch)),
        "news" => w.late_news(),
        _ => w.late_since(day(delivery)),
    }
}

/// The orders that fulfil a shop order, found by its name.
pub(super) fn orders_of_shop_order(visit: &Visit, name: &str) -> String {
    let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    addressed(&format!("/dashboard/orders?search={query}"), visit.brand_query().as_deref())
}
