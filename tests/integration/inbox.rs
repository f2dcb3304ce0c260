//! Integration tests of the room `inbox`: real bodies over real HTTP into a real database, and what becomes of them.

mod authentication;
mod callbacks;
mod duplicates;
mod fixtures;
mod host;
mod links;
mod outages;
mod site;
mod wire;
mod work;
