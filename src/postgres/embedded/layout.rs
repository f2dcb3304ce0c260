//! The directories of the private server, and the three locks by which processes agree about it.
//!
//! `<data directory>/postgres/`, closed to others, holds `cluster/` (PostgreSQL's own), `run/` (the socket),
//! `server.log`, `boot.lock` (held while someone starts or stops the server), `users.lock` (held, shared,
//! by everyone who uses it) and `server.lock` (held by the server itself). The system drops a lock with the last process
//! that held it, however it ended, and whichever container it was in.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::BootError;
use super::account::Account;

/// The socket's file name; the number is PostgreSQL's default port.
const SOCKET: &str = ".s.PGSQL.5432";

/// What the system allows as the path of a socket, in bytes.
const SOCKET_PATH_MAX: usize = 107;

/// Where a socket goes whose path would be too long.
const SHORT_PARENT: &str = "/tmp";

/// A log that is larger than this is set aside, so that two files of it are the most, in bytes.
const LOG_MAX: u64 = 16 * 1024 * 1024;

const LOCK_TIMEOUT: Duration = Duration::from_mins(2);
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Where everything is.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) data_dir: PathBuf,
    pub(super) home: PathBuf,
    pub(super) cluster: PathBuf,
    pub(super) log: PathBuf,
    pub(super) socket_dir: PathBuf,
}

impl Layout {
    /// Makes the directories that are missing and checks those that are there.
    pub(super) fn prepare(data_dir: &Path) -> Result<(Self, Account), BootError> {
        make_data_dir(data_dir).map_err(BootError::io("create the data directory", data_dir))?;
        let data_dir =
            fs::canonicalize(data_dir).map_err(BootError::io("find the data directory", data_dir))?;
        let home = data_dir.join("postgres");
        let account = Account::choose(&home)?;
        account.reach(&data_dir)?;
        closed_directory(&home, &account)?;
        let socket_dir = socket_directory(&home, &account)?;
        let layout =
            Self { cluster: home.join("cluster"), log: home.join("server.log"), socket_dir, home, data_dir };
        Ok((layout, account))
    }

    /// The path of the server's socket.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket_dir.join(SOCKET)
    }

    /// Leaves nothing of a stopped server outside of the data directory.
    pub(super) fn remove_short_socket_directory(&self) {
        if !self.socket_dir.starts_with(&self.home) {
            // A killed server leaves its socket in there; the next one takes both up again.
            let _kept = fs::remove_dir(&self.socket_dir);
        }
    }

    /// Waits until nobody else starts or stops the server.
    pub(super) fn lock_boot(&self, account: &Account) -> Result<File, BootError> {
        let path = self.home.join("boot.lock");
        let file = account.open(&path)?;
        let deadline = Instant::now() + LOCK_TIMEOUT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(BootError::Slow {
                        what: "for another process to start or stop PostgreSQL",
                        seconds: LOCK_TIMEOUT.as_secs(),
                        log: self.log.clone(),
                    });
                }
                Err(TryLockError::Error(source)) => {
                    return Err(BootError::Io { doing: "lock", path, source });
                }
            }
        }
    }

    /// Counts this process among the users of the server, until the file is closed. Only under the boot lock.
    pub(super) fn join_users(&self, account: &Account) -> Result<File, BootError> {
        let path = self.home.join("users.lock");
        let file = account.open(&path)?;
        file.lock_shared().map_err(BootError::io("lock", &path))?;
        Ok(file)
    }

    /// The lock that a server is to hold, for its processes to inherit; none while those of another live. Only under the boot
    /// lock.
    pub(super) fn lock_for_server(&self, account: &Account) -> Result<Option<File>, BootError> {
        let path = self.server_lock();
        let file = account.open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(BootError::Io { doing: "lock", path, source }),
        }
    }

    /// Whether a process of a server lives, in whichever container. One that an older version started holds no lock.
    pub(super) fn is_server_held(&self) -> bool {
        let looked_at = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(self.server_lock());
        // Shared, so that several who look at once do not see each other.
        looked_at.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn server_lock(&self) -> PathBuf {
        self.home.join("server.lock")
    }

    /// Opens the log for the server to write to, setting an overlong one aside.
    pub(super) fn open_log(&self, account: &Account) -> Result<File, BootError> {
        if self.is_log_overlong() {
            fs::rename(&self.log, self.log_aside()).map_err(BootError::io("set aside", &self.log))?;
        }
        account.open(&self.log)
    }

    /// Whether the log is to be set aside.
    pub(super) fn is_log_overlong(&self) -> bool {
        fs::metadata(&self.log).is_ok_and(|found| found.len() > LOG_MAX)
    }

    /// Sets an overlong log aside while the server writes to it: it is copied and emptied, since the server goes on at the end
    /// of the file that it was given. What it says meanwhile may be lost. Only under the boot lock, so that nobody reads it as a
    /// start.
    pub(super) fn trim_log(&self, account: &Account) -> Result<(), BootError> {
        if !self.is_log_overlong() {
            return Ok(());
        }
        let aside = self.log_aside();
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(BootError::io("remove", &aside)(error));
            }
            _ => {}
        }
        let mut log = account.open(&self.log)?;
        io::copy(&mut log, &mut account.open(&aside)?).map_err(BootError::io("write", &aside))?;
        log.set_len(0).map_err(BootError::io("empty", &self.log))
    }

    fn log_aside(&self) -> PathBuf {
        self.log.with_extension("log.1")
    }
}

/// Makes the data directory and what is missing above it. As root the server's account must be able to pass through; nobody
/// may look around.
pub(crate) fn make_data_dir(dir: &Path) -> io::Result<()> {
    let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
    DirBuilder::new().recursive(true).mode(mode).create(dir)
}

/// A directory that only the account may use: made so, or found so. In a place like `/tmp` anyone could have
/// made it first, hence the check.
fn closed_directory(path: &Path, account: &Account) -> Result<(), BootError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => account.own(path)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(source) => return Err(BootError::Io { doing: "create", path: path.to_owned(), source }),
    }
    let found = fs::symlink_metadata(path).map_err(BootError::io("look at", path))?;
    let as_root = rustix::process::geteuid().is_root();
    if as_root && found.uid() == 0 && found.is_dir() {
        // A start that was cut short between making it and giving it away.
        account.own(path)?;
    } else if !found.is_dir() || found.uid() != account.uid {
        return Err(BootError::Foreign { dir: path.to_owned(), owner: found.uid() });
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(BootError::io("close", path))?;
    }
    Ok(())
}

fn socket_directory(home: &Path, account: &Account) -> Result<PathBuf, BootError> {
    let mut dir = home.join("run");
    if dir.join(SOCKET).as_os_str().len() > SOCKET_PATH_MAX {
        let digest = hex::encode(Sha256::digest(home.as_os_str().as_bytes()));
        dir = Path::new(SHORT_PARENT).join(format!("logistics-ledger-{}-{}", account.uid, &digest[..16]));
    }
    closed_directory(&dir, account)?;
    Ok(dir)
}
