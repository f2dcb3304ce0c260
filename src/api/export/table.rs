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

/// What begins as a formula does gets an apostrophe before it, which spreadsheets take as "this is text".
fn plain(text: &str) -> String {
    if text.starts_with(SIGNS) { format!("'{text}") } else { text.to_owned() }
}

/// The same of what stands behind a semicolon or a line's end: where a file with commas is read by a spreadsheet whose language divides
/// cells by semicolons, the next cell begins there.
pub(super) fn plain_throughout(text: &str) -> String {
    let mut told = String::with_capacity(text.len() + 1);
    for piece in text.split_inclusive([';', '\r', '\n']) {
        // Quotes around a cell are none of it.
        let begins = piece.trim_start_matches('"').chars().next();
        let is_formula =
            begins.is_some_and(|letter| SIGNS.contains(&letter) && !matches!(letter, '\r' | '\n'));
        if is_formula && !told.is_empty() {
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
            ("ladore-1", "ladore-1"),
            ("#1001", "#1001"),
        ] {
            assert_eq!(text(Some(given)), Cell::Text(told.to_owned()));
        }
        assert_eq!(text(Some("")), Cell::Empty);
    }

    #[test]
    fn nor_does_one_compute_what_stands_where_it_may_divide_cells() {
        for (given, told) in [
            ("x;=1+1;y; -2", "x;'=1+1;y; -2"),
            ("Calle 1\n=1+1\r\n-2", "Calle 1\n'=1+1\r\n'-2"),
            ("'=1+1", "'=1+1"),
            ("x;\t=1;\"=2", "x;'\t=1;'\"=2"),
            ("LADORE_A; LADORE_B", "LADORE_A; LADORE_B"),
        ] {
            assert_eq!(plain_throughout(given), told);
        }
    }
}
