//! How a history is written out: a table for people, or an event a line for programs.

use chrono::{DateTime, SecondsFormat, Utc};
use logistics_projections::event_log::LoggedEvent;
use logistics_projections::orders::{NamedOrder, OrderRow};
use serde_json::{Value, json};

use super::table::{Table, printable};
use crate::tenancy::Tenant;

/// The longest payload in the table, in letters; the whole of it is in the other form.
const PAYLOAD_MAX: usize = 100;

/// How it is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Columns.
    Table,
    /// An event a line.
    Json,
}

/// Which order it is.
pub(super) fn heading(order: &NamedOrder, owner: &Tenant) -> String {
    let NamedOrder { id, mintsoft_order_id, mintsoft_order_number, part, number_of_parts, .. } = order;
    let mut told = vec![format!(
        "{mintsoft_order_number} of tenant {} ({}), Mintsoft order {mintsoft_order_id}, id {id}",
        owner.id, owner.slug
    )];
    if *number_of_parts > 1 {
        told.push(format!("part {part} of {number_of_parts}"));
    }
    told.extend(order.withheld_reason.iter().map(|reason| format!("withheld from its tenant: {reason}")));
    told.extend(order.vanished_at.map(|since| format!("gone from Mintsoft since {}", instant(since))));
    printable(&told.join("; "))
}

/// Events, each on its line.
pub(super) fn lines(events: &[LoggedEvent], form: Form) -> serde_json::Result<String> {
    if form == Form::Json {
        let lines = events.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        return Ok(lines.join("\n"));
    }
    let mut table = Table::under(&["POSITION", "RECORDED", "OBSERVED", "SOURCE", "ACTOR", "TYPE", "PAYLOAD"]);
    for event in events {
        table.push([
            event.position.to_string(),
            instant(event.recorded_at),
            event.observed_at.as_deref().map(shortened).unwrap_or_default(),
            event.source.clone().unwrap_or_default(),
            event.actor.clone().unwrap_or_default(),
            event.name.clone(),
            short(&event.payload),
        ]);
    }
    Ok(table.text())
}

/// The order as it was known then.
pub(super) fn known(until: DateTime<Utc>, row: Option<&OrderRow>, form: Form) -> serde_json::Result<String> {
    if form == Form::Json {
        let as_of = until.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        return serde_json::to_string(&json!({"as_of": as_of, "known": row.map(facts)}));
    }
    let as_of = instant(until);
    let Some(row) = row else { return Ok(format!("\nAs of {as_of} nothing was known of the order.")) };
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".to_owned());
    let when = |value: Option<DateTime<Utc>>| value.map_or_else(|| "-".to_owned(), instant);
    let mut table = Table::headless();
    for (name, value) in [
        ("status", text(row.status.as_ref())),
        ("courier", text(row.courier_service.as_ref())),
        ("tracking number", text(row.tracking_number.as_ref())),
        ("dispatched", when(row.dispatched_at)),
        ("delivered", when(row.delivered_at)),
    ] {
        table.push([name.to_owned(), value]);
    }
    Ok(format!("\nAs known at {as_of}:\n{}", table.text()))
}

fn facts(row: &OrderRow) -> Value {
    json!({
        "status": row.status, "status_id": row.status_id, "courier_service": row.courier_service,
        "tracking_number": row.tracking_number, "dispatched_at": row.dispatched_at,
        "delivered_at": row.delivered_at,
    })
}

/// What an event says besides its name, and besides which answer it was read from.
fn short(payload: &Value) -> String {
    let mut said = payload.clone();
    if let Some(fields) = said.as_object_mut() {
        fields.retain(|name, _| !matches!(name.as_str(), "type" | "observed"));
        if fields.is_empty() {
            return String::new();
        }
    }
    let text = said.to_string();
    if text.chars().count() <= PAYLOAD_MAX {
        return text;
    }
    text.chars().take(PAYLOAD_MAX - 1).chain(['…']).collect()
}

fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An instant as it is stored, cut to the millisecond; as it stands where it is none.
fn shortened(text: &str) -> String {
    DateTime::parse_from_rfc3339(text).map_or_else(|_| text.to_owned(), |read| instant(read.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_shown_without_its_name_and_not_for_long() {
        assert_eq!(short(&json!({"type": "OrderReleased"})), "");
        assert_eq!(short(&json!({"type": "X", "observed": {"asked_at": "now"}, "to": 3})), r#"{"to":3}"#);
        let long = short(&json!({"reason": "ñ".repeat(200)}));
        assert_eq!((long.chars().count(), long.ends_with('…')), (PAYLOAD_MAX, true));
    }
}
