//! The sources of observations: poll, link, refresh, recheck and callbacks. Each asks Mintsoft at its own pace, and
//! all go one way: rows of upstream, read and attributed, become observations of the one write path (`intake`).
//! Absent: any insert of events, and any belief in what a callback's body says.

pub mod attribution;
pub mod callbacks;
mod candidate;
pub mod configuring;
pub mod connection;
pub mod consignments;
mod cursor;
pub mod erasure;
mod error;
pub mod health;
mod intake;
mod intent;
mod lag;
pub mod lanes;
mod link_job;
mod link_making;
mod link_sightings;
mod link_undoing;
pub mod links;
mod names;
pub mod overdue;
mod ownership;
pub mod parked;
pub mod parked_decisions;
pub mod parked_list;
pub mod poll;
pub mod preview;
pub mod reactions;
pub mod recheck;
pub mod refresh;
mod refusals;
pub mod reread;
pub mod runs;
mod scan_pages;
mod schedule;
mod sources;
mod sweeps;
pub mod tracking;
mod unreadable;

pub use error::SyncError;
pub use intake::Taken;
pub use lag::poll_lags;
pub use names::NamesCache;
pub use refresh::{Refreshed, Refresher};
pub use sources::{Cause, SourceAccount, Sources, SyncSettings};
