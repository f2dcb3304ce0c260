//! Why a rebuild came to nothing. The tables that people read are as they were, whatever happened.

use logistics_domain::OrderStreamId;
use logistics_projections::event_log::UnreadablePlace;

use crate::secrets::SecretError;

/// Why a rebuild came to nothing. No message holds anything of a person.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// One rebuild at a time.
    #[error("another rebuild of this database is running; wait for it to end")]
    AlreadyRunning,
    /// The database is away, or refused something.
    #[error(
        "the database did not answer or refused; the read tables are as they were, run the rebuild again"
    )]
    Database(#[from] sqlx::Error),
    /// An event does not say where it stands or where it came from.
    #[error(
        "event {sequence} of order {stream} cannot be placed; restore it from a backup, or ask who changed the database by hand"
    )]
    Place {
        /// The stream, as it is stored.
        stream: String,
        /// The number of the event in it.
        sequence: i64,
        /// Why.
        source: UnreadablePlace,
    },
    /// The payload of an event is of no shape that is known.
    #[error(
        "event {sequence} of order {stream} cannot be read; restore it from a backup, or ask who changed the database by hand"
    )]
    Payload {
        /// The order.
        stream: OrderStreamId,
        /// The number of the event in its stream.
        sequence: i64,
        /// Why.
        source: serde_json::Error,
    },
    /// A stream is not whole.
    #[error(
        "the history of order {stream} is not whole: {what}; restore it from a backup, or ask who changed the database by hand"
    )]
    Corrupt {
        /// The order.
        stream: OrderStreamId,
        /// What is wrong with it.
        what: String,
    },
    /// A tenant's ledger has not as many events as it has positions. Going on would take what is left for all there was.
    #[error(
        "the ledger of tenant {tenant} is not whole: it holds {events} events and has given out {head} positions; restore it \
         from a backup, or ask who changed the database by hand"
    )]
    Incomplete {
        /// Whose ledger.
        tenant: i64,
        /// How many events there are.
        events: i64,
        /// How many there were.
        head: i64,
    },
    /// An order's key, or what is sealed with it, cannot be opened. Going on would lose a recipient.
    #[error(
        "the recipient of order {stream} cannot be opened; check that every master key is on the key ring"
    )]
    Sealed {
        /// The order.
        stream: OrderStreamId,
        /// Why.
        source: SecretError,
    },
    /// The tables that were made are not of the same shape as the ones that they would replace.
    #[error("table {table} has what a rebuild does not carry over, or was altered meanwhile: {what}")]
    ShapeDiffers {
        /// The table.
        table: &'static str,
        /// The first thing that differs.
        what: String,
    },
    /// Readers never let go of the tables for long enough.
    #[error(
        "the rebuilt tables are right but could not be put in place, since others kept the old ones open through \
         {attempts} attempts; end long transactions and run the rebuild again"
    )]
    TablesBusy {
        /// How often it was tried.
        attempts: u32,
    },
}

impl RebuildError {
    /// Whether what failed may succeed a moment later: a lock or a statement took too long, or there was a deadlock.
    pub(super) fn passes(&self) -> bool {
        self.is_conflict() || self.is_told_by(&["55P03", "57014"])
    }

    /// Whether a commit beside it was first: there was a deadlock, or the snapshot is too old for what is to be written.
    pub(super) fn is_conflict(&self) -> bool {
        self.is_told_by(&["40P01", "40001"])
    }

    fn is_told_by(&self, codes: &[&str]) -> bool {
        let Self::Database(sqlx::Error::Database(told)) = self else { return false };
        told.code().is_some_and(|code| codes.contains(&code.as_ref()))
    }
}
