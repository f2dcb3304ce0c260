//! The key file: where the ring lives when none is given in the settings. Written once, whole or not at
//! all, and readable by its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeyRing, KeyRingError};
use crate::clock;

/// The largest key file that is read, in bytes; a full ring needs far less.
const FILE_BYTES_MAX: u64 = 4096;

/// Why the key file gives no ring.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file or its folder cannot be read or written.
    #[error("cannot read or make the key file {path}; check the folder and its owner")]
    Io {
        /// The key file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error("the key file {path} is open to others; run `chmod 600` on it")]
    OpenToOthers {
        /// The key file.
        path: PathBuf,
    },
    /// The file holds no ring.
    #[error("the key file {path} holds no key ring; restore it from its backup, what it sealed needs it")]
    Malformed {
        /// The key file.
        path: PathBuf,
        /// What is wrong with the text.
        source: KeyRingError,
    },
}

impl KeyRing {
    /// The ring in the file at `path`, and whether it was made just now (then: warn, it must be backed up).
    /// Processes that start at once agree on one file.
    pub fn from_file_or_create(path: &Path) -> Result<(Self, bool), KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        match File::open(path) {
            Ok(file) => Ok((read(path, file)?, false)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let created = create(path).map_err(io)?;
                Ok((read(path, File::open(path).map_err(io)?)?, created))
            }
            Err(error) => Err(io(error)),
        }
    }
}

fn read(path: &Path, file: File) -> Result<KeyRing, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mode = file.metadata().map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyFileError::OpenToOthers { path: path.to_owned() });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(io)?;
    text.parse().map_err(|source| KeyFileError::Malformed { path: path.to_owned(), source })
}

/// Writes a fresh ring beside `path` and links it into place; false when another process was first.
fn create(path: &Path) -> io::Result<bool> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".key-{}", clock::new_id()));
    let outcome = write_draft(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Ok(()) => File::open(folder)?.sync_all().map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    });
    let removed = fs::remove_file(&draft);
    outcome.and_then(|created| removed.map(|()| created))
}

fn write_draft(draft: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    // A name of its own, so that it can stand in one ring with the key of another file.
    let id = format!("k{}", hex::encode(clock::random_bytes::<4>()));
    file.write_all(KeyRing::generate(&id).to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own that is removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn fresh() -> Self {
            Self(std::env::temp_dir().join(format!("ledger-key-{}", clock::new_id())))
        }

        fn key_file(&self) -> PathBuf {
            self.0.join("deep").join("master.key")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_absent_file_is_made_for_its_owner_only_and_kept() {
        let folder = Folder::fresh();
        let (made, created) = KeyRing::from_file_or_create(&folder.key_file()).unwrap();
        assert!(created);
        let mode = fs::metadata(folder.key_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (again, created) = KeyRing::from_file_or_create(&folder.key_file()).unwrap();
        assert!(!created);
        assert!(again.open("x", &made.seal("x", b"plain")).is_ok());
        assert_eq!(fs::read_dir(folder.key_file().parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn processes_that_start_at_once_agree_on_one_ring() {
        let folder = Folder::fresh();
        let path = folder.key_file();
        let rings: Vec<(KeyRing, bool)> = std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| KeyRing::from_file_or_create(&path).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert_eq!(rings.iter().filter(|(_, created)| *created).count(), 1);
        let sealed = rings[0].0.seal("x", b"plain");
        assert!(rings.iter().all(|(ring, _)| ring.open("x", &sealed).is_ok()));
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        let folder = Folder::fresh();
        KeyRing::from_file_or_create(&folder.key_file()).unwrap();
        fs::set_permissions(folder.key_file(), fs::Permissions::from_mode(0o640)).unwrap();
        let error = KeyRing::from_file_or_create(&folder.key_file()).unwrap_err();
        assert!(matches!(error, KeyFileError::OpenToOthers { .. }));
    }

    #[test]
    fn an_emptied_file_is_an_error_and_never_replaced() {
        let folder = Folder::fresh();
        KeyRing::from_file_or_create(&folder.key_file()).unwrap();
        fs::write(folder.key_file(), "").unwrap();
        let error = KeyRing::from_file_or_create(&folder.key_file()).unwrap_err();
        assert!(matches!(error, KeyFileError::Malformed { source: KeyRingError::Empty, .. }));
        assert_eq!(fs::read(folder.key_file()).unwrap(), b"");
    }
}
