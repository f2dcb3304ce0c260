//! What an answer of upstream adds: one event for each difference, and nothing where there is none.

use super::*;
use crate::order::facts::{Details, Item, Parcels, Shipment};

/// What a second read, ten seconds later, adds to an order that is being picked.
fn then_later(snapshot: Snapshot, events: impl FnOnce(Observed) -> Vec<OrderEvent>) {
    given(discovered(picking())).when(observe(snapshot, asked(10))).then(events(asked(10)));
}

#[test]
fn an_order_that_is_seen_for_the_first_time_is_discovered_whole() {
    given(vec![]).when(observe(dispatched(), asked(0))).then(vec![OrderEvent::OrderDiscovered {
        account_id: ACCOUNT.0,
        mintsoft_order_id: ORDER,
        facts: Box::new(dispatched().into_facts()),
        observed: asked(0),
    }]);
}

#[test]
fn the_same_picture_again_adds_nothing_even_with_a_newer_last_updated() {
    given(discovered(picking())).when(observe(picking(), asked(10))).then_nothing();
    let touched = Observed { upstream_updated_at: Some(at(9)), ..asked(10) };
    given(discovered(picking())).when(observe(picking(), touched)).then_nothing();
}

#[test]
fn an_order_that_goes_out_makes_an_event_for_each_difference() {
    then_later(dispatched(), |observed| {
        vec![
            OrderEvent::StatusChanged {
                from: Some(status(16, "PICKINGSTARTED")),
                to: status(4, "DESPATCHED"),
                backward: false,
                observed: observed.clone(),
            },
            OrderEvent::TrackingNumberChanged {
                tracking: Some(Tracking { number: "RM1".to_owned(), url: None }),
                observed: observed.clone(),
            },
            OrderEvent::OrderDispatched { dispatched_at: at(-60), observed },
        ]
    });
}

#[test]
fn a_merge_renames_the_survivor() {
    let told = Snapshot { number: "ladore-1001+ladore-1002".to_owned(), ..picking() };
    then_later(told, |observed| {
        vec![OrderEvent::OrderRenumbered {
            number: "ladore-1001+ladore-1002".to_owned(),
            external_reference: Some("#1001".to_owned()),
            observed,
        }]
    });
}

#[test]
fn a_split_a_parcel_count_a_shipment_and_a_line_each_make_their_event() {
    let part = Part { number: 1, of: 2 };
    let parcels = Parcels { count: Some(2), weight_grams: Some(1250) };
    let shipment = Shipment {
        id: 5,
        number: None,
        courier_type: None,
        parcel_numbers: vec![],
        shipped_at: None,
        followed: false,
    };
    let item = Item { id: Some(1), sku: None, quantity: 1, allocated: 0, on_back_order: 1 };
    let told = Snapshot {
        part: Told::Is(part),
        parcels: Told::Is(parcels),
        shipments: Told::Is(vec![shipment.clone()]),
        items: Told::Is(vec![item.clone()]),
        ..picking()
    };
    then_later(told, |observed| {
        vec![
            OrderEvent::PartChanged { part, observed: observed.clone() },
            OrderEvent::ParcelsChanged { parcels, observed: observed.clone() },
            OrderEvent::ShipmentsChanged { shipments: vec![shipment], observed: observed.clone() },
            OrderEvent::ItemsChanged { items: vec![item], observed },
        ]
    });
}

#[test]
fn a_promised_day_and_the_details_make_their_events() {
    let details = Details { country: Some("GB".to_owned()), merged: true, ..Details::default() };
    let told = Snapshot {
        client_id: Some(4),
        estimated_delivery: Told::Is(at(86_400)),
        details: details.clone(),
        ..picking()
    };
    then_later(told, |observed| {
        vec![
            OrderEvent::DetailsChanged {
                client_id: Some(4),
                ordered_at: Some(at(-7200)),
                details,
                observed: observed.clone(),
            },
            OrderEvent::EstimatedDeliveryChanged { estimated_delivery: Some(at(86_400)), observed },
        ]
    });
}

#[test]
fn a_read_that_is_silent_keeps_what_is_known() {
    let listed = Snapshot {
        number: "ladore-1001".to_owned(),
        external_reference: Some("#1001".to_owned()),
        client_id: Some(3),
        ordered_at: Some(at(-7200)),
        ..Snapshot::default()
    };
    given(discovered(dispatched())).when(observe(listed, asked(10))).then_nothing();
}

