//! The recipient: compared by fingerprint, and gone for good once erased.

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
        .then(vec![OrderEvent::PersonalDataErased { observed: asked(10) }]);
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
