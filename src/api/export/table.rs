//! What stands in the cells of an exported table. A text that a spreadsheet would take for a formula is made plain.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// What stands in a cell.
#[derive(Debug, PartialEq)]
pub(in crate::api) enum Cell {
    Text(String),
    Number(f64),
    /// In the tenant's zone.
    Instant(NaiveDateTime),
    /// A day as the warehouse told it.
    Day(NaiveDate),
    Empty,
}

/// A cell of an instant, as it is in the zone; none where there is none.
pub(in crate::api) fn instant(at: Option<DateTime<Utc>>, zone: Tz) -> Cell {
    at.map_or(Cell::Empty, |at| Cell::Instant(at.with_timezone(&zone).naive_local()))
}

/// A text cell, none where there is no text.
pub(in crate::api) fn text(text: Option<&str>) -> Cell {
    match text {
        None | Some("") => Cell::Empty,
        Some(text) => Cell::Text(plain(text)),
    }
}

/// What formulas begin with.
const SIGNS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What begins as a formula does gets an apostrophe before it, which spreadsheets take as "this is text". So does what stands behind a
/// semicolon, at which those of many languages divide the cells of a file with commas, too.
fn plain(text: &str) -> String {
    let mut told = String::with_capacity(text.len() + 1);
    for (number, piece) in text.split(';').enumerate() {
        if number > 0 {
            told.push(';');
        }
        if piece.starts_with(SIGNS) {
            told.push('\'');
        }
        told.push_str(piece);
    }
    told
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
            ("x;=1+1;y; -2", "x;'=1+1;y; -2"),
            ("ladore-1", "ladore-1"),
            ("#1001", "#1001"),
        ] {
            assert_eq!(text(Some(given)), Cell::Text(told.to_owned()));
        }
        assert_eq!(text(Some("")), Cell::Empty);
    }
}
