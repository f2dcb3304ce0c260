//! Integration tests of the room `secrets`.
