//! The service: the only room with sockets, secrets and time. `app` is the one place where parts are joined.

pub mod access;
pub mod actions;
pub mod api;
pub mod app;
pub mod audit;
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
pub mod upkeep;
pub mod words;
