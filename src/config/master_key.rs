//! The master keys: given, or kept in a file of the data directory.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use clap::Args;

use crate::postgres::embedded::make_data_dir;
use crate::secrets::{KeyFileError, KeyRing, KeyRingError};

/// The key file's name in the data directory.
const KEY_FILE: &str = "master.key";

/// The keys that seal credentials and personal data.
#[derive(Args, Clone)]
#[command(next_help_heading = "Secrets")]
pub struct MasterKeyArgs {
    /// The master keys, each as id:base64 of 32 bytes, separated by commas: the first encrypts, all decrypt; without it a
    /// key file is made in the data directory, and must be backed up
    #[arg(long, env = "LEDGER_MASTER_KEY", hide_env_values = true, value_name = "ID:BASE64")]
    pub master_key: Option<String>,
}

/// Why there are no master keys.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The text is no key ring.
    #[error("LEDGER_MASTER_KEY: {0}")]
    Given(KeyRingError),
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The data directory cannot be made.
    #[error("cannot make the data directory {path}; name another with LEDGER_DATA_DIR")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl MasterKeyArgs {
    /// The ring that was given, or that of the key file, made with a warning where there is none.
    pub fn ring(&self, data_dir: &Path) -> Result<KeyRing, MasterKeyError> {
        if let Some(text) = &self.master_key {
            return KeyRing::from_str(text).map_err(MasterKeyError::Given);
        }
        if !data_dir.is_dir() {
            make_data_dir(data_dir)
                .map_err(|source| MasterKeyError::Directory { path: data_dir.to_owned(), source })?;
        }
        let path = data_dir.join(KEY_FILE);
        let (ring, made) = KeyRing::from_file_or_create(&path)?;
        if made {
            tracing::warn!(path = %path.display(), "a master key was made; back the file up, what it seals is lost without it");
        }
        Ok(ring)
    }
}

impl std::fmt::Debug for MasterKeyArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeyArgs").field("given", &self.master_key.is_some()).finish()
    }
}
