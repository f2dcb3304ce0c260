//! The read model of courier scans: one row a scan, never changed once it is there.

mod apply;
mod row;
mod write;

pub use apply::apply;
pub use row::TrackingRow;
pub use write::{PARAMS, TrackingColumns, upsert_sql};
