//! The normalised status of an order: two axes (warehouse and carrier), whose move it is, what needs attention, the tab
//! of a list, and the end of the promise that is open. Read by tables with a version ([`mapping`]); upstream's own words
//! are kept beside it and always shown.
//!
//! Absent: now. Whether an order is late is asked where time is known, by comparing with [`Standing::due_at`]; that it
//! was found to be late is a fact of its history, and comes in with the rest.

mod days;
mod deliveries;
pub mod mapping;
mod read;
mod standing;
mod text;
mod texts;
mod words;

pub use days::WarehouseClock;
pub use deliveries::{BESIDE_SCANS, Deliveries, Place};
pub use mapping::{CURRENT, Mapping};
pub use read::{ScanClass, ScanText, WarehouseStanding};
pub use standing::{Known, OpenPromise, Standing, promise_of};
pub use words::{Attention, CarrierPhase, MustAct, Promise, Tab, WarehousePhase};
