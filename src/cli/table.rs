//! Columns for a person to read: as wide as what is in them, and nothing in them that a terminal would obey.

use std::fmt::Write as _;

/// Lines of cells under a head.
pub(super) struct Table {
    lines: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn under(head: &[&str]) -> Self {
        Self { lines: vec![head.iter().map(|name| (*name).to_owned()).collect()] }
    }

    pub(super) const fn headless() -> Self {
        Self { lines: vec![] }
    }

    pub(super) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    /// The lines, each aligned to the others; the last column is as long as it is.
    pub(super) fn text(&self) -> String {
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column| {
            let cells = self.lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell: &String| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let aligned = self.lines.iter().map(|line| {
            let mut text = String::new();
            for (cell, width) in line.iter().zip(&widths) {
                // Writing into a string cannot fail.
                let _written = write!(text, "{cell:width$}  ");
            }
            text.trim_end().to_owned()
        });
        aligned.collect::<Vec<_>>().join("\n")
    }
}

/// The text on one line, with what would steer a terminal replaced: what others sent may hold anything.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, ends of lines, and the marks that turn the direction of writing.
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::under(&["id", "name"]);
        table.push(["1".to_owned(), "ñandú".to_owned()]);
        table.push(["1001".to_owned(), String::new()]);
        assert_eq!(table.text(), "id    name\n1     ñandú\n1001");
    }

    #[test]
    fn a_cell_cannot_steer_the_terminal_or_break_its_line() {
        let mut table = Table::under(&["text"]);
        table.push(["a\u{1b}[2J\nb\u{9b}c\u{202e}d".to_owned()]);
        assert_eq!(table.text(), "text\na\u{fffd}[2J\u{fffd}b\u{fffd}c\u{fffd}d");
    }
}
