//! Statuses as badges: always with text, and a shape besides the colour.

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

/// The badges of an order: where it is in the warehouse, where with the carrier, and what needs attention.
pub(super) fn badges(w: Words, order: &OrderView) -> Vec<Badge> {
    let hint = order.status.as_deref().map(|raw| w.status_raw(raw));
    let (tone, shape) = warehouse_look(&order.warehouse_phase);
    let mut badges = vec![Badge { text: w.warehouse_phase(&order.warehouse_phase), tone, shape, hint }];
    if let Some((tone, shape)) = carrier_look(&order.carrier_phase) {
        badges.push(Badge { text: w.carrier_phase(&order.carrier_phase), tone, shape, hint: None });
    }
    if let Some(why) = &order.attention {
        badges.push(Badge { text: w.attention(why), tone: "warning", shape: "sharp", hint: None });
    }
    badges
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
