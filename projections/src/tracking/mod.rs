//! The read model of courier scans: one row a scan, never changed once it is there.

mod apply;
mod query;
mod row;
mod write;

pub use apply::apply;
pub use query::{TrackingView, tracking_of};
pub use row::TrackingRow;
pub use write::{PARAMS, TrackingColumns, upsert_sql};
