//! Read models: what a page or an answer shows of an order, folded from its events, and the SQL around it.
//!
//! Each read model is a folder: its `row`, the pure fold `apply` from events to rows, `write` (rows to SQL,
//! many at once) and `query` (SQL to answers). The folds know no clock, no chance and no database; the
//! ledger runs them inside its one write, and a rebuild runs the same ones over the whole log. No event is
//! made here, and nothing here decides anything.

mod columns;
pub mod comments;
pub mod event_log;
pub mod event_place;
mod instant;
pub mod orders;
mod raw_json;
pub mod recipients;
#[cfg(test)]
mod samples;
pub mod scope;
pub mod tables;
pub mod tracking;

pub use columns::Binder;
pub use event_place::EventPlace;
pub use raw_json::RawJson;
pub use scope::TenantScope;
pub use tables::Tables;
