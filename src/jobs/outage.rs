//! The database is away: said once in the log when it begins and once when it is over, not at every try.

use std::sync::atomic::{AtomicBool, Ordering};

use super::JobsError;

/// Whether the worker finds the database away at present.
#[derive(Debug, Default)]
pub(super) struct Outage(AtomicBool);

impl Outage {
    /// A statement failed.
    pub(super) fn met(&self, error: &JobsError) {
        if !self.0.swap(true, Ordering::Relaxed) {
            let JobsError::Database(cause) = error;
            tracing::warn!(%error, %cause, "jobs wait until the database answers");
        }
    }

    /// A statement went through.
    pub(super) fn over(&self) {
        if self.0.swap(false, Ordering::Relaxed) {
            tracing::info!("the database answers again; jobs go on");
        }
    }
}
