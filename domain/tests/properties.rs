//! What holds for every history, whatever upstream, people and the network do.

use chrono::TimeDelta;
use logistics_domain::order::Observed;
use logistics_domain::order::state::RequestOutcome;
use logistics_domain::{Command, Order, OrderEvent, decide, evolve};
use proptest::prelude::*;

use crate::golden;
use crate::samples;
use crate::worlds::{Read, Service, any_answer, any_command, any_picture};

fn carried_out(commands: &[Command]) -> Service {
    let mut service = Service::default();
    for command in commands {
        service.carry_out(command);
    }
    service
}

fn history() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(any_command(), 0..25)
}

fn later(millisecond: i64) -> TimeDelta {
    TimeDelta::milliseconds(millisecond)
}

fn fold(events: impl IntoIterator<Item = OrderEvent>) -> Order {
    let mut order = Order::default();
    events.into_iter().for_each(|event| evolve(&mut order, event));
    order
}

proptest! {
    #[test]
    fn deciding_twice_adds_nothing(commands in history(), command in any_command()) {
        let mut service = carried_out(&commands);
        let first = decide(&service.order, &command);
        service.carry_out(&command);
        match first {
            Ok(_) => prop_assert_eq!(decide(&service.order, &command), Ok(vec![])),
            Err(refusal) => prop_assert_eq!(decide(&service.order, &command), Err(refusal)),
        }
    }

    #[test]
    fn a_replay_of_what_was_stored_is_the_live_state(commands in history()) {
        let service = carried_out(&commands);
        let stored: Vec<String> =
            service.history.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let replayed = fold(stored.iter().map(|text| serde_json::from_str(text).unwrap()));
        prop_assert_eq!(&replayed, &service.order);
        for event in &service.history {
            golden::walk(&serde_json::to_value(event).unwrap(), event.name());
        }
    }

    #[test]
    fn a_stale_observation_changes_nothing(
        first in any_picture(),
        commands in history(),
        shown in prop::option::of(any_picture()),
        told in any_answer(),
        later_by in 1i64..50,
    ) {
        let mut service = Service::default();
        service.carry_out(&Read { shown: Some(first), observed: told.clone() }.command(None));
        for command in &commands {
            service.carry_out(command);
        }
        let held = service.order.last_observed.clone().expect("it was discovered");
        let newer = Observed { asked_at: told.answered_at.max(told.asked_at) + later(later_by), ..told.clone() };
        // Stale beside the history where it is not stale in it.
        let checked = (!told.is_superseded_by(&held)).then_some(newer);
        prop_assert!(told.is_superseded_by(checked.as_ref().unwrap_or(&held)));
        prop_assert_eq!(decide(&service.order, &Read { shown, observed: told }.command(checked)), Ok(vec![]));
    }

    #[test]
    fn any_event_fits_any_state_and_any_command_is_answered(
        events in prop::collection::vec(prop::sample::select(samples::all()), 0..30),
        command in any_command(),
    ) {
        let order = fold(events);
        let once = decide(&order, &command);
        prop_assert_eq!(once, decide(&order, &command));
    }

    #[test]
    fn whatever_happens_these_hold(commands in history()) {
        let mut service = Service::default();
        for command in &commands {
            let before = service.clone();
            service.carry_out(command);
            holds(&before, command, &service)?;
        }
    }

    #[test]
    fn answers_are_ordered_totally(a in any_answer(), b in any_answer(), c in any_answer()) {
        prop_assert!(!a.is_superseded_by(&a));
        prop_assert_eq!(a != b, a.is_superseded_by(&b) || b.is_superseded_by(&a));
        prop_assert!(!(a.is_superseded_by(&b) && b.is_superseded_by(&a)));
        if a.is_superseded_by(&b) && b.is_superseded_by(&c) {
            prop_assert!(a.is_superseded_by(&c));
        }
        prop_assert_eq!(a.clone().newest(b.clone()), b.newest(a));
    }
}

fn holds(before: &Service, command: &Command, after: &Service) -> Result<(), TestCaseError> {
    let (was, is) = (&before.order, &after.order);
    prop_assert!(!is.erased || is.facts.recipient.is_none(), "an erased order has a recipient");
    prop_assert!(is.erased || !was.erased, "an erasure was undone");
    let reported = matches!(command, Command::ReportVanished { .. });
    prop_assert!(!is.vanished || was.vanished || reported, "it vanished, and nobody said so");
    prop_assert!(is.is_known() || (!was.is_known() && after.history.is_empty()), "a history without a start");
    prop_assert!(is.scans.is_superset(&was.scans), "a scan was lost");
    prop_assert_eq!(is.delivered_at.is_some(), is.delivery_basis.is_some());
    prop_assert!(is.delivered_at.is_some() || was.delivered_at.is_none(), "a delivery was undone");
    let pending = is.cancellations.values().filter(|made| made.outcome == RequestOutcome::Pending);
    prop_assert!(pending.count() <= 1, "two cancellations are on their way");
    for (id, made) in was.cancellations.iter().chain(&was.comments) {
        let now = is.cancellations.get(id).into_iter().chain(is.comments.get(id));
        prop_assert!(now.clone().any(|now| now.content == made.content), "a request was lost or reworded");
    }
    prop_assert!(
        is.fulfilled().all(|held| !is.untied_from.contains(&held.order_id)),
        "tied and untied at once"
    );
    if let (Some(was), Some(is)) = (&was.last_observed, &is.last_observed) {
        prop_assert!(!is.is_superseded_by(was), "the newest answer went back in time");
    }
    let discoveries = |event: &&OrderEvent| matches!(event, OrderEvent::OrderDiscovered { .. });
    prop_assert!(after.history.iter().filter(discoveries).count() <= 1, "it was discovered twice");
    Ok(())
}
