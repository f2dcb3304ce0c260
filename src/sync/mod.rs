//! The sources of observations: poll, link, refresh, recheck and callbacks.

pub mod attribution;
pub mod links;
