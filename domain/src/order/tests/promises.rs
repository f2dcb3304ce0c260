//! Promises that were not kept: noted once for each promise and end, and never where none is open.

use super::*;
use crate::status::{OpenPromise, Promise};

fn open(promise: Promise, second: i64) -> OpenPromise {
    OpenPromise { promise, due_at: at(second) }
}

fn look(open: impl Into<Option<OpenPromise>>, second: i64) -> Command {
    Command::NoteLate { open: open.into(), now: at(second) }
}

fn missed(promise: Promise, second: i64) -> OrderEvent {
    OrderEvent::PromiseMissed { promise, due_at: at(second) }
}

#[test]
fn a_promise_is_missed_from_its_end_on_and_once() {
    let known = discovered(picking());
    given(known.clone()).when(look(open(Promise::Dispatch, 60), 59)).then_nothing();
    given(known.clone()).when(look(None, 60)).then_nothing();
    let dispatch = look(open(Promise::Dispatch, 60), 60);
    given(known.clone()).when(dispatch.clone()).then(vec![missed(Promise::Dispatch, 60)]);
    let late = after(known, &dispatch);
    given(late.clone()).when(look(open(Promise::Dispatch, 60), 900)).then_nothing();
    given(late.clone())
        .when(look(open(Promise::Dispatch, 90), 900))
        .then(vec![missed(Promise::Dispatch, 90)]);
    given(late).when(look(open(Promise::Delivery, 60), 900)).then(vec![missed(Promise::Delivery, 60)]);
}

#[test]
fn what_is_hidden_or_gone_or_was_never_seen_misses_nothing() {
    let late = look(open(Promise::News, 60), 60);
    let hidden = after(discovered(picking()), &Command::Withhold { reason: "doubt".to_owned() });
    given(hidden.clone()).when(late.clone()).then_nothing();
    let shown = after(hidden, &Command::Release);
    given(shown).when(late.clone()).then(vec![missed(Promise::News, 60)]);
    let gone = Command::ReportVanished { observed: asked(30), last_checked: None };
    given(after(discovered(picking()), &gone)).when(late.clone()).then_nothing();
    given(vec![]).when(late).then_refused(Refusal::UnknownOrder);
}
