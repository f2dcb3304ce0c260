//! A row as received: its bytes, its id, and what could be read of it.

use std::fmt;

use serde_json::value::RawValue;

use super::fields::{Fields, RowError, WireRow};

/// The field in which upstream says when a row last changed.
const CHANGED_AT: &[u8] = b"\"LastUpdated\"";

/// The longest text of upstream's own words that is carried in an error.
const SPOKEN_MAX: usize = 300;

/// One row of upstream: what came, and what it was read as. A malformed row spoils no other.
pub struct Row<T> {
    /// The row's JSON exactly as received.
    pub raw: Box<RawValue>,
    /// What was read, or why it could not be.
    pub parsed: Result<T, RowError>,
    /// Upstream's `ID`, kept even when the rest of the row is malformed.
    pub id: Option<i64>,
}

impl<T: WireRow> Row<T> {
    /// Reads one row.
    pub fn read(raw: Box<RawValue>) -> Self {
        let (parsed, id) = match Fields::of(&raw) {
            Ok(fields) => (T::from_fields(&fields), fields.read("ID").ok().flatten()),
            Err(error) => (Err(error), None),
        };
        Self { raw, parsed, id }
    }

    /// Reads one row from a body; none when that is no JSON at all.
    pub fn read_slice(body: &[u8]) -> Option<Self> {
        serde_json::from_str(without_mark(body)).ok().map(Self::read)
    }

    /// Reads one row from text; none when that is no JSON at all.
    #[cfg(test)]
    pub fn read_str(json: &str) -> Option<Self> {
        Self::read_slice(json.as_bytes())
    }
}

impl<T> fmt::Debug for Row<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.parsed.as_ref().err();
        f.debug_struct("Row").field("id", &self.id).field("error", &error).finish_non_exhaustive()
    }
}

/// Reads a bare JSON array of rows; none when the body is anything else.
pub fn read_rows<T: WireRow>(body: &[u8]) -> Option<Vec<Row<T>>> {
    let rows: Vec<Box<RawValue>> = serde_json::from_str(without_mark(body)).ok()?;
    Some(rows.into_iter().map(Row::read).collect())
}

/// The text behind a byte order mark, or nothing readable when the bytes are no UTF-8.
fn without_mark(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap_or_default().trim_start_matches('\u{feff}')
}

/// Whether a body says anywhere when something last changed. It need not be JSON that can be read.
pub fn tells_when_changed(body: &[u8]) -> bool {
    body.windows(CHANGED_AT.len()).any(|part| part.eq_ignore_ascii_case(CHANGED_AT))
}

/// What upstream says went wrong: the `Message` of a JSON object, a JSON string, or that it sent a web page; none when
/// it says nothing that a person could use. Control characters are taken out and the length is bounded.
pub fn spoken_message(body: &[u8]) -> Option<String> {
    let text = without_mark(body).trim();
    let spoken = match text.as_bytes().first()? {
        b'<' => return Some("answered with a web page".to_owned()),
        b'"' => serde_json::from_str::<String>(text).ok()?,
        b'{' => {
            let raw: &RawValue = serde_json::from_str(text).ok()?;
            Fields::of(raw).ok()?.read::<Option<String>>("Message").ok().flatten()?
        }
        _ => return None,
    };
    if spoken.trim_start().starts_with('<') {
        return Some("answered with a web page".to_owned());
    }
    let clean: String = spoken.chars().filter(|letter| !letter.is_control()).take(SPOKEN_MAX).collect();
    Some(clean.trim().to_owned()).filter(|clean| !clean.is_empty())
}
