//! Integration tests of the room `mintsoft`.
