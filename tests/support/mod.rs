//! What the integration tests stand on: a database a test, a world, drivers.
