//! What the integration tests stand on: a database a test, a world, drivers.
pub mod bar;
pub mod database;
pub mod links;
pub mod lost;
pub mod service;
pub mod silence;
pub mod world;
