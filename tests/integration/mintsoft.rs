//! Integration tests of the room `mintsoft`: the client over real HTTP against a stub that answers what it is told, with
//! the shared state in a real PostgreSQL. How it fares against the sandbox stands in `mintsoft/sandbox.rs`.

mod addresses;
mod admission;
mod budget;
mod limits;
mod reading;
mod retrying;
mod sandbox;
mod silence;
mod stub;
