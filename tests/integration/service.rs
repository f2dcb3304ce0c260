//! The whole service from outside: the real binary over a real database, a sandbox that plays Mintsoft, and nothing in
//! between but HTTP.

mod bad_input;
mod callbacks;
mod examples;
mod instances;
mod killed;
mod moves;
mod reading;
mod secrecy;
pub mod site;
mod standing;
mod stopping;
pub mod truth;
mod unchanged;
