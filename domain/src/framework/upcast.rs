//! The seam for events of older shapes: they are brought to today's shape on every load, never rewritten.
//!
//! To change the shape of an event:
//! 1. Change the variant in `order/event.rs` and raise its number in `OrderEvent::version`.
//! 2. Add a step at the END of [`upcasters`] that turns the last shape into the new one, made with
//!    `SemanticVersionEventUpcaster::new("StatusChanged", "1.1", step)`. The step sees the whole payload,
//!    `"type"` included; it must not fail, and it may use nothing but the payload.
//! 3. Keep the golden file of the old version, add one for the new version, and regenerate `docs/events.md`.
//!
//! Steps run in the order of the list, each on what the one before it made, so several steps of one event
//! stand in it from the oldest version to the newest. A step applies to every version below its own.

use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster, SerializedEvent};
use serde_json::{Value, json};

use crate::order::OrderEvent;

/// Every step from an older shape to a newer one, oldest first.
pub fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
    vec![
        // Before comments could be internal, every one was for all to see.
        Box::new(SemanticVersionEventUpcaster::new(
            "CommentRequested",
            "1.1",
            with("internal", json!(false)),
        )),
        // Before upstream's number was kept, a comment was known by its text alone.
        Box::new(SemanticVersionEventUpcaster::new("CommentPosted", "1.1", with("comment_id", Value::Null))),
        // Before the warehouse's zone was told, every day was taken for one of London.
        Box::new(SemanticVersionEventUpcaster::new("OrderDiscovered", "1.1", without_zone("/facts/details"))),
        Box::new(SemanticVersionEventUpcaster::new("DetailsChanged", "1.1", without_zone("/details"))),
        // Before an operator could have a person erased, upstream's word was the only reason.
        Box::new(SemanticVersionEventUpcaster::new("PersonalDataErased", "1.1", with("reason", Value::Null))),
    ]
}

/// A step that gives a field that was not there a value.
fn with(field: &'static str, value: Value) -> Box<dyn Fn(Value) -> Value + Send + Sync> {
    Box::new(move |mut payload| {
        if let Some(fields) = payload.as_object_mut() {
            fields.entry(field).or_insert_with(|| value.clone());
        }
        payload
    })
}

/// A step that gives details, wherever they stand in the payload, no zone.
fn without_zone(place: &'static str) -> Box<dyn Fn(Value) -> Value + Send + Sync> {
    Box::new(move |mut payload| {
        if let Some(details) = payload.pointer_mut(place).and_then(Value::as_object_mut) {
            details.entry("zone").or_insert(Value::Null);
        }
        payload
    })
}

/// A stored event that a later version of the program wrote. What it says beyond what is known here would be lost in silence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} was written in the shape {stored}, and this version of the ledger knows it up to {known}; run the later one"
)]
pub struct LaterShape {
    /// The event.
    pub name: &'static str,
    /// The version that it was stored with.
    pub stored: String,
    /// The version that this program writes.
    pub known: &'static str,
}

/// Refuses what was read of a stored event whose version lies above the one that is written today, or is none.
pub fn require_known_shape(event: &OrderEvent, stored: &str) -> Result<(), LaterShape> {
    let known = event.version();
    // Nearly every event was written as it would be today.
    if stored == known || numbers_of(stored).is_some_and(|stored| Some(stored) < numbers_of(known)) {
        return Ok(());
    }
    Err(LaterShape { name: event.name(), stored: stored.to_owned(), known })
}

/// Major and minor of a version.
fn numbers_of(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Brings one stored event to today's shape. An event that no step applies to is returned as it is.
pub fn upcast(event: SerializedEvent, upcasters: &[Box<dyn EventUpcaster>]) -> SerializedEvent {
    upcasters.iter().fold(event, |event, step| {
        if step.can_upcast(&event.event_type, &event.event_version) { step.upcast(event) } else { event }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(event_type: &str, version: &str, payload: Value) -> SerializedEvent {
        SerializedEvent::new(
            "2207".into(),
            1,
            "logistics_order".into(),
            event_type.into(),
            version.into(),
            payload,
            json!({}),
        )
    }

    /// An imagined past: 0.8 called the reason `text`, and 0.9 called it `why`.
    fn two_steps() -> Vec<Box<dyn EventUpcaster>> {
        let renamed = |from: &'static str, to: &'static str| {
            Box::new(move |mut payload: Value| {
                if let Some(fields) = payload.as_object_mut()
                    && let Some(value) = fields.remove(from)
                {
                    fields.insert(to.to_owned(), value);
                }
                payload
            })
        };
        vec![
            Box::new(SemanticVersionEventUpcaster::new("OrderWithheld", "0.9", renamed("text", "why"))),
            Box::new(SemanticVersionEventUpcaster::new("OrderWithheld", "1.0", renamed("why", "reason"))),
        ]
    }

    fn expected() -> OrderEvent {
        OrderEvent::OrderWithheld { reason: "two prefixes fit".into() }
    }

    #[test]
    fn an_event_of_an_older_shape_is_read_as_one_of_today() {
        for (version, field) in [("0.8", "text"), ("0.9", "why"), ("1.0", "reason")] {
            let mut payload = json!({"type": "OrderWithheld"});
            payload[field] = json!("two prefixes fit");
            let event = upcast(stored("OrderWithheld", version, payload), &two_steps());
            assert_eq!(serde_json::from_value::<OrderEvent>(event.payload).unwrap(), expected());
        }
    }

    #[test]
    fn an_older_shape_that_no_step_brings_forward_is_not_read_by_mistake() {
        let event =
            stored("OrderWithheld", "0.9", json!({"type": "OrderWithheld", "why": "two prefixes fit"}));
        assert!(serde_json::from_value::<OrderEvent>(upcast(event, &[]).payload).is_err());
    }

    #[test]
    fn a_step_leaves_other_events_and_events_of_its_own_version_alone() {
        for event in [
            stored("OrderWithheld", "1.0", json!({"type": "OrderWithheld", "why": "x", "reason": "y"})),
            stored("OrderUnlinked", "0.9", json!({"type": "OrderUnlinked", "why": "x"})),
        ] {
            assert_eq!(upcast(event.clone(), &two_steps()), event);
        }
    }

    #[test]
    fn an_event_of_a_later_shape_is_refused_and_not_read_as_one_of_today() {
        let released = OrderEvent::OrderReleased {};
        for (event, version) in [(&expected(), "1.0"), (&expected(), "0.9"), (&released, "1.0")] {
            assert_eq!(require_known_shape(event, version), Ok(()));
        }
        for later in ["1.1", "1.10", "2.0", "", "1", "newest"] {
            let refused = require_known_shape(&expected(), later).unwrap_err();
            assert_eq!(
                (refused.name, refused.stored.as_str(), refused.known),
                ("OrderWithheld", later, "1.0")
            );
        }
    }

    #[test]
    fn no_event_of_today_is_changed_by_the_steps_in_use() {
        let event = stored("OrderWithheld", expected().version(), serde_json::to_value(expected()).unwrap());
        assert_eq!(upcast(event.clone(), &upcasters()), event);
    }
}
