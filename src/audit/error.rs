//! What can go wrong where proofs are made.

use logistics_projections::TenantScope;

use super::note::NoteError;
use crate::ledger::leaf::NotCanonical;
use crate::secrets::SecretError;

/// Why no proof, or no checkpoint, could be made.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database could not be asked.
    #[error("the log could not be read or written")]
    Database(#[from] sqlx::Error),
    /// Events or hashes of subtrees are not there that a checkpoint says were.
    #[error("hashes of the log are missing: of {missing} nodes at height {level}, from number {index} on")]
    Missing {
        /// How many.
        missing: u64,
        /// At which height; 0 is an event.
        level: u32,
        /// From which number on.
        index: u64,
    },
    /// What is there does not lead to the root that was signed. Nothing more is signed until a person has looked.
    #[error(
        "the first {size} events of tenant {tenant} are not those that were sealed; compare with a backup, and see docs/audit.md"
    )]
    Altered {
        /// Whose ledger.
        tenant: i64,
        /// The size of the checkpoint that they do not lead to.
        size: u64,
    },
    /// The log is not as long as was asked for.
    #[error("there is nothing at {asked}: the last checkpoint is of {size} events")]
    Beyond {
        /// What was asked for.
        asked: u64,
        /// The size of the checkpoint.
        size: u64,
    },
    /// The history is longer than what is proved at once.
    #[error("the order has more than {max} events, which is more than a dossier holds")]
    TooLong {
        /// How many a dossier holds.
        max: usize,
    },
    /// What is stored of an event is not JSON.
    #[error("a stored event is no JSON")]
    Unreadable(#[from] serde_json::Error),
    /// What is stored of an event has no canonical form, so it was never recorded so.
    #[error("a stored event has no canonical form")]
    NotCanonical(#[from] NotCanonical),
    /// The key that checkpoints are signed with cannot be opened.
    #[error("the key that checkpoints are signed with cannot be opened")]
    Key(#[source] SecretError),
    /// A stored checkpoint is none.
    #[error("a stored checkpoint cannot be read")]
    Note(#[from] NoteError),
}

impl AuditError {
    /// The tenant's ledger is not the one that a checkpoint of `size` events was signed of.
    pub(super) const fn altered(scope: TenantScope, size: i64) -> Self {
        Self::Altered { tenant: scope.tenant().0, size: size.cast_unsigned() }
    }

    /// Whether the ledger itself is not what it was, so that no repetition helps.
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Altered { .. } | Self::Missing { .. } | Self::Unreadable(_) | Self::NotCanonical(_)
        )
    }
}
