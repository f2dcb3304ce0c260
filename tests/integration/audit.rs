//! Proof that ledgers are whole, on a real PostgreSQL: sealing, verification where they are stored, and of what was taken away.

mod command_line;
mod files;
mod keys;
mod sealed;
mod sealing;
mod standing;
mod verifying;
pub mod world;
