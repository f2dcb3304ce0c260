//! The columns of a table of orders, with their names in the caller's language, and what stands in them. A text that a spreadsheet would
//! take for a formula is made plain.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use logistics_projections::RawJson;
use logistics_projections::orders::OrderView;
use serde::Deserialize;

use crate::words::Words;

/// How many columns there are.
const COLUMNS: usize = 20;

/// The names of the columns.
pub(super) fn heads(words: Words) -> [String; COLUMNS] {
    [
        words.export_head_order(),
        words.export_head_status(),
        words.export_head_stage(),
        words.export_head_attention(),
        words.export_head_courier(),
        words.export_head_tracking_number(),
        words.export_head_tracking_url(),
        words.export_head_ordered(),
        words.export_head_dispatched(),
        words.export_head_estimated(),
        words.export_head_delivered(),
        words.export_head_parcels(),
        words.export_head_weight(),
        words.export_head_shop_order(),
        words.export_head_items(),
        words.export_head_part(),
        words.export_head_parts(),
        words.export_head_mintsoft_id(),
        words.export_head_created(),
        words.export_head_updated(),
    ]
}

/// What stands in a cell.
#[derive(Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
    /// In the tenant's zone.
    Instant(NaiveDateTime),
    /// A day as the warehouse told it.
    Day(NaiveDate),
    Empty,
}

/// The cells of an order.
pub(super) fn cells(order: &OrderView, zone: Tz, words: Words) -> [Cell; COLUMNS] {
    let instant = |at: Option<DateTime<Utc>>| {
        at.map_or(Cell::Empty, |at| Cell::Instant(at.with_timezone(&zone).naive_local()))
    };
    let promised = order.estimated_delivery.and_then(|at| order.clock().day_told(at));
    let stage = match order.tab.as_str() {
        "in_warehouse" => words.export_stage_in_warehouse(),
        "on_the_way" => words.export_stage_on_the_way(),
        "delivered" => words.export_stage_delivered(),
        _ => words.export_stage_closed(),
    };
    [
        text(Some(&order.mintsoft_order_number)),
        text(order.status.as_deref()),
        text(Some(&stage)),
        text(Some(&if order.attention.is_some() { words.export_yes() } else { words.export_no() })),
        text(order.courier_service.as_deref()),
        text(order.tracking_number.as_deref()),
        text(order.tracking_url.as_deref()),
        instant(order.ordered_at),
        instant(order.dispatched_at),
        promised.map_or_else(|| instant(order.estimated_delivery), Cell::Day),
        instant(order.delivered_at),
        order.num_parcels.map_or(Cell::Empty, |parcels| Cell::Number(parcels.into())),
        order.weight.map_or(Cell::Empty, Cell::Number),
        text(order.shop_order_name.as_deref()),
        text(Some(&lines(&order.items))),
        Cell::Number(order.part.into()),
        Cell::Number(order.number_of_parts.into()),
        // As a text: a spreadsheet rounds long numbers.
        text(Some(&order.mintsoft_order_id.to_string())),
        instant(Some(order.created_at)),
        instant(Some(order.updated_at)),
    ]
}

/// `LADORE_A x2; LADORE_B x1`.
fn lines(items: &RawJson) -> String {
    #[derive(Deserialize)]
    struct Line {
        sku: Option<String>,
        #[serde(default)]
        quantity: i64,
    }
    let items: Vec<Line> = items.read().unwrap_or_default();
    let line = |item: &Line| format!("{} x{}", item.sku.as_deref().unwrap_or("?"), item.quantity);
    items.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// A text cell, none where there is no text.
fn text(text: Option<&str>) -> Cell {
    match text {
        None | Some("") => Cell::Empty,
        Some(text) => Cell::Text(plain(text)),
    }
}

/// What begins as a formula does gets an apostrophe before it, which spreadsheets take as "this is text".
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_compute_is_made_plain() {
        for (given, told) in [
            ("=1+1", "'=1+1"),
            ("+51 1", "'+51 1"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("ladore-1", "ladore-1"),
            ("#1001", "#1001"),
        ] {
            assert_eq!(text(Some(given)), Cell::Text(told.to_owned()));
        }
        assert_eq!(text(Some("")), Cell::Empty);
    }
}
