//! Proof that a ledger was not altered and nothing of it left out: a Merkle log over the leaf hashes of each tenant's events
//! (RFC 6962), checkpoints of it that are signed, and what can be proved with them to somebody who trusts neither the database
//! nor this service. Absent: how a leaf hash is computed, which is the ledger's, and the writing of events.

pub mod checkpoints;
pub mod dossier;
mod error;
mod file;
mod file_error;
mod finding;
pub mod note;
mod proof;
mod resume;
pub mod seal;
mod sealer;
pub mod signing_key;
mod stored_subtrees;
mod tiles;
mod tree;
mod verify_checkpoints;
pub mod verify_file;
pub mod verify_ledger;

pub use error::AuditError;
pub use file::AuditFile;
pub use file_error::{EventFault, FileError};
pub use finding::{Finding, LedgerReport};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use sealer::Sealer;
pub use signing_key::KEYS_MAX;
pub use tiles::Tiles;
pub use tree::{Frontier, Hash, Node, empty_root, node_hash};
