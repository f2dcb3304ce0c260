//! JSON that goes from the database to an answer as it is: what is passed through is not taken apart and put together again.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Json;

/// A JSON value as text.
#[derive(Clone, Debug)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// A column of a row.
    pub(crate) fn column(row: &PgRow, name: &str) -> sqlx::Result<Self> {
        row.try_get::<Json<Box<RawValue>>, _>(name).map(|Json(text)| Self(text))
    }

    /// A part of another.
    pub(crate) fn part(text: &RawValue) -> Self {
        Self(text.to_owned())
    }

    /// The empty list.
    pub(crate) fn empty_list() -> Self {
        Self(RawValue::from_string("[]".to_owned()).unwrap_or_default())
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
