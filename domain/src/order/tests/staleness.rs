//! Answers that arrive late, overlap, or carry a clock that runs backward.

use super::*;

/// An answer with its times as seconds after noon.
fn answer(asked: i64, answered: i64, updated: impl Into<Option<i64>>) -> Observed {
    Observed {
        asked_at: at(asked),
        answered_at: at(answered),
        upstream_updated_at: updated.into().map(at),
        raw_sha256: None,
    }
}

fn read(snapshot: Snapshot, observed: Observed, last_checked: Option<Observed>) -> Command {
    Command::Observe {
        account_id: ACCOUNT,
        mintsoft_order_id: ORDER,
        observation: Box::new(Observation { snapshot, observed, last_checked }),
    }
}

fn read_at(observed: Observed) -> Vec<OrderEvent> {
    after(vec![], &read(picking(), observed, None))
}

#[test]
fn an_answer_that_was_asked_earlier_and_arrives_late_changes_nothing() {
    given(read_at(answer(10, 11, -5))).when(read(dispatched(), answer(0, 1, -9), None)).then_nothing();
    let gone = Command::ReportVanished { observed: answer(0, 1, None), last_checked: None };
    given(read_at(answer(10, 11, -5))).when(gone).then_nothing();
}

#[test]
fn an_unchanged_answer_guards_as_well_as_one_in_the_history() {
    let command = read(dispatched(), answer(10, 11, -5), Some(answer(20, 21, -5)));
    given(read_at(answer(0, 1, -5))).when(command).then_nothing();
    let gone =
        Command::ReportVanished { observed: answer(10, 11, None), last_checked: Some(answer(20, 21, -5)) };
    given(read_at(answer(0, 1, -5))).when(gone).then_nothing();
}

#[test]
fn of_answers_that_overlap_the_one_that_shows_a_change_made_meanwhile_is_newer() {
    let slow_and_new = answer(0, 30, 25);
    let quick_and_old = answer(10, 12, -5);
    assert!(quick_and_old.is_superseded_by(&slow_and_new));
    given(read_at(slow_and_new.clone())).when(read(dispatched(), quick_and_old.clone(), None)).then_nothing();
    let history = after(read_at(quick_and_old), &read(dispatched(), slow_and_new, None));
    assert!(state(&history).is_dispatched());
}

#[test]
fn in_the_hour_that_london_repeats_the_answer_asked_later_wins() {
    let before_the_clock_went_back = answer(0, 1, -60);
    let after_it_went_back = answer(600, 601, -3000);
    assert!(before_the_clock_went_back.is_superseded_by(&after_it_went_back));
    let history = after(read_at(before_the_clock_went_back), &read(dispatched(), after_it_went_back, None));
    assert!(state(&history).is_dispatched());
}

#[test]
fn three_answers_that_overlap_are_never_newer_in_a_circle() {
    let slow = answer(0, 100, -10);
    let early = answer(10, 20, -10);
    let late = answer(40, 50, -3000);
    for (older, newer) in [(&slow, &early), (&early, &late), (&slow, &late)] {
        assert!(older.is_superseded_by(newer) && !newer.is_superseded_by(older));
    }
}

#[test]
fn an_answer_that_says_gone_counts_as_of_its_end() {
    let gone = answer(0, 10, None);
    assert!(answer(5, 6, -5).is_superseded_by(&gone));
    assert!(gone.is_superseded_by(&answer(11, 12, -5)));
}

#[test]
fn a_clock_of_upstream_that_is_ahead_outlives_no_later_question() {
    let from_the_future = answer(0, 1, 5000);
    assert_eq!(from_the_future.describes_at(), at(1));
    assert!(from_the_future.is_superseded_by(&answer(2, 3, 5000)));
}

#[test]
fn times_that_make_no_sense_are_ordered_all_the_same() {
    let backward = answer(10, 0, 5);
    assert_eq!(backward.describes_at(), at(10));
    assert_eq!(backward.clone().newest(answer(0, 1, None)), backward);
}
