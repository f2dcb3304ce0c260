//! Integration tests of the room `sandbox`.
