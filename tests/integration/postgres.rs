//! Integration tests of the room `postgres`.
