//! Why a file that somebody took away does not hold, with the event or the part of it that fails.

use super::note::NoteError;
use super::proof::ProofError;
use crate::ledger::leaf::NotCanonical;

/// What is wrong with a dossier or a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Neither JSON nor a signed note.
    #[error(
        "this is neither a dossier nor a checkpoint; give a file as `ledger audit` or the API answered it"
    )]
    NoFile(#[source] NoteError),
    /// JSON, but not of a dossier or a checkpoint.
    #[error("the file cannot be read; it was cut off or altered, so take it anew")]
    Json(#[from] serde_json::Error),
    /// Of a format that this version does not know.
    #[error(
        "the format {0:?} is not known; verify the file with the version of `ledger` that made it, or a later one"
    )]
    Format(String),
    /// The note alone does not say by which key it is verified.
    #[error("a note does not come with its key; give the key with --key")]
    NoKey,
    /// The text of the key in the file is no key.
    #[error("the verifier key in the file cannot be used")]
    Key(#[source] NoteError),
    /// No key that is trusted signed the note.
    #[error(
        "no key that is trusted signed the checkpoint in the file; if the log's key was renewed, give both with --key"
    )]
    Untrusted,
    /// The note cannot be read, or its signature does not fit.
    #[error("the checkpoint in the file does not hold")]
    Note(#[source] NoteError),
    /// The file says another key than the one that verifies its note.
    #[error("the verifier key in the file is not the one that signed its checkpoint; it was altered")]
    OtherKey,
    /// The name of the log is not that of the tenant's.
    #[error("the checkpoint is of the log {origin:?}, and the file says that it is of tenant {tenant}")]
    OtherTenant {
        /// Whose the file says it is.
        tenant: i64,
        /// The name of the log that was signed.
        origin: String,
    },
    /// The size beside the note is another one.
    #[error("the file says {said} events, and its signed checkpoint {signed}")]
    Size {
        /// What the file says.
        said: u64,
        /// What was signed.
        signed: u64,
    },
    /// The root beside the note is another one.
    #[error("the root in the file is not that of its signed checkpoint")]
    Root,
    /// There is nothing in the dossier.
    #[error("the dossier has no events, so it proves nothing; take it anew")]
    NoEvents,
    /// The events of the order are not numbered without a gap from 1.
    #[error(
        "event {expected} of the order is missing: event {found}, at position {position}, stands in its place"
    )]
    Gap {
        /// The number that should come.
        expected: i64,
        /// The number that comes.
        found: i64,
        /// The position of the event that comes.
        position: u64,
    },
    /// One event that does not hold.
    #[error("event {sequence} of the order, at position {position}: {fault}")]
    Event {
        /// Its number in the stream.
        sequence: i64,
        /// Its position in the ledger.
        position: u64,
        /// What is wrong with it.
        fault: EventFault,
    },
    /// A hash of the proof of consistency is none.
    #[error("hash {number} of the proof of consistency is not 32 bytes in base64")]
    Hash {
        /// Which one, from 1.
        number: usize,
    },
    /// The earlier checkpoint is of another ledger.
    #[error(
        "the earlier checkpoint is of the log {kept:?}, and this one of {this:?}; compare checkpoints of the same tenant"
    )]
    OtherLog {
        /// The log of the earlier one.
        kept: String,
        /// The log of this one.
        this: String,
    },
    /// The checkpoint is older than the one it is held against.
    #[error(
        "this is of {size} events, and the checkpoint that it is held against of {kept}: swap the two, or take this one anew"
    )]
    Older {
        /// The size of this one.
        size: u64,
        /// The size of the one that was kept.
        kept: u64,
    },
    /// Both have the same size, and another root.
    #[error(
        "the first {size} events are not those of the earlier checkpoint: it has another root; keep both files, and see docs/audit.md"
    )]
    Diverged {
        /// The size of both.
        size: u64,
    },
    /// No proof leads from the earlier checkpoint to this one.
    #[error(
        "nothing in the file leads from the earlier checkpoint to this one; ask for one with `ledger audit checkpoint --since {kept}`, or from the API with `?since={kept}`"
    )]
    NoConsistency {
        /// The size of the earlier one.
        kept: u64,
    },
    /// The proof does not lead from the earlier checkpoint to this one.
    #[error(
        "the first {kept} events are not proved to be those of the earlier checkpoint; keep both files, and see docs/audit.md"
    )]
    Consistency {
        /// The size of the earlier one.
        kept: u64,
        /// What is wrong with the proof.
        source: ProofError,
    },
}

/// What is wrong with one event of a dossier.
#[derive(Debug, thiserror::Error)]
pub enum EventFault {
    /// Not after the one before it.
    #[error("it does not come after the event before it")]
    NotAfter,
    /// Not a whole microsecond, so that the hash does not say all of it.
    #[error("its instant is finer than the microsecond that is recorded")]
    Instant,
    /// Payload or metadata are not what an event can hold.
    #[error("{0}")]
    NotCanonical(NotCanonical),
    /// What it says is left out, and it is of a kind that nothing may be left out of.
    #[error(
        "what it says is left out, which may only be where a courier wrote of a person who was erased; take the dossier anew"
    )]
    LeftOut,
    /// What it says is left out, and nothing says that there was a reason.
    #[error(
        "what it says is left out, and no event of the dossier erases the person of the order; take the dossier anew"
    )]
    NotErased,
    /// The hash that stands for what is left out is none.
    #[error("the hash for what is left out of it is not 32 bytes in base64")]
    ContentHash,
    /// A hash of its proof is none.
    #[error("hash {0} of its proof is not 32 bytes in base64")]
    Hash(usize),
    /// It is not proved to stand there.
    #[error("{0}; the event, or its proof, is not what was recorded")]
    NotIncluded(ProofError),
}
