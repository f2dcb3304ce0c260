//! Why a command came to nothing, and which answers of the database mean what.

use std::error::Error;
use std::sync::Arc;

use cqrs_es::persist::PersistenceError;
use logistics_domain::{OrderStreamId, Refusal, TenantId};

use crate::secrets::SecretError;

/// Why a command came to nothing. Nothing was recorded, unless it says otherwise.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// A business "no".
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Other writers were faster each time.
    #[error("the order was changed by others {attempts} times in a row; try again")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The database is away or gave up. The command may or may not have been recorded; repeating it is safe.
    #[error("the database did not answer; try again")]
    Unavailable(#[source] Arc<sqlx::Error>),
    /// The ledger is being stopped.
    #[error("the ledger is being stopped; try again on another instance")]
    Stopped,
    /// The order stands in another tenant's ledger, for ever.
    #[error("order {stream} stands in the ledger of tenant {owner}")]
    OwnedByAnother {
        /// The order.
        stream: OrderStreamId,
        /// Whose it is.
        owner: TenantId,
    },
    /// What is stored cannot be read as what it must be.
    #[error(
        "the history of order {stream} cannot be read: {what}; `ledger rebuild --check` tells what else is affected"
    )]
    Corrupt {
        /// The order.
        stream: OrderStreamId,
        /// What is wrong with it.
        what: String,
    },
    /// The order's key cannot be opened with the key ring.
    #[error("the key of order {stream} cannot be opened")]
    Key {
        /// The order.
        stream: OrderStreamId,
        /// Why.
        source: SecretError,
    },
    /// An event cannot be stored without loss, or not at all.
    #[error("an event of order {stream} cannot be stored: {what}")]
    Unstorable {
        /// The order.
        stream: OrderStreamId,
        /// Why.
        what: String,
    },
    /// The database refused what was to be stored. Others that shared the statement are not affected.
    #[error("the database refused to store the events of order {stream}")]
    Rejected {
        /// The order.
        stream: OrderStreamId,
        /// Its words.
        source: Arc<sqlx::Error>,
    },
}

impl LedgerError {
    /// An error that came through the framework: our own as it was, and anything else as the database's.
    pub(super) fn from_framework(error: Box<dyn Error + Send + Sync>) -> Self {
        let error = match error.downcast::<PersistenceError>().map(|error| *error) {
            Ok(PersistenceError::ConnectionError(inner) | PersistenceError::UnknownError(inner)) => inner,
            Ok(other) => Box::new(other),
            Err(other) => other,
        };
        match error.downcast::<Self>() {
            Ok(ours) => *ours,
            Err(other) => Self::Unavailable(Arc::new(match other.downcast::<sqlx::Error>() {
                Ok(database) => *database,
                Err(unknown) => sqlx::Error::AnyDriverError(unknown),
            })),
        }
    }
}

impl LedgerError {
    /// Whether the trouble is that order's alone, so that others can go on without it.
    pub const fn is_of_the_order(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Stopped | Self::Contended { .. } => false,
            Self::Refused(_)
            | Self::OwnedByAnother { .. }
            | Self::Corrupt { .. }
            | Self::Key { .. }
            | Self::Unstorable { .. }
            | Self::Rejected { .. } => true,
        }
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(Arc::new(error))
    }
}

/// What a failed statement means for those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Somebody else appended to the same stream, or was in the way: load again and decide again.
    Conflict,
    /// The database could not be asked. Whether the connection is still good is not known.
    Away,
    /// The database said no, and would again.
    Rejected,
}

/// Only the primary key of the events, a deadlock and a failed serialisation mean a conflict: any other unique
/// violation is a defect, and repeating it would never end.
pub(super) fn failure(error: &sqlx::Error) -> Failure {
    let sqlx::Error::Database(told) = error else {
        return match error {
            sqlx::Error::Encode(_)
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::TypeNotFound { .. }
            | sqlx::Error::RowNotFound => Failure::Rejected,
            _ => Failure::Away,
        };
    };
    let code = told.code().unwrap_or_default();
    match code.as_ref() {
        "23505" if told.constraint() == Some("events_pkey") => Failure::Conflict,
        "40P01" | "40001" => Failure::Conflict,
        // Connection trouble, no room, shutting down, the machine's own trouble.
        // Read-only (a standby after a fail-over), a lock or the statement took too long. Or the tables are not those that
        // this version knows, and nothing that it would write is at fault.
        "25006" | "55P03" | "57014" | "23502" | "42703" | "42804" | "42P01" | "42P10" => Failure::Away,
        other if ["08", "53", "57", "58"].iter().any(|class| other.starts_with(class)) => Failure::Away,
        _ => Failure::Rejected,
    }
}
