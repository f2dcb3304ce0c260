//! Scans and the delivered callback: unordered, repeated, late.

use std::slice;

use super::*;
use crate::order::facts::{DeliveryBasis, TrackingEvent};

fn scan(id: i64, second: impl Into<Option<i64>>, delivered: bool) -> TrackingEvent {
    TrackingEvent {
        id,
        shipment_id: Some(5),
        status_id: None,
        status: delivered.then(|| "Delivered".to_owned()),
        description: None,
        stage_code: None,
        courier_event_id: None,
        happened_at: second.into().map(at),
        delivered,
    }
}

/// A scan of other words.
fn told(text: &str, scan: TrackingEvent) -> TrackingEvent {
    TrackingEvent { status: None, description: Some(text.to_owned()), ..scan }
}

fn called_back(second: i64) -> Command {
    Command::ReportDelivery { delivered_at: at(second), observed: asked(second) }
}

fn track(scans: &[TrackingEvent], second: i64) -> Command {
    Command::RecordTracking { scans: scans.to_vec(), observed: asked(second) }
}

fn recorded(scan: TrackingEvent, second: i64) -> OrderEvent {
    OrderEvent::TrackingEventRecorded { scan, observed: asked(second) }
}

fn delivered(delivered_at: DateTime<Utc>, basis: DeliveryBasis, second: i64) -> OrderEvent {
    OrderEvent::OrderDelivered { delivered_at, basis, observed: asked(second) }
}

#[test]
fn scans_are_recorded_once_each_and_oldest_first() {
    let scans = [scan(3, 30, false), scan(9, None, false), scan(1, 40, false), scan(3, 30, false)];
    given(discovered(dispatched())).when(track(&scans, 10)).then(vec![
        recorded(scan(3, 30, false), 10),
        recorded(scan(1, 40, false), 10),
        recorded(scan(9, None, false), 10),
    ]);
    let history = after(discovered(dispatched()), &track(&scans, 10));
    given(history.clone()).when(track(&scans, 20)).then_nothing();
    given(history)
        .when(track(&[scan(2, 5, false), scan(1, 40, false)], 20))
        .then(vec![recorded(scan(2, 5, false), 20)]);
}

#[test]
fn the_earliest_delivered_scan_proves_the_delivery() {
    let scans = [scan(1, None, true), scan(2, 50, true), scan(3, 40, true)];
    let mut history = discovered(dispatched());
    history = after(history, &track(&scans, 10));
    assert_eq!(history.last(), Some(&delivered(at(40), DeliveryBasis::TrackingEvent, 10)));
    given(history.clone()).when(track(&scans, 20)).then_nothing();
    given(history)
        .when(track(&[scan(4, 35, true)], 20))
        .then(vec![recorded(scan(4, 35, true), 20), delivered(at(35), DeliveryBasis::TrackingEvent, 20)]);
}

#[test]
fn a_delivered_scan_without_a_time_counts_from_when_it_was_read() {
    given(discovered(dispatched()))
        .when(track(&[scan(1, None, true)], 10))
        .then(vec![recorded(scan(1, None, true), 10), delivered(at(11), DeliveryBasis::TrackingEvent, 10)]);
}

#[test]
fn a_known_scan_that_is_understood_later_still_proves_the_delivery() {
    let history = after(discovered(dispatched()), &track(&[scan(1, 40, false)], 10));
    given(history).when(track(&[scan(1, 40, true)], 20)).then(vec![delivered(
        at(40),
        DeliveryBasis::TrackingEvent,
        20,
    )]);
}

#[test]
fn the_callback_proves_delivery_until_a_scan_says_it_better() {
    let history = after(discovered(dispatched()), &called_back(50));
    assert_eq!(history.last(), Some(&delivered(at(50), DeliveryBasis::Callback, 50)));
    given(history.clone()).when(called_back(60)).then_nothing();
    let scanned = after(history, &track(&[scan(1, 70, true)], 80));
    assert_eq!(state(&scanned).delivered_at, Some(at(70)));
    given(scanned).when(called_back(50)).then_nothing();
}

