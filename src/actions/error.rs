//! Why a person's request was not taken in.

use logistics_domain::Refusal;

use super::documents::DOCUMENT_BYTES_MAX;
use crate::ledger::LedgerError;
use crate::sync::SyncError;

/// Why a request was not taken in. Nothing was asked of upstream.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The order as it stands forbids it.
    #[error("{message}")]
    Refused {
        /// The stable code of the refusal.
        code: &'static str,
        /// A full sentence.
        message: String,
    },
    /// The key was given to another request.
    #[error(
        "this Idempotency-Key was given to another request; repeat that one unchanged, or take a fresh key for this one"
    )]
    KeyReused,
    /// The text is missing or too long.
    #[error("{field}: give 1 to {chars_max} characters")]
    BadText {
        /// The field it stands in.
        field: &'static str,
        /// The most characters.
        chars_max: usize,
    },
    /// The order has no such document.
    #[error("the order has no such document; take the id from its list of documents")]
    NoSuchDocument,
    /// The document is larger than is handed on.
    #[error("the document is larger than {} MiB; get it from the warehouse's own system", DOCUMENT_BYTES_MAX >> 20)]
    DocumentTooLarge,
    /// As many documents are being sent as may be at once.
    #[error("several documents are being sent; try again in some seconds")]
    DocumentsBusy,
    /// Upstream could not be asked.
    #[error("the warehouse's system does not answer now; try again")]
    Away(#[from] SyncError),
    /// The ledger could not take it.
    #[error(transparent)]
    Ledger(LedgerError),
    /// The database could not be asked.
    #[error("the database did not answer; try again")]
    Database(#[from] sqlx::Error),
}

impl From<Refusal> for ActionError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::RequestReused { .. } => Self::KeyReused,
            other => Self::Refused { code: other.code(), message: other.to_string() },
        }
    }
}

impl From<LedgerError> for ActionError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => refusal.into(),
            other => Self::Ledger(other),
        }
    }
}
