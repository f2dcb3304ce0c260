//! Integration tests of the room `rules`.
