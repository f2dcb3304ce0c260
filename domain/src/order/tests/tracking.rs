//! Scans and the delivered callback: unordered, repeated, late.

use super::*;
use crate::order::facts::{DeliveryBasis, TrackingEvent};

fn scan(id: i64, second: impl Into<Option<i64>>, delivered: bool) -> TrackingEvent {
    TrackingEvent {
        id,
        shipment_id: Some(5),
        status_id: None,
        status: None,
        description: None,
        stage_code: None,
        courier_event_id: None,
        happened_at: second.into().map(at),
        delivered,
    }
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
    let callback = |second| Command::ReportDelivery { delivered_at: at(second), observed: asked(second) };
    let history = after(discovered(dispatched()), &callback(50));
    assert_eq!(history.last(), Some(&delivered(at(50), DeliveryBasis::Callback, 50)));
    given(history.clone()).when(callback(60)).then_nothing();
    let scanned = after(history, &track(&[scan(1, 70, true)], 80));
    assert_eq!(state(&scanned).delivered_at, Some(at(70)));
    given(scanned).when(callback(50)).then_nothing();
}

#[test]
fn scans_leave_the_question_of_staleness_to_the_order_itself() {
    let history = after(discovered(picking()), &track(&[scan(1, 40, false)], 90));
    assert_eq!(state(&history).last_observed, Some(asked(0)));
}
