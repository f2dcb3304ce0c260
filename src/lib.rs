//! The service: the only room with sockets, secrets and time. `app` is the one place where parts are joined.

/// Memory is mostly given back by another thread than asked for it, a page of orders or a commit at a time, which this allocator takes
/// better than the system's: our part of a commit is a third less, and a page a tenth.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod access;
pub mod actions;
pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dashboard;
pub mod inbox;
pub mod jobs;
pub mod ledger;
pub mod live;
pub mod mintsoft;
pub mod postgres;
pub mod reseal;
pub mod sandbox;
pub mod secrets;
pub mod shops;
pub mod sync;
pub mod telemetry;
pub mod tenancy;
mod upkeep;
pub mod words;
