//! Integration tests of the room `sandbox`: the checklist of the simulated API, over real HTTP.

mod callbacks;
mod caller;
mod control;
mod faults;
mod lists;
mod living;
mod login;
mod orders;
mod parts;
