//! Proof that ledgers are whole, on a real PostgreSQL: sealing.

mod keys;
mod sealing;
mod standing;
pub mod world;
