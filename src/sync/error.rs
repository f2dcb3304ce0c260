//! What can keep a source from its work, and what a job makes of it.

use std::time::Duration;

use crate::jobs::{JobError, JobsError};
use crate::ledger::LedgerError;
use crate::mintsoft::UpstreamError;
use crate::sync::links::LinkError;
use crate::tenancy::TenancyError;

/// Why a source could not take in what it looked for.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Mintsoft gave no answer that can be used.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The ledger did not take the observation.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Tenants or accounts could not be read.
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
    /// A link could not be read or written.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Jobs could not be written.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// What the sources remember could not be read or written.
    #[error("the sources' own tables could not be reached in the database")]
    Database(#[from] sqlx::Error),
    /// The account is gone.
    #[error("the account is not configured any more; configure the tenant's logistics again")]
    UnknownAccount,
    /// The account was given other orders to find, or another place to find them, while it was asked.
    #[error("the account was configured anew while it was read; it is read again from the beginning")]
    ConfiguredAnew,
    /// No brand of the account is switched on any more.
    #[error("no brand of the account is switched on any more; what was not read yet is read once one is")]
    SwitchedOff,
    /// The list moves in a way that lists must not move.
    #[error("Mintsoft's list of {list} {what}; nothing was skipped: the cursor stays where it was")]
    BrokenList {
        /// Which list.
        list: &'static str,
        /// What it did.
        what: &'static str,
    },
}

impl SyncError {
    /// Whether it is our own trouble, which a job tries again, rather than upstream's, which a run tells of.
    pub fn is_our_own(&self) -> bool {
        match self {
            Self::Upstream(UpstreamError::Database(_))
            | Self::Ledger(_)
            | Self::Tenancy(_)
            | Self::Link(_)
            | Self::Jobs(_)
            | Self::Database(_) => true,
            Self::Upstream(_)
            | Self::UnknownAccount
            | Self::ConfiguredAnew
            | Self::SwitchedOff
            | Self::BrokenList { .. } => false,
        }
    }

    /// How long upstream asked to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Upstream(error) = self { error.retry_after() } else { None }
    }

    /// What the job that met this error should do. The sentences hold no secret and no personal data.
    pub fn into_job_error(self) -> JobError {
        let reason = self.to_string();
        match self {
            Self::Upstream(error) if !error.is_transient() && error.retry_after().is_none() => {
                JobError::Dead { reason }
            }
            Self::Upstream(error) => JobError::retry_no_sooner(reason, error.retry_after()),
            Self::UnknownAccount => JobError::Dead { reason },
            Self::Ledger(_)
            | Self::Tenancy(_)
            | Self::Link(_)
            | Self::Jobs(_)
            | Self::Database(_)
            | Self::ConfiguredAnew
            | Self::SwitchedOff
            | Self::BrokenList { .. } => JobError::retry(reason),
        }
    }
}
