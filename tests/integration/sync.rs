//! Integration tests of the room `sync`.
