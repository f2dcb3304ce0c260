//! Integration tests of the room `jobs`.
