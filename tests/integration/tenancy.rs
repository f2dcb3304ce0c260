//! Integration tests of the room `tenancy`.
