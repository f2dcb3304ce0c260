//! Statuses as badges: always with text, and a shape besides the colour.

use logistics_domain::status::{CURRENT, WarehousePhase};
use logistics_projections::orders::OrderView;

use crate::words::Words;

/// A badge, ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dashboard) struct Badge {
    /// What it says.
    pub(in crate::dashboard) text: String,
    /// How it is coloured: a class of the style sheet.
    pub(in crate::dashboard) tone: &'static str,
    /// How far along it is: `full`, `half`, nothing, or `sharp` where something is wrong.
    pub(in crate::dashboard) shape: &'static str,
    /// More of it, for whoever points at it.
    pub(in crate::dashboard) hint: Option<String>,
}

/// The badges of an order as a list shows it.
pub(super) fn badges(w: Words, order: &OrderView) -> Vec<Badge> {
    let (warehouse, carrier) = (order.warehouse_phase.as_str(), order.carrier_phase.as_str());
    let mut badges = badges_of(w, order.status.as_deref(), (warehouse, carrier), order.attention.as_deref());
    if warehouse == "dispatched" && carrier_look(carrier).is_some() {
        // That it was dispatched goes without saying where the carrier has it.
        let dispatched = badges.remove(0);
        if let Some(first) = badges.first_mut() {
            first.hint = dispatched.hint;
        }
    }
    badges
}

/// The badges of an order: where it is in the warehouse, where with the carrier, and what needs attention.
pub(super) fn badges_of(
    w: Words,
    raw: Option<&str>,
    (warehouse, carrier): (&str, &str),
    attention: Option<&str>,
) -> Vec<Badge> {
    let (tone, shape) = warehouse_look(warehouse);
    let hint = raw.map(|raw| w.status_raw(raw));
    let mut badges = vec![Badge { text: w.warehouse_phase(warehouse), tone, shape, hint }];
    if let Some((tone, shape)) = carrier_look(carrier) {
        badges.push(Badge { text: w.carrier_phase(carrier), tone, shape, hint: None });
    }
    if let Some(why) = attention {
        badges.push(Badge { text: w.attention(why), tone: "warning", shape: "sharp", hint: None });
    }
    badges
}

/// What a status of the warehouse is in the reader's words, by its name; none where that is not known.
pub(super) fn phase_named(w: Words, name: &str) -> Option<String> {
    let phase = CURRENT.warehouse_standing(None, Some(name), None).phase;
    (phase != WarehousePhase::Unknown).then(|| w.warehouse_phase(phase.as_str()))
}

fn warehouse_look(phase: &str) -> (&'static str, &'static str) {
    match phase {
        "received" => ("info", ""),
        "preparing" => ("progress", "half"),
        "packed" => ("progress", "full"),
        "waiting" => ("warning", ""),
        "stopped" => ("danger", "sharp"),
        "dispatched" => ("", "full"),
        _ => ("", ""),
    }
}

fn carrier_look(phase: &str) -> Option<(&'static str, &'static str)> {
    Some(match phase {
        "pending" | "info_received" => ("info", ""),
        "in_transit" => ("progress", "half"),
        "out_for_delivery" => ("progress", "full"),
        "available_for_pickup" => ("warning", ""),
        "attempt_failed" | "exception" | "expired" => ("danger", "sharp"),
        "delivered" => ("success", "full"),
        "unknown" => ("", ""),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use logistics_domain::status::Attention;

    use super::*;
    use crate::words::Language;

    #[test]
    fn every_reason_for_attention_has_words_of_its_own() {
        for w in [Language::Spanish, Language::English].map(Words::of) {
            let unknown = w.attention("?");
            for why in Attention::ALL {
                assert_ne!(w.attention(why.as_str()), unknown, "{}", why.as_str());
            }
        }
    }
}
