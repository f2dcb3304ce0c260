//! Integration tests of the room `ledger`.
