//! The recipient: compared by fingerprint, and gone for good once erased.

use super::super::facts::TrackingEvent;
use super::*;

fn stripped() -> Snapshot {
    Snapshot { personal_data_removed: true, recipient: Told::Nothing, ..picking() }
}

#[test]
fn a_recipient_sealed_anew_is_the_same_recipient() {
    let anew = Sealed { sealed: "another box of ana".to_owned(), ..sealed("ana") };
    let told = Snapshot { recipient: Told::Is(anew), ..picking() };
    given(discovered(picking())).when(observe(told, asked(10))).then_nothing();
}

#[test]
fn another_recipient_and_none_at_all_are_changes() {
    for (told, recipient) in [(Told::Is(sealed("eva")), Some(sealed("eva"))), (Told::Nothing, None)] {
        given(discovered(picking()))
            .when(observe(Snapshot { recipient: told, ..picking() }, asked(10)))
            .then(vec![OrderEvent::RecipientChanged { recipient, observed: asked(10) }]);
    }
}

#[test]
fn erasure_upstream_erases_here_once() {
    given(discovered(picking()))
        .when(observe(stripped(), asked(10)))
        .then(vec![OrderEvent::PersonalDataErased { observed: Some(asked(10)), reason: None }]);
    let erased = after(discovered(picking()), &observe(stripped(), asked(10)));
    assert_eq!(state(&erased).facts.recipient, None);
    given(erased).when(observe(stripped(), asked(20))).then_nothing();
}

#[test]
fn erasure_is_final_whatever_is_told_later() {
    let erased = after(discovered(picking()), &observe(stripped(), asked(10)));
    given(erased).when(observe(picking(), asked(20))).then_nothing();
}

#[test]
fn an_order_found_erased_never_had_a_recipient() {
    let told = Snapshot { recipient: Told::Is(sealed("ana")), ..stripped() };
    let history = discovered(told);
    assert!(matches!(history.as_slice(), [_, OrderEvent::PersonalDataErased { .. }]));
    assert_eq!(state(&history[..1]).facts.recipient, None);
}

#[test]
fn an_erased_order_has_no_key_to_seal_a_request_with() {
    let erased = discovered(stripped());
    for command in [
        Command::RequestComment {
            request_id: Uuid::nil(),
            comment: sealed("ring twice"),
            internal: false,
            requested_by: "user:1".to_owned(),
        },
        Command::RequestCancellation {
            request_id: Uuid::nil(),
            reason: sealed("mistake"),
            requested_by: "user:1".to_owned(),
        },
    ] {
        given(erased.clone()).when(command).then_refused(Refusal::Erased);
    }
}

fn by_operator() -> Command {
    Command::ErasePersonalData { reason: "The customer asked for it.".to_owned() }
}

#[test]
fn an_operator_erases_a_person_once_wherever_the_order_stands() {
    let gone = Command::ReportVanished { observed: asked(10), last_checked: None };
    let withheld = Command::Withhold { reason: "two prefixes fit".to_owned() };
    let known = discovered(picking());
    for history in [known.clone(), after(known.clone(), &gone), after(known, &withheld)] {
        given(history.clone()).when(by_operator()).then(vec![OrderEvent::PersonalDataErased {
            observed: None,
            reason: Some("The customer asked for it.".to_owned()),
        }]);
        let erased = after(history.clone(), &by_operator());
        assert_eq!(state(&erased).facts.recipient, None);
        assert_eq!(state(&erased).last_observed, state(&history).last_observed, "no answer was taken in");
        given(erased).when(by_operator()).then_nothing();
    }
    given(vec![]).when(by_operator()).then_refused(Refusal::UnknownOrder);
}

#[test]
fn whom_an_operator_erased_stays_erased_when_upstream_shows_the_person_again() {
    let erased = after(discovered(picking()), &by_operator());
    given(erased.clone()).when(observe(picking(), asked(20))).then_nothing();
    given(erased.clone()).when(observe(stripped(), asked(20))).then_nothing();
    let moved = Snapshot { recipient: Told::Is(sealed("eva")), ..dispatched() };
    let seen = after(erased, &observe(moved, asked(20)));
    assert_eq!(state(&seen).facts.recipient, None);
}

#[test]
fn what_a_courier_writes_after_the_erasure_is_not_recorded() {
    let scan = TrackingEvent {
        id: 1,
        shipment_id: None,
        status_id: None,
        status: Some("Delivered".to_owned()),
        description: Some("Signed for by Ana".to_owned()),
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(at(5)),
        delivered: true,
    };
    let told = Command::RecordTracking { scans: vec![scan.clone()], observed: asked(10) };
    let told_of = |history: Vec<OrderEvent>| {
        after(history, &told).into_iter().find_map(|event| match event {
            OrderEvent::TrackingEventRecorded { scan, .. } => Some(scan),
            _ => None,
        })
    };
    assert_eq!(told_of(discovered(picking())), Some(scan.clone()));
    assert_eq!(told_of(after(discovered(picking()), &by_operator())), Some(scan.without_text()));
}
