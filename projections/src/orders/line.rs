//! An order of a list as JSON, written straight from its row: the same bytes as those of an [`OrderView`](super::OrderView),
//! without one being made.

use serde::Serialize;
use sqlx::postgres::PgRow;

use super::freshness::ReadAt;
use super::seen::Seen;

/// An order of a list, to be written.
pub struct OrderLine {
    row: PgRow,
    read: ReadAt,
}

impl OrderLine {
    pub(super) const fn of(row: PgRow, read: ReadAt) -> Self {
        Self { row, read }
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn write(&self, json: &mut Vec<u8>) -> sqlx::Result<()> {
        let Seen { account_id: _, head, last_scan, items, order_data_json, tail } =
            Seen::of(&self.row, self.read)?;
        begin_object(json, &head)?;
        for (field, text) in [
            (r#","last_scan":"#, last_scan.unwrap_or("null")),
            (r#","items":"#, items.unwrap_or("[]")),
            (r#","order_data_json":"#, order_data_json),
        ] {
            json.extend_from_slice(field.as_bytes());
            json.extend_from_slice(text.as_bytes());
        }
        end_object(json, &tail)
    }
}

/// Writes an object with at least one field, for more to follow.
///
/// # Errors
///
/// Where a field cannot be written.
pub fn begin_object(json: &mut Vec<u8>, fields: &impl Serialize) -> sqlx::Result<()> {
    serde_json::to_writer(&mut *json, fields).map_err(unwritable)?;
    json.pop();
    Ok(())
}

/// Ends that object with more fields, at least one.
///
/// # Errors
///
/// Where a field cannot be written.
pub fn end_object(json: &mut Vec<u8>, fields: &impl Serialize) -> sqlx::Result<()> {
    let begin = json.len();
    serde_json::to_writer(&mut *json, fields).map_err(unwritable)?;
    if let Some(brace) = json.get_mut(begin) {
        *brace = b',';
    }
    Ok(())
}

fn unwritable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}
