//! One binary for all integration tests: a module a room, over real HTTP and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "in a test the panic is the report, in what it stands on too")]

#[path = "../support/mod.rs"]
mod support;

mod actions;
mod api;
mod audit;
mod browser;
mod cli;
mod inbox;
mod isolation;
mod jobs;
mod ledger;
mod live;
mod mintsoft;
mod pages;
mod postgres;
mod projections;
mod rebuild;
mod rules;
mod sandbox;
mod schemathesis;
mod secrets;
mod service;
mod sign_in;
mod sync;
mod tenancy;
