//! How one field is read: leniently, by name, and with an error that names the field but never its value.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Decimal;

/// The most fields that one object may have; more is not an order but an attack.
const FIELDS_MAX: usize = 1_000;

/// Why one row could not be read. It names the field, never the value: rows hold personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The row is no JSON object, or has an absurd number of fields.
    #[error("the row is not a JSON object")]
    NotAnObject,
    /// A field has a value of the wrong kind.
    #[error("the field {field} is not {due}")]
    Field {
        /// The vendor's name of the field, with the field around it in front: `OrderItems.Quantity`.
        field: String,
        /// What it should have been, for instance `a whole number`.
        due: &'static str,
    },
}

impl RowError {
    fn within(self, outer: &'static str) -> Self {
        match self {
            Self::NotAnObject => Self::Field { field: outer.to_owned(), due: "made of JSON objects" },
            Self::Field { field, due } => Self::Field { field: format!("{outer}.{field}"), due },
        }
    }
}

/// A wire type that is read from the fields of one JSON object.
pub trait WireRow: Sized {
    /// Reads the type from the fields of an object.
    fn from_fields(fields: &Fields<'_>) -> Result<Self, RowError>;
}

/// The fields of one JSON object, names in lower case, values as written. Of a repeated name the last counts.
pub struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// Splits an object into its fields.
    pub(super) fn of(raw: &'a RawValue) -> Result<Self, RowError> {
        serde_json::from_str(raw.get()).map_err(|_| RowError::NotAnObject)
    }

    /// Reads the field of that name.
    pub(super) fn read<T: WireValue>(&self, name: &'static str) -> Result<T, RowError> {
        let raw = self.0.get(&name.to_ascii_lowercase()).copied().filter(|raw| raw.get() != "null");
        T::read(name, raw)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = HashMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = HashMap::new();
                while let Some((mut name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    name.make_ascii_lowercase();
                    fields.insert(name, value);
                    if fields.len() > FIELDS_MAX {
                        return Err(serde::de::Error::custom("too many fields"));
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Collect).map(Fields)
    }
}

/// A value that a field may hold.
pub(super) trait WireValue: Sized {
    /// Reads the value; `raw` is none when the field is absent or null.
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError>;
}

fn not(name: &'static str, due: &'static str) -> RowError {
    RowError::Field { field: name.to_owned(), due }
}

/// What a scalar field says, as trimmed text; none when it says nothing.
fn scalar(name: &'static str, raw: Option<&RawValue>, due: &'static str) -> Result<Option<String>, RowError> {
    let Some(raw) = raw.map(RawValue::get) else { return Ok(None) };
    let text = match raw.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(raw).map_err(|_| not(name, due))?,
        Some(b'{' | b'[') | None => return Err(not(name, due)),
        Some(_) => raw.to_owned(),
    };
    // PostgreSQL keeps no NUL in a text, and none has ever meant anything in an address.
    let text = if text.contains('\0') { text.replace('\0', "") } else { text };
    let trimmed = text.trim();
    Ok(match trimmed.len() {
        0 => None,
        length if length == text.len() => Some(text),
        _ => Some(trimmed.to_owned()),
    })
}

impl WireValue for Option<String> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        scalar(name, raw, "a text")
    }
}

impl WireValue for Option<i64> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        const DUE: &str = "a whole number";
        let Some(text) = scalar(name, raw, DUE)? else { return Ok(None) };
        Decimal::parse(&text).and_then(Decimal::whole).map(Some).ok_or_else(|| not(name, DUE))
    }
}

impl WireValue for i64 {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        Option::<i64>::read(name, raw)?.ok_or_else(|| not(name, "there, though a row is nothing without it"))
    }
}

impl WireValue for Option<Decimal> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        const DUE: &str = "a number";
        let Some(text) = scalar(name, raw, DUE)? else { return Ok(None) };
        Decimal::parse(&text).map(Some).ok_or_else(|| not(name, DUE))
    }
}

impl WireValue for Option<bool> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        const DUE: &str = "true or false";
        let Some(text) = scalar(name, raw, DUE)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "1.0" | "yes" | "y" => Ok(Some(true)),
            "false" | "0" | "0.0" | "no" | "n" => Ok(Some(false)),
            _ => Err(not(name, DUE)),
        }
    }
}

impl<T: WireRow> WireValue for Option<Box<T>> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        let Some(raw) = raw.filter(|raw| raw.get() != "\"\"") else { return Ok(None) };
        let read = |raw| T::from_fields(&Fields::of(raw)?);
        read(raw).map(|value| Some(Box::new(value))).map_err(|error| error.within(name))
    }
}

impl<T: WireRow> WireValue for Option<Vec<T>> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        let Some(raw) = raw.filter(|raw| raw.get() != "\"\"") else { return Ok(None) };
        let rows: Vec<&RawValue> =
            serde_json::from_str(raw.get()).map_err(|_| not(name, "an array of objects"))?;
        let read = |raw: &&RawValue| T::from_fields(&Fields::of(raw)?);
        rows.iter()
            .map(|raw| read(raw).map_err(|error| error.within(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

impl WireValue for Vec<String> {
    fn read(name: &'static str, raw: Option<&RawValue>) -> Result<Self, RowError> {
        const DUE: &str = "an array of texts";
        let Some(raw) = raw else { return Ok(Vec::new()) };
        if !raw.get().starts_with('[') {
            return Ok(scalar(name, Some(raw), DUE)?.into_iter().collect());
        }
        let texts: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| not(name, DUE))?;
        texts
            .into_iter()
            .filter(|raw| raw.get() != "null")
            .filter_map(|raw| scalar(name, Some(raw), DUE).transpose())
            .collect()
    }
}

/// Declares a wire type: each field with its type and the vendor's name. `Debug` shows the type and `ID` alone, since
/// rows carry names, addresses and secrets.
macro_rules! wire_row {
    ($(#[$about:meta])* pub struct $name:ident identified by $id:ident {
        $($(#[$note:meta])* pub $field:ident: $kind:ty = $vendor:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$note])* pub $field: $kind,)* }

        impl $crate::mintsoft::wire::fields::WireRow for $name {
            fn from_fields(
                fields: &$crate::mintsoft::wire::fields::Fields<'_>,
            ) -> Result<Self, $crate::mintsoft::wire::fields::RowError> {
                Ok(Self { $($field: fields.read($vendor)?,)* })
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("id", &self.$id).finish_non_exhaustive()
            }
        }
    };
}
pub(super) use wire_row;
