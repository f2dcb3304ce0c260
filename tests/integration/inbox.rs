//! Integration tests of the room `inbox`.
