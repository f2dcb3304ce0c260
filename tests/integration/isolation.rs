//! The wall between tenants in the database: what a reader sees, whatever its query forgets to ask.

mod kept;
mod queries;
mod walls;
pub mod world;
