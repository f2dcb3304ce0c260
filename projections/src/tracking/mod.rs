//! The read model of courier scans: one row a scan. Once it is there it changes once at most: the courier's text goes when the
//! person is erased.

mod apply;
mod query;
mod row;
mod write;

pub use apply::Scans;
pub use query::{TrackingView, tracking_of};
pub use row::TrackingRow;
pub use write::{PARAMS, TrackingColumns, text_erasure_sql, upsert_sql};
