//! The rebuild of the read tables on a real PostgreSQL: it equals what was written live, while writing goes on.

mod damage;
mod endings;
mod history;
mod live;
mod standing;
mod words;
pub mod world;
mod zones;
