//! The fold of orders: it follows the domain, it is deterministic, and each event changes its own columns only.

use std::collections::{BTreeMap, BTreeSet};

use logistics_domain::{Order, OrderEvent, Source, evolve};
use proptest::prelude::*;

use super::apply::apply;
use super::row::{CancellationState, OrderRow};
use crate::samples::{KINDS, event, facts, instant, place};

/// Folds events; each pair is a kind and a seed, which is also the second it was observed at.
fn fold(start: Option<OrderRow>, from: i64, events: &[(u8, u8)]) -> Option<OrderRow> {
    events.iter().zip(from..).fold(start, |row, ((kind, seed), sequence)| {
        apply(row, &place(sequence, *seed), &event(*kind, *seed))
    })
}

fn row_after(events: &[(u8, u8)]) -> OrderRow {
    fold(None, 1, events).expect("the order was discovered")
}

/// The fields of a row by name, as its debug print shows them.
fn fields(row: &OrderRow) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for (prefix, print) in [("", format!("{row:#?}")), ("order_data.", format!("{:#?}", row.order_data))] {
        let mut name = String::new();
        for line in print.lines() {
            let indent = line.len() - line.trim_start().len();
            if indent == 4
                && let Some((start, _)) = line.trim_start().split_once(": ")
            {
                name = format!("{prefix}{start}");
            }
            fields.entry(name.clone()).or_insert_with(String::new).push_str(line);
        }
    }
    fields.remove("order_data");
    fields.remove("");
    fields
}

/// The columns that an event may change, besides version, `updated_at` and what says when it was observed.
fn own_columns(event: &OrderEvent) -> &'static [&'static str] {
    match event {
        OrderEvent::OrderDiscovered { .. } => &[
            "mintsoft_order_number",
            "status",
            "status_id",
            "courier_service",
            "courier_service_id",
            "tracking_number",
            "tracking_url",
            "dispatched_at",
            "estimated_delivery",
            "num_parcels",
            "weight_grams",
            "part",
            "number_of_parts",
            "ordered_at",
            "order_data.external_reference",
            "order_data.client_id",
            "order_data.external_status",
            "order_data.items",
            "order_data.shipments",
            "order_data.details",
        ],
        OrderEvent::OrderRenumbered { .. } => &["mintsoft_order_number", "order_data.external_reference"],
        OrderEvent::StatusChanged { .. } => &["status", "status_id", "order_data.external_status"],
        OrderEvent::CourierAssigned { .. } => &["courier_service", "courier_service_id"],
        OrderEvent::TrackingNumberChanged { .. } => &["tracking_number", "tracking_url"],
        OrderEvent::OrderDispatched { .. } | OrderEvent::DispatchWithdrawn { .. } => &["dispatched_at"],
        OrderEvent::ParcelsChanged { .. } => &["num_parcels", "weight_grams"],
        OrderEvent::ShipmentsChanged { .. } => &["order_data.shipments"],
        OrderEvent::ItemsChanged { .. } => &["order_data.items"],
        OrderEvent::EstimatedDeliveryChanged { .. } => &["estimated_delivery"],
        OrderEvent::PartChanged { .. } => &["part", "number_of_parts"],
        OrderEvent::DetailsChanged { .. } => &["ordered_at", "order_data.client_id", "order_data.details"],
        OrderEvent::OrderVanished { .. } | OrderEvent::OrderReappeared { .. } => &["vanished_at"],
        OrderEvent::OrderDelivered { .. } => &["delivered_at", "scans"],
        OrderEvent::TrackingEventRecorded { .. } => &["delivered_at", "scans", "order_data.last_scan"],
        OrderEvent::PersonalDataErased { .. } => &["scans", "order_data.last_scan"],
        OrderEvent::PromiseMissed { .. } => &["missed"],
        OrderEvent::OrderLinked { .. } | OrderEvent::OrderUnlinked { .. } => {
            &["order_id", "shop_order_name", "link_basis", "order_data.also_fulfils"]
        }
        OrderEvent::OrderWithheld { .. } | OrderEvent::OrderReleased {} => &["withheld_reason"],
        OrderEvent::CancellationRequested { .. }
        | OrderEvent::CancellationConfirmed { .. }
        | OrderEvent::CancellationRefused { .. } => &["cancellation"],
        OrderEvent::RecipientChanged { .. }
        | OrderEvent::CommentRequested { .. }
        | OrderEvent::CommentPosted { .. }
        | OrderEvent::CommentRefused { .. } => &[],
    }
}

#[test]
fn nothing_is_shown_before_the_order_is_discovered() {
    for kind in 1..KINDS {
        assert_eq!(fold(None, 1, &[(kind, 4)]), None);
    }
}

#[test]
fn a_discovered_order_is_told_whole() {
    let row = row_after(&[(0, 4)]);
    let facts = facts(4);
    assert_eq!(row.version, 1);
    assert_eq!(row.mintsoft_order_number, facts.number);
    assert_eq!((row.status, row.status_id), (Some("STATUS 4".into()), Some(4)));
    assert_eq!((row.observed_at, row.observed_via), (instant(4), Source::Poll));
    assert_eq!((row.created_at, row.updated_at), (instant(4), instant(4)));
}

