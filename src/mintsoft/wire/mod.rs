//! The JSON of Mintsoft, read leniently: the only place where the vendor's field names appear.
//!
//! Unknown fields are ignored, every field but `ID` is optional, names match whatever their case, `null`, `""` and
//! blanks all mean "none", numbers may come as text and text as numbers. Each row of a list is read by itself, with
//! its bytes kept, so that one malformed row can be put aside alone. Dates stay text here: only
//! [`wall_clock`](super::wall_clock) knows which zone they are in. Absent: any judgement of what a row means.

mod decimal;
mod exchange;
mod fields;
mod order;
mod parcel;
mod reference;
mod row;
#[cfg(test)]
mod tests;

pub use decimal::Decimal;
pub use exchange::{
    ConnectAction, NewComment, NewConnectAction, NewLogin, OrderComment, OrderDocument, ToolkitResult,
};
pub use fields::{RowError, WireRow};
pub use order::{Channel, Country, Currency, NameValue, Order, OrderItem};
pub use parcel::{OrderShipment, ScannedShipment, TrackingEvent};
pub use reference::{CourierService, EnumPair, OrderStatus};
pub use row::{Row, read_rows, spoken_message, tells_when_changed};
