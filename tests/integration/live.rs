//! Following a tenant's ledger: every position once and in order, whatever is killed; nobody else's; nothing withheld.

mod refusals;
mod replaced;
mod resume;
mod socket;
mod stream;
mod world;