#[test]
fn the_callback_proves_nothing_of_what_has_not_left_or_is_gone() {
    given(discovered(picking())).when(called_back(50)).then_nothing();
    let vanished =
        after(discovered(dispatched()), &Command::ReportVanished { observed: asked(40), last_checked: None });
    given(vanished).when(called_back(50)).then_nothing();
}

#[test]
fn the_callback_counts_again_once_the_delivery_that_was_told_is_refuted() {
    let (arrived, failed) = (scan(1, 10, true), told("Could not deliver", scan(2, 20, false)));
    let by_callback = |second| delivered(at(second), DeliveryBasis::Callback, second);
    let begun = || discovered(dispatched());
    let in_turn =
        after(after(begun(), &track(slice::from_ref(&arrived), 11)), &track(slice::from_ref(&failed), 21));
    let in_another =
        after(after(begun(), &track(slice::from_ref(&failed), 21)), &track(slice::from_ref(&arrived), 22));
    let at_once = after(begun(), &track(&[failed.clone(), arrived.clone()], 22));
    for history in [in_turn, in_another, at_once] {
        given(history.clone()).when(called_back(30)).then(vec![by_callback(30)]);
        let known = after(history, &called_back(30));
        assert_eq!(state(&known).deliveries.at(), Some(at(30)));
        // What was told already is told again by nobody.
        given(known.clone()).when(track(&[arrived.clone(), failed.clone()], 40)).then_nothing();
        given(known.clone()).when(called_back(35)).then_nothing();
        let again = after(known, &track(&[told("Returned to sender", scan(3, 50, false))], 51));
        given(again.clone()).when(called_back(45)).then_nothing();
        given(again).when(called_back(60)).then(vec![by_callback(60)]);
    }
    // A callback of before the failure, a step of the way after the delivery, and a delivery that a scan tells anew.
    let refuted = after(begun(), &track(&[arrived.clone(), failed.clone()], 21));
    given(refuted.clone()).when(called_back(15)).then_nothing();
    let stepped = after(begun(), &track(&[arrived, told("Departure scan", scan(2, 20, false))], 21));
    given(stepped).when(called_back(30)).then_nothing();
    let anew = after(refuted, &track(&[scan(3, 30, true)], 31));
    assert_eq!(state(&anew).deliveries.at(), Some(at(30)));
    given(anew).when(called_back(40)).then_nothing();
}

#[test]
fn the_callback_counts_where_the_scan_that_was_taken_for_the_delivery_is_none() {
    let misread = TrackingEvent { delivered: true, ..told("Delivered to carrier", scan(1, 10, false)) };
    let history = after(discovered(dispatched()), &track(slice::from_ref(&misread), 11));
    assert_eq!(history.last(), Some(&delivered(at(10), DeliveryBasis::TrackingEvent, 11)));
    given(history.clone()).when(called_back(30)).then(vec![delivered(at(30), DeliveryBasis::Callback, 30)]);
    let known = after(history, &called_back(30));
    assert_eq!(state(&known).deliveries.at(), Some(at(30)));
    given(known.clone()).when(track(&[misread], 40)).then_nothing();
    given(known).when(called_back(35)).then_nothing();
}

#[test]
fn a_delivery_whose_text_came_after_the_erasure_is_the_one_that_was_read_in_it() {
    let erased = after(discovered(dispatched()), &Command::ErasePersonalData { reason: "asked".to_owned() });
    let signed = TrackingEvent { delivered: true, ..told("Delivered to Ana", scan(1, 10, false)) };
    let known = after(erased, &track(&[signed], 11));
    given(known).when(called_back(30)).then_nothing();
}

#[test]
fn scans_leave_the_question_of_staleness_to_the_order_itself() {
    let history = after(discovered(picking()), &track(&[scan(1, 40, false)], 90));
    assert_eq!(state(&history).last_observed, Some(asked(0)));
}
