//! JSON that goes from the database to an answer as it is: what is passed through is not taken apart and put together again.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// A JSON value as text.
#[derive(Clone, Debug)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// The value that a text writes.
    ///
    /// # Errors
    ///
    /// Where it is no JSON.
    pub(crate) fn written(text: &str) -> serde_json::Result<Self> {
        RawValue::from_string(text.to_owned()).map(Self)
    }

    /// Takes of it what is wanted.
    ///
    /// # Errors
    ///
    /// Where it is not of that shape.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_str(self.0.get())
    }
}

/// The text of a column of the type `json`, left where it is.
pub(crate) fn text_of(row: &PgRow, place: usize) -> sqlx::Result<&str> {
    let text = row
        .try_get_raw(place)?
        .as_str()
        .map_err(|source| sqlx::Error::ColumnDecode { index: place.to_string(), source })?;
    Ok(text.trim_ascii())
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
