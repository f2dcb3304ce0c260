//! The files that auditors take away, read from their text: a dossier, a checkpoint, or the signed note of a checkpoint alone.

use serde::Deserialize;

use super::dossier::{CHECKPOINT_FORMAT, CheckpointFile, DOSSIER_FORMAT, Dossier};
use super::file_error::FileError;
use super::note::{Checkpoint, NoteError, VerifierKey};

/// A file that somebody took away. Reading it proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditFile {
    /// The history of an order, with its proofs.
    Dossier(Box<Dossier>),
    /// A checkpoint, perhaps with the proof that an earlier one is its beginning.
    Checkpoint(Box<CheckpointFile>),
    /// The signed note of a checkpoint.
    Note(String),
}

/// What a file says it is.
#[derive(Deserialize)]
struct Format {
    format: String,
}

impl AuditFile {
    /// Reads a file. Fields that its format does not have are passed over, and prove nothing.
    pub fn read(text: &str) -> Result<Self, FileError> {
        if !text.trim_start().starts_with('{') {
            // Whoever copies a note, or has it printed, adds or loses a line break at its end.
            let note = format!("{}\n", text.trim_end());
            return match Checkpoint::parse(&note) {
                Ok(_) => Ok(Self::Note(note)),
                Err(error) => Err(FileError::NoFile(error)),
            };
        }
        let Format { format } = serde_json::from_str(text)?;
        match format.as_str() {
            DOSSIER_FORMAT => Ok(Self::Dossier(serde_json::from_str(text)?)),
            CHECKPOINT_FORMAT => Ok(Self::Checkpoint(serde_json::from_str(text)?)),
            _ => Err(FileError::Format(format)),
        }
    }

    /// The signed note in it.
    pub fn note(&self) -> &str {
        match self {
            Self::Dossier(dossier) => &dossier.checkpoint,
            Self::Checkpoint(file) => &file.note,
            Self::Note(note) => note,
        }
    }

    /// The text of the key that it comes with; a note alone has none.
    pub(super) fn key_text(&self) -> Option<&str> {
        match self {
            Self::Dossier(dossier) => Some(&dossier.verifier_key),
            Self::Checkpoint(file) => Some(&file.verifier_key),
            Self::Note(_) => None,
        }
    }

    /// The key that it comes with, which proves nothing to whoever does not know it from elsewhere; a note alone has none.
    pub fn own_key(&self) -> Result<Option<VerifierKey>, NoteError> {
        self.key_text().map(str::parse).transpose()
    }
}