#[test]
fn a_read_that_tells_nothing_takes_away_but_never_the_status() {
    let told = Snapshot {
        status: Told::Nothing,
        courier: Told::Nothing,
        tracking: Told::Nothing,
        dispatched_at: Told::Nothing,
        ..dispatched()
    };
    given(discovered(dispatched())).when(observe(told, asked(10))).then(vec![
        OrderEvent::CourierAssigned { courier: None, observed: asked(10) },
        OrderEvent::TrackingNumberChanged { tracking: None, observed: asked(10) },
        OrderEvent::DispatchWithdrawn { observed: asked(10) },
    ]);
}

#[test]
fn a_list_told_as_nothing_is_emptied_and_a_part_told_as_nothing_is_whole() {
    let item = Item { id: Some(1), sku: None, quantity: 1, allocated: 1, on_back_order: 0 };
    let full =
        Snapshot { part: Told::Is(Part { number: 1, of: 2 }), items: Told::Is(vec![item]), ..picking() };
    let told = Snapshot { part: Told::Nothing, items: Told::Nothing, ..picking() };
    given(discovered(full)).when(observe(told, asked(10))).then(vec![
        OrderEvent::PartChanged { part: Part::default(), observed: asked(10) },
        OrderEvent::ItemsChanged { items: vec![], observed: asked(10) },
    ]);
}

#[test]
fn a_status_that_goes_backward_is_taken_and_says_so() {
    let told = Snapshot { status: Told::Is(status(1, "NEW")), ..picking() };
    then_later(told, |observed| {
        vec![OrderEvent::StatusChanged {
            from: Some(status(16, "PICKINGSTARTED")),
            to: status(1, "NEW"),
            backward: true,
            observed,
        }]
    });
}

#[test]
fn a_status_nobody_knows_is_taken_with_its_number() {
    let told = Snapshot { status: Told::Is(crate::order::status::unnamed(77)), ..picking() };
    then_later(told, |observed| {
        vec![OrderEvent::StatusChanged {
            from: Some(status(16, "PICKINGSTARTED")),
            to: status(77, "STATUS 77"),
            backward: false,
            observed,
        }]
    });
}

#[test]
fn a_status_that_gets_its_name_later_is_renamed_and_a_lost_name_takes_nothing_away() {
    let unnamed = Snapshot { status: Told::Is(status(24, "STATUS 24")), ..picking() };
    let named = Snapshot { status: Told::Is(status(24, "AWAITINGADDITIONALITEM")), ..picking() };
    given(discovered(unnamed.clone())).when(observe(named.clone(), asked(10))).then(vec![
        OrderEvent::StatusChanged {
            from: Some(status(24, "STATUS 24")),
            to: status(24, "AWAITINGADDITIONALITEM"),
            backward: false,
            observed: asked(10),
        },
    ]);
    given(discovered(named)).when(observe(unnamed, asked(10))).then_nothing();
}

#[test]
fn an_order_vanishes_once_and_is_there_again_when_it_is_read() {
    let gone = |second| Command::ReportVanished {
        observed: Observed { upstream_updated_at: None, ..asked(second) },
        last_checked: None,
    };
    let Command::ReportVanished { observed, .. } = gone(10) else { unreachable!() };
    given(discovered(picking())).when(gone(10)).then(vec![OrderEvent::OrderVanished { observed }]);
    let vanished = after(discovered(picking()), &gone(10));
    given(vanished.clone()).when(gone(20)).then_nothing();
    given(vanished)
        .when(observe(picking(), asked(30)))
        .then(vec![OrderEvent::OrderReappeared { observed: asked(30) }]);
}

#[test]
fn an_observation_of_another_order_is_refused() {
    let Command::Observe { account_id, observation, .. } = observe(picking(), asked(10)) else {
        unreachable!()
    };
    given(discovered(picking()))
        .when(Command::Observe { account_id, mintsoft_order_id: 9, observation })
        .then_refused(Refusal::WrongOrder { held: ORDER, told: 9 });
}

#[test]
fn nothing_but_an_observation_begins_a_history() {
    let gone = Command::ReportVanished { observed: asked(0), last_checked: None };
    for command in [gone, Command::Release, Command::UnlinkShopOrder { order_id: 1, reason: String::new() }] {
        given(vec![]).when(command).then_refused(Refusal::UnknownOrder);
    }
}
