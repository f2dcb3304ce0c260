//! Integration tests of the room `api`: every route by every role over real HTTP, what each refuses, and how it says so.

mod access;
mod access_document;
mod addresses;
mod at_hand;
mod configuration;
mod connection;
mod description;
mod exports;
mod facets_at_hand;
mod following;
mod foreign;
mod frame;
mod key_line;
mod keys;
mod limits;
mod link_exports;
mod metrics;
mod operating;
mod orders;
mod parked;
mod people;
mod site;
mod together;
mod tokens;
mod words;
pub mod world;
mod zones;
