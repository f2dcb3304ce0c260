//! The order aggregate of the logistics ledger: what may happen to an order, and what each fact changes.
//!
//! Pure and synchronous. There is no clock, no chance, no SQL, no HTTP and no environment here: whatever a
//! decision needs is in the order's state or in the command. Sealing is not done here either; personal data
//! arrives sealed, with a fingerprint to compare by.

pub mod framework;
pub mod ids;
pub mod order;
pub mod provenance;
pub mod status;

pub use framework::LogisticsOrder;
pub use ids::{AccountId, OrderStreamId, TenantId};
pub use order::{Command, Order, OrderEvent, Refusal, decide, evolve};
pub use provenance::{Provenance, Source};
