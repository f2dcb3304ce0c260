//! Integration tests of the room `sandbox`: the checklist of the simulated API, over real HTTP.

mod caller;
mod lists;
mod login;
