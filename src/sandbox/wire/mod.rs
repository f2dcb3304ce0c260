//! The JSON that upstream writes, field for field and in wire order, quirks included. Absent: any code of the
//! room that reads it.

mod item;
mod order;
mod rows;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

pub use order::OrderRow;
pub use rows::{
    ActionJson, ClientJson, CommentJson, CourierJson, DocumentJson, EnumPair, NewOrderResult,
    NewOrderResultItem, ShipmentJson, SplitJson, StatusJson, ToolkitResult, TrackingEventJson,
};

use super::stamp;

/// What every row is seen through: the tenant's wall clock, and the seed that chooses between null and "".
#[derive(Clone, Copy)]
pub struct Lens {
    pub zone: Tz,
    pub seed: u64,
}

impl Lens {
    pub fn date(self, at: DateTime<Utc>) -> String {
        stamp::write(at, self.zone)
    }

    pub fn date_opt(self, at: Option<DateTime<Utc>>) -> Option<String> {
        stamp::write_opt(at, self.zone)
    }

    /// "None" for a field that upstream writes as null here and as "" there; fixed by seed, row and field.
    pub fn none(self, row: i64, field: u64) -> Option<&'static str> {
        let mixed = (self.seed ^ row.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15))
            .wrapping_add(field.wrapping_mul(0xBF58_476D_1CE4_E5B9));
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
        if mixed >> 63 == 0 { None } else { Some("") }
    }

    /// A text, or one of the two ways to say none.
    pub fn text(self, text: Option<&str>, row: i64, field: u64) -> Option<&str> {
        match text {
            Some(text) => Some(text),
            None => self.none(row, field),
        }
    }
}

/// The bytes of a JSON value.
pub fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("rows have text keys and finite numbers")
}
