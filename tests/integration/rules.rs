//! The house rules as tests: which crate may know which, which word belongs to which room, how a file opens
//! and how long it may grow, what a migration must say. A rule that matters is a test.

mod arrows;
mod dependencies;
mod documents;
mod files;
mod migrations;
mod pages;
mod rooms;
pub mod tree;
