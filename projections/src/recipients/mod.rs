//! The read model of recipients: the personal data of an order, kept apart so that it can be erased.

mod apply;
mod query;
mod row;
mod write;

pub use apply::{Change, apply};
pub(crate) use query::SELECTED;
pub use row::{Recipient, RecipientRow};
pub use write::{PARAMS, REMOVAL_PARAMS, RecipientChanges, removal_sql, upsert_sql};
