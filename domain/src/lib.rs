//! The order aggregate.
