//! Raw deliveries: verify, store, acknowledge, process; what cannot be read becomes a dead letter.
