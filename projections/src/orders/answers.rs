//! What is answered of an order: its view, its line as JSON, how fresh it is, and what stands beside it.

pub(super) mod cells;
pub(super) mod described;
pub(super) mod freshness;
pub(super) mod line;
pub(super) mod lines;
pub(super) mod parts;
pub(super) mod query;
pub(super) mod seen;
pub(super) mod view;
pub(super) mod whole;
