//! One order as a row of the list, ready to show.

use logistics_projections::orders::OrderView;

use super::badge::{Badge, badges};
use crate::dashboard::{Moment, Visit};

/// A row.
pub(super) struct Row {
    pub(super) id: String,
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
    pub(super) shop_order: Option<String>,
    pub(super) shop_order_href: String,
    pub(super) age: String,
    pub(super) age_title: String,
    pub(super) is_stale: bool,
}

impl Row {
    pub(super) fn of(visit: &Visit, order: OrderView) -> Self {
        let w = visit.words();
        let age = w.age(order.freshness.age_seconds);
        let age_title = w.checked_title(&age, w.source_name(&order.freshness.via));
        let (badges, late) = (badges(w, &order), late(visit, &order));
        let name = order.shop_order_name.clone().unwrap_or_default();
        let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        Self {
            id: order.id.to_string(),
            number: order.mintsoft_order_number,
            part: (order.number_of_parts > 1).then_some((order.part, order.number_of_parts)),
            badges,
            courier: order.courier_service,
            tracking_url: order.tracking_url.filter(|_| order.tracking_number.is_some()),
            tracking: order.tracking_number,
            dispatched: order.dispatched_at.map(|at| visit.moment(at)),
            estimated: order.estimated_delivery.map(|at| visit.moment(at)),
            delivered: order.delivered_at.map(|at| visit.moment(at)),
            late,
            shop_order: order.shop_order_name,
            shop_order_href: format!("/dashboard/orders?search={query}"),
            age,
            age_title,
            is_stale: order.freshness.stale,
        }
    }
}

/// What promise it broke.
pub(super) fn late(visit: &Visit, order: &OrderView) -> Option<String> {
    let (w, due) = (visit.words(), order.due_at.filter(|_| order.late)?);
    let promised = order.estimated_delivery.unwrap_or(due);
    Some(match order.due.as_deref() {
        Some("dispatch") => w.late_dispatch(visit.moment(due).day),
        Some("news") => w.late_news(),
        _ => w.late_since(visit.moment(promised).day),
    })
}
