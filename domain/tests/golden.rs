//! Golden payloads: what was ever written can be read for ever, and what is written today is exactly this.
//!
//! `tests/golden/<Event>.<version>.json` holds one payload for each event and version. A file that is there is
//! never changed; `UPDATE_DOCS=1 cargo test -p logistics-domain` writes those that are missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cqrs_es::persist::SerializedEvent;
use logistics_domain::OrderEvent;
use logistics_domain::framework::{upcast, upcasters};
use serde_json::{Value, json};

use crate::samples;

/// Whether files are to be written instead of compared.
#[expect(clippy::disallowed_methods, reason = "a test has no configuration to be told by")]
pub fn updating() -> bool {
    std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1")
}

/// Tests run at once, and none may read a file that another has begun to write.
static WRITING: Mutex<()> = Mutex::new(());

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The golden payload of an event, as it stands in its file.
pub fn text(event: &OrderEvent) -> String {
    let path = folder().join(format!("{}.{}.json", event.name(), event.version()));
    let _one_writer = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    if updating() && !path.exists() {
        let payload = serde_json::to_value(event).unwrap();
        fs::write(&path, serde_json::to_string_pretty(&payload).unwrap() + "\n").unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|_| {
        panic!("{} is missing: UPDATE_DOCS=1 cargo test -p logistics-domain writes it", path.display())
    })
}

/// The names that serde reads, taken from its own complaint, so that no event can be left out of this test.
fn every_name() -> BTreeSet<String> {
    let complaint = serde_json::from_value::<OrderEvent>(json!({"type": "?"})).unwrap_err().to_string();
    let listed = complaint.split_once("expected one of").expect("serde names the variants").1;
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn canonical(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).unwrap()
}

#[test]
fn every_event_has_a_sample_under_its_name() {
    let samples: Vec<String> = samples::all().iter().map(|event| event.name().to_owned()).collect();
    assert_eq!(samples.iter().cloned().collect::<BTreeSet<_>>(), every_name());
    assert_eq!(samples.len(), every_name().len());
    for event in samples::all() {
        assert_eq!(serde_json::to_value(&event).unwrap()["type"], event.name());
    }
}

#[test]
fn what_is_written_today_is_exactly_the_golden_payload() {
    for event in samples::all() {
        let golden: Value = serde_json::from_str(&text(&event)).unwrap();
        assert_eq!(canonical(&serde_json::to_value(&event).unwrap()), canonical(&golden), "{}", event.name());
        assert_eq!(serde_json::from_value::<OrderEvent>(golden).unwrap(), event);
    }
}

#[test]
fn whatever_was_written_at_any_version_is_read_today() {
    for event in samples::all() {
        text(&event);
    }
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (event_type, version) = name.split_once('.').expect("<Event>.<version>.json");
        let stored = SerializedEvent::new(
            "2207".to_owned(),
            1,
            "logistics_order".to_owned(),
            event_type.to_owned(),
            version.to_owned(),
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap(),
            json!({}),
        );
        let today = upcast(stored, &upcasters());
        let event: OrderEvent = serde_json::from_value(today.payload).unwrap();
        // The framework's steps write a third number, which is always 0.
        let reached = today.event_version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
        assert_eq!((event.name(), event.version()), (event_type, reached.as_str()));
    }
}

#[test]
fn no_payload_holds_a_float_or_an_instant_finer_than_a_microsecond() {
    for event in samples::all() {
        walk(&serde_json::to_value(&event).unwrap(), event.name());
    }
}

/// Goes through a payload. An instant is whatever chrono reads as one.
pub fn walk(value: &Value, name: &str) {
    match value {
        Value::Number(number) => assert!(!number.is_f64(), "{name} holds the float {number}"),
        Value::String(text) => {
            if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
                assert_eq!(instant.timestamp_subsec_nanos() % 1000, 0, "{name} holds {text}");
                assert!(text.ends_with('Z'), "{name} holds {text}, which is not in UTC");
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, name)),
        Value::Object(fields) => fields.values().for_each(|value| walk(value, name)),
        Value::Null | Value::Bool(_) => {}
    }
}
