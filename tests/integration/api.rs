//! Integration tests of the room `api`.
