//! One warehouse order: its facts, its state, the commands it takes and the events it makes.

pub mod catalogue;
pub mod command;
pub mod decide;
mod decide_delivery;
mod decide_observation;
pub mod event;
mod event_kind;
pub mod facts;
pub mod observation;
pub mod possible;
pub mod refusal;

pub mod state;
pub mod status;
#[cfg(test)]
mod tests;

pub use command::{Command, Replaces};
pub use decide::{REPLACED, decide};
pub use event::OrderEvent;
pub use facts::OrderFacts;
pub use observation::{Observation, Observed, Snapshot, Told};
pub use possible::Possible;
pub use refusal::Refusal;
pub use state::{MERGE_JOINT, Order, evolve};
