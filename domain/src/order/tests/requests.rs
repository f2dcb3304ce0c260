//! Cancellations and comments: asked, then confirmed or refused, and every step may come twice.

use super::*;

const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

fn cancel(request_id: Uuid, reason: &str) -> Command {
    Command::RequestCancellation { request_id, reason: sealed(reason), requested_by: "user:12".to_owned() }
}

fn comment(request_id: Uuid, text: &str) -> Command {
    Command::RequestComment {
        request_id,
        comment: sealed(text),
        internal: false,
        requested_by: "user:12".to_owned(),
    }
}

fn refuse(request_id: Uuid) -> Command {
    Command::RefuseCancellation { request_id, message: "It is being packed.".to_owned() }
}

fn cancelling() -> Vec<OrderEvent> {
    after(discovered(picking()), &cancel(FIRST, "mistake"))
}

#[test]
fn a_cancellation_is_asked_for_then_confirmed_once() {
    given(discovered(picking())).when(cancel(FIRST, "mistake")).then(vec![
        OrderEvent::CancellationRequested {
            request_id: FIRST,
            reason: sealed("mistake"),
            requested_by: "user:12".to_owned(),
        },
    ]);
    let confirm = Command::ConfirmCancellation { request_id: FIRST };
    let confirmed = after(cancelling(), &confirm);
    assert_eq!(confirmed.last(), Some(&OrderEvent::CancellationConfirmed { request_id: FIRST }));
    given(confirmed.clone()).when(confirm).then_nothing();
    given(confirmed).when(refuse(FIRST)).then_refused(Refusal::AlreadySettled { request_id: FIRST });
}

#[test]
fn the_same_request_again_adds_nothing_even_after_its_outcome() {
    given(cancelling()).when(cancel(FIRST, "mistake")).then_nothing();
    given(after(cancelling(), &refuse(FIRST))).when(cancel(FIRST, "mistake")).then_nothing();
    let gone = after(cancelling(), &Command::ReportVanished { observed: asked(10), last_checked: None });
    given(gone).when(cancel(FIRST, "mistake")).then_nothing();
}

#[test]
fn the_same_request_id_with_other_content_is_refused() {
    given(cancelling())
        .when(cancel(FIRST, "something else"))
        .then_refused(Refusal::RequestReused { request_id: FIRST });
    given(after(discovered(picking()), &comment(FIRST, "ring twice")))
        .when(comment(FIRST, "leave it"))
        .then_refused(Refusal::RequestReused { request_id: FIRST });
}

#[test]
fn a_second_cancellation_waits_for_the_first_and_may_follow_its_refusal() {
    given(cancelling()).when(cancel(SECOND, "mistake")).then_refused(Refusal::CancellationPending);
    let refused = after(cancelling(), &refuse(FIRST));
    assert_eq!(state(&after(refused, &cancel(SECOND, "please"))).cancellations.len(), 2);
}

#[test]
fn an_order_that_left_is_cancelled_or_gone_is_not_cancelled() {
    let cancelled = Snapshot { status: Told::Is(status(3, "CANCELLED")), ..picking() };
    let dated = Snapshot { dispatched_at: Told::Is(at(-60)), ..picking() };
    let gone = Command::ReportVanished { observed: asked(10), last_checked: None };
    let doubtful = Command::Withhold { reason: "two prefixes fit".to_owned() };
    for (history, refusal) in [
        (discovered(dispatched()), Refusal::AlreadyDispatched),
        (discovered(dated), Refusal::AlreadyDispatched),
        (discovered(cancelled), Refusal::AlreadyCancelled),
        (after(discovered(picking()), &gone), Refusal::Vanished),
        (after(discovered(picking()), &doubtful), Refusal::Withheld),
    ] {
        given(history).when(cancel(FIRST, "mistake")).then_refused(refusal);
    }
}

#[test]
fn comments_stand_beside_each_other_and_settle_alone() {
    let both = after(after(discovered(dispatched()), &comment(FIRST, "a")), &comment(SECOND, "b"));
    given(both.clone())
        .when(Command::ConfirmComment { request_id: SECOND, comment_id: Some(77) })
        .then(vec![OrderEvent::CommentPosted { request_id: SECOND, comment_id: Some(77) }]);
    let refusal = Command::RefuseComment { request_id: FIRST, message: "Too long.".to_owned() };
    let refused = after(both, &refusal);
    given(refused.clone()).when(refusal).then_nothing();
    given(refused)
        .when(Command::ConfirmComment { request_id: FIRST, comment_id: None })
        .then_refused(Refusal::AlreadySettled { request_id: FIRST });
}

#[test]
fn an_outcome_of_an_unknown_request_is_refused() {
    for command in [
        Command::ConfirmCancellation { request_id: SECOND },
        refuse(SECOND),
        Command::ConfirmComment { request_id: FIRST, comment_id: None },
        Command::RefuseComment { request_id: SECOND, message: String::new() },
    ] {
        let named = if matches!(command, Command::ConfirmComment { .. }) { FIRST } else { SECOND };
        given(cancelling()).when(command).then_refused(Refusal::UnknownRequest { request_id: named });
    }
}

#[test]
fn an_order_that_is_seen_cancelled_settles_the_request_that_waits_whoever_cancelled_it() {
    let cancelled = Snapshot { status: Told::Is(status(3, "CANCELLED")), ..picking() };
    let seen = after(cancelling(), &observe(cancelled.clone(), asked(20)));
    assert_eq!(seen.last(), Some(&OrderEvent::CancellationConfirmed { request_id: FIRST }));
    given(seen.clone()).when(Command::ConfirmCancellation { request_id: FIRST }).then_nothing();
    given(seen).when(observe(cancelled.clone(), asked(30))).then_nothing();

    let without_request = after(discovered(picking()), &observe(cancelled.clone(), asked(20)));
    assert!(matches!(without_request.last(), Some(OrderEvent::StatusChanged { .. })));
    let refused = after(cancelling(), &refuse(FIRST));
    let refused = after(refused, &observe(cancelled, asked(20)));
    assert!(matches!(refused.last(), Some(OrderEvent::StatusChanged { .. })), "a settled request stays so");
}

#[test]
fn an_internal_comment_is_another_than_an_open_one() {
    let history = after(discovered(picking()), &comment(FIRST, "fragile"));
    let internal = Command::RequestComment {
        request_id: FIRST,
        comment: sealed("fragile"),
        internal: true,
        requested_by: "user:12".to_owned(),
    };
    given(history).when(internal).then_refused(Refusal::RequestReused { request_id: FIRST });
}

#[test]
fn what_is_shown_as_possible_is_what_is_decided() {
    let gone = Command::ReportVanished { observed: asked(10), last_checked: None };
    for history in [
        discovered(picking()),
        discovered(dispatched()),
        cancelling(),
        after(discovered(picking()), &gone),
        after(discovered(picking()), &Command::Withhold { reason: "two prefixes fit".to_owned() }),
    ] {
        let order = state(&history);
        let possible = Possible::of(&order);
        assert_eq!(possible.may_cancel().err(), decide(&order, &cancel(SECOND, "mistake")).err());
        assert_eq!(possible.may_comment().err(), decide(&order, &comment(SECOND, "hello")).err());
    }
}
