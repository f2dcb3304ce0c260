//! The row of an order: what it is, how events fold into it, and how many of them are written.

pub(super) mod apply;
#[cfg(test)]
mod apply_tests;
pub(super) mod row;
pub(super) mod scans;
pub(super) mod write;
