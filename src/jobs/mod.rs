//! Durable jobs: enqueued in the caller's transaction, leased, retried, and dead letters.