#[test]
fn comments_and_scans_that_tell_nothing_more_move_the_version_and_not_the_last_change() {
    for kind in [17, 26, 27, 29] {
        let row = row_after(&[(0, 4), (17, 5), (kind, 9)]);
        assert_eq!((row.version, row.updated_at, row.observed_at), (3, instant(5), instant(4)));
    }
    assert_eq!(row_after(&[(0, 4), (2, 9)]).updated_at, instant(9));
}

#[test]
fn an_answer_that_is_older_than_the_newest_makes_nothing_look_older() {
    let row = row_after(&[(0, 9), (2, 5)]);
    assert_eq!(
        (row.observed_at, row.observed_via, row.updated_at),
        (instant(9), Source::Refresh, instant(9))
    );
}

#[test]
fn only_the_request_that_is_shown_is_settled() {
    let state =
        |events: &[(u8, u8)]| row_after(events).cancellation.map(|shown| (shown.state, shown.message));
    assert_eq!(state(&[(0, 1), (23, 2), (24, 1)]), Some((CancellationState::Requested, None)));
    assert_eq!(state(&[(0, 1), (23, 2), (24, 5)]), Some((CancellationState::Confirmed, None)));
    assert_eq!(state(&[(0, 1), (23, 2), (25, 2)]), Some((CancellationState::Refused, Some("no 2".into()))));
}

#[test]
fn no_personal_datum_and_nothing_sealed_reaches_the_row() {
    let print = format!("{:?}", row_after(&[(0, 2), (10, 4), (23, 4), (26, 4)]));
    for secret in ["f2", "s2", "f4", "s4", "Rosa"] {
        assert!(!print.contains(&format!("\"{secret}\"")), "{secret} is in {print}");
    }
}

fn histories() -> impl Strategy<Value = Vec<(u8, u8)>> {
    (any::<u8>(), prop::collection::vec((0..KINDS, any::<u8>()), 0..40)).prop_map(|(seed, mut events)| {
        events.insert(0, (0, seed));
        events
    })
}

proptest! {
    #[test]
    fn folding_is_deterministic_and_can_be_interrupted_anywhere(events in histories(), cut in 0_usize..40) {
        let cut = cut.min(events.len());
        let whole = fold(None, 1, &events);
        let next = i64::try_from(cut).expect("a row stays a row") + 1;
        prop_assert_eq!(&whole, &fold(None, 1, &events));
        prop_assert_eq!(&whole, &fold(fold(None, 1, &events[..cut]), next, &events[cut..]));
    }

    #[test]
    fn an_event_changes_its_own_columns_only(events in histories(), kind in 0..KINDS, seed in any::<u8>()) {
        let before = row_after(&events);
        let event = event(kind, seed);
        let after = apply(Some(before.clone()), &place(99, seed), &event).expect("a row stays a row");
        let allowed: BTreeSet<&str> = own_columns(&event)
            .iter()
            .copied()
            .chain(["version", "updated_at", "observed_at", "observed_via", "standing"])
            .collect();
        let (before, after) = (fields(&before), fields(&after));
        prop_assert_eq!(before.len(), 41, "every field is compared");
        for (name, value) in &before {
            prop_assert!(allowed.contains(name.as_str()) || after.get(name) == Some(value), "{name} changed");
        }
    }

    #[test]
    fn the_row_tells_what_the_aggregate_knows(events in histories()) {
        let mut order = Order::default();
        for (kind, seed) in &events {
            evolve(&mut order, event(*kind, *seed));
        }
        let row = row_after(&events);
        let fulfilled: Vec<i64> = order.fulfilled().map(|shop_order| shop_order.order_id).collect();
        let facts = order.facts;
        prop_assert_eq!(row.version, i64::try_from(events.len()).expect("it is at most 41"));
        prop_assert_eq!(row.mintsoft_order_number, facts.number);
        prop_assert_eq!(row.status_id, facts.status.map(|status| status.id));
        prop_assert_eq!(row.tracking_number, facts.tracking.map(|tracking| tracking.number));
        prop_assert_eq!(row.courier_service, facts.courier.and_then(|courier| courier.name));
        prop_assert_eq!((row.num_parcels, row.weight_grams), (facts.parcels.count, facts.parcels.weight_grams));
        prop_assert_eq!((row.dispatched_at, row.ordered_at), (facts.dispatched_at, facts.ordered_at));
        prop_assert_eq!((row.part, row.number_of_parts), (facts.part.number, facts.part.of));
        prop_assert_eq!(row.order_data.items, facts.items);
        prop_assert_eq!(row.order_data.shipments, facts.shipments);
        prop_assert_eq!(row.order_data.details, facts.details);
        prop_assert_eq!(row.delivered_at, order.deliveries.at());
        prop_assert_eq!(row.vanished_at.is_some(), order.vanished);
        prop_assert_eq!(row.withheld_reason, order.withheld);
        let also = row.order_data.also_fulfils.iter().map(|also| also.order_id);
        let shown: Vec<i64> = row.order_id.into_iter().chain(also).collect();
        prop_assert_eq!(shown, fulfilled);
    }
}
