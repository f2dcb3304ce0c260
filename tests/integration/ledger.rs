//! The write path on a real PostgreSQL: what it promises, held against races, kills and refusals.

mod append_only;
mod commands;
mod contention;
pub mod desk;
mod jobs;
mod leaves;
mod lone;
mod order_cache;
mod pages;
mod personal_data;
mod positions;
mod shapes;
mod silence;
