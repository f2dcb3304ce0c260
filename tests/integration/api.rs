//! Integration tests of the room `api`: every route by every role over real HTTP, what each refuses, and how it says so.

mod access;
mod configuration;
mod connection;
mod frame;
mod keys;
mod operating;
mod orders;
mod parked;
mod people;
mod site;
mod tokens;
mod world;
