//! The read model of orders: one row an order, with what lists, pages and badges show of it.

mod apply;
mod row;
mod write;

pub use apply::apply;
pub use row::{Cancellation, CancellationState, OrderData, OrderRow};
pub use write::{OrderColumns, PARAMS, upsert_sql};
