//! The catalogue says what the events are, and `docs/events.md` says what the catalogue says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use chrono::{TimeZone, Utc};
use logistics_domain::order::catalogue::{Entry, Field, METADATA, REFUSALS, SHAPES, Shape, entries};
use logistics_domain::{OrderEvent, Provenance, Source};
use serde_json::Value;

use crate::{golden, samples};

const HOW_TO_UPDATE: &str =
    "docs/events.md is made from the catalogue: UPDATE_DOCS=1 cargo test -p logistics-domain";

fn fields_of(value: &Value) -> BTreeSet<String> {
    let fields = value.as_object().expect("an object").keys();
    fields.filter(|name| *name != "type").cloned().collect()
}

fn told(fields: &[Field]) -> BTreeSet<String> {
    fields.iter().map(|field| field.name.to_owned()).collect()
}

fn shape_of(field: &Field) -> Option<&'static Shape> {
    let kind = field.kind.trim_end_matches('?').trim_end_matches("[]");
    SHAPES.iter().find(|shape| shape.name == kind)
}

fn entry_of(event: &OrderEvent) -> &'static Entry {
    entries().find(|entry| entry.name == event.name()).unwrap_or_else(|| panic!("no entry: {}", event.name()))
}

#[test]
fn the_catalogue_has_every_event_with_its_version_and_its_fields() {
    assert_eq!(entries().count(), samples::all().len());
    for event in samples::all() {
        let entry = entry_of(&event);
        assert_eq!(entry.version, event.version(), "{}", entry.name);
        assert_eq!(told(entry.fields), fields_of(&serde_json::to_value(&event).unwrap()), "{}", entry.name);
        assert!(!entry.sources.is_empty(), "{}", entry.name);
    }
}

/// Every value in the samples whose field is said to be of a shape, by shape.
fn shaped_values() -> BTreeMap<&'static str, Vec<Value>> {
    let mut found: BTreeMap<&'static str, Vec<Value>> = BTreeMap::new();
    for event in samples::all() {
        collect(entry_of(&event).fields, &serde_json::to_value(&event).unwrap(), &mut found);
    }
    found
}

fn collect(fields: &[Field], value: &Value, found: &mut BTreeMap<&'static str, Vec<Value>>) {
    for field in fields {
        let Some(shape) = shape_of(field) else { continue };
        let inner = &value[field.name];
        let each = inner.as_array().map_or(std::slice::from_ref(inner), Vec::as_slice);
        for value in each.iter().filter(|value| !value.is_null()) {
            found.entry(shape.name).or_default().push(value.clone());
            collect(shape.fields, value, found);
        }
    }
}

#[test]
fn the_catalogue_has_every_shape_with_its_fields() {
    let found = shaped_values();
    for shape in SHAPES {
        let values = found.get(shape.name).unwrap_or_else(|| panic!("no event carries {}", shape.name));
        for value in values {
            assert_eq!(told(shape.fields), fields_of(value), "{}", shape.name);
        }
    }
}

#[test]
fn an_object_in_a_payload_is_always_of_a_shape_in_the_catalogue() {
    for event in samples::all() {
        let payload = serde_json::to_value(&event).unwrap();
        for field in entry_of(&event).fields {
            let shaped = shape_of(field).is_some();
            let value = &payload[field.name];
            assert_eq!(shaped, value.is_object() || value.is_array(), "{}.{}", event.name(), field.name);
        }
    }
}

#[test]
fn the_catalogue_has_every_key_of_the_metadata() {
    let provenance = Provenance {
        source: Source::Poll,
        actor: "system".to_owned(),
        correlation_id: "run:1".to_owned(),
        cause: Some("run:1".to_owned()),
        observed_at: Utc.with_ymd_and_hms(2026, 2, 9, 14, 41, 8).unwrap(),
    };
    assert_eq!(told(METADATA), provenance.to_metadata().into_keys().collect());
}

#[test]
fn the_page_of_events_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    let page = page();
    if golden::updating() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let held = fs::read_to_string(&path).expect(HOW_TO_UPDATE);
    assert!(held == page, "{HOW_TO_UPDATE}");
}

fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n## All events\n\n| Event | Version | Meaning |\n|---|---|---|\n");
    for entry in entries() {
        let link = entry.name.to_lowercase();
        writeln!(page, "| [{}](#{link}) | {} | {} |", entry.name, entry.version, cell(entry.meaning))
            .unwrap();
    }
    page.push_str("\n## Beside every event\n\nIts metadata:\n\n");
    fields(&mut page, METADATA);
    page.push_str("\n## Refusals\n\nA refusal records nothing.\n\n| Refusal | Given when |\n|---|---|\n");
    for (name, when) in REFUSALS {
        writeln!(page, "| {name} | {} |", cell(when)).unwrap();
    }
    page.push_str("\n## Each event\n");
    for event in samples::all() {
        section(&mut page, &event);
    }
    page.push_str("\n## Shapes\n");
    for shape in SHAPES {
        writeln!(page, "\n### {}\n\n{}\n", shape.name, shape.meaning).unwrap();
        fields(&mut page, shape.fields);
    }
    page
}

const HEAD: &str = "# Events of an order

Made from the catalogue in `domain/src/order/catalogue/` and the golden payloads in `domain/tests/golden/`; do not
edit. `UPDATE_DOCS=1 cargo test -p logistics-domain` makes it anew.

An order's history is a list of these events, and everything that is shown of an order follows from it. Instants are
in UTC, in RFC 3339 with at most six digits of a second. There is no floating-point number: weights are in grams,
amounts in hundredths. Whatever is personal is sealed with the order's own key, but for what a courier wrote of whoever
signed: that stays in the events that were recorded before the personal data was erased, and is shown no more. A change of shape
is a new version; older payloads stay as they are. The ledger brings them to today's shape whenever it reads them, and
refuses to read what a later version wrote. Whoever reads a history, over the API or with `ledger history`, gets them as
they were recorded, each beside its version.
";

fn section(page: &mut String, event: &OrderEvent) {
    let entry = entry_of(event);
    let sources: Vec<String> = entry.sources.iter().map(|source| format!("`{}`", source.as_str())).collect();
    writeln!(page, "\n### {}\n\n{} Version {}.\n", entry.name, entry.meaning, entry.version).unwrap();
    writeln!(page, "*When:* {}\n\n*Sources:* {}.\n", entry.when, sources.join(", ")).unwrap();
    if !entry.fields.is_empty() {
        fields(page, entry.fields);
        page.push('\n');
    }
    writeln!(page, "```json\n{}```", golden::text(event)).unwrap();
}

fn fields(page: &mut String, fields: &[Field]) {
    page.push_str("| Field | Type | Meaning |\n|---|---|---|\n");
    for field in fields {
        let kind = match shape_of(field) {
            Some(shape) => format!("[{}](#{})", field.kind, shape.name.to_lowercase()),
            None => field.kind.to_owned(),
        };
        writeln!(page, "| `{}` | {kind} | {} |", field.name, cell(field.meaning)).unwrap();
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
