//! Why the private server cannot run, each with what to do next.

use std::path::PathBuf;

use crate::postgres::OLDEST_SERVER;

/// Why the private PostgreSQL server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// No PostgreSQL on this machine.
    #[error(
        "no PostgreSQL server was found on this machine: run `apt-get install postgresql`, or `make demo` \
         which brings one, or set DATABASE_URL to a server that already runs"
    )]
    NoBinaries,
    /// What is installed is too old.
    #[error("only PostgreSQL {found} was found in {}; install {OLDEST_SERVER} or later", dir.display())]
    TooOld {
        /// Its major version.
        found: u32,
        /// The directory of its programs.
        dir: PathBuf,
    },
    /// The data was made by a major version that is not installed.
    #[error(
        "the data in {} was made by PostgreSQL {made_by}, which was not found on this machine (found: {found}): \
         install it (`apt-get install postgresql-{made_by}`), or name its directory with LEDGER_PG_BIN_DIR",
        dir.display()
    )]
    OtherMajor {
        /// The major version that the data needs.
        made_by: u32,
        /// What was found instead, for a person.
        found: String,
        /// The data directory.
        dir: PathBuf,
    },
    /// PostgreSQL refuses to run as root, and there is no account to run it under.
    #[error(
        "PostgreSQL does not run as root, and neither an account `postgres` nor `nobody` exists to run it under: \
         create one (`useradd --system postgres`), or start the ledger as another user"
    )]
    NoAccount,
    /// The account that runs the server cannot reach its directory.
    #[error(
        "the account {account}, which runs PostgreSQL, may not enter {}: use a data directory elsewhere \
         (LEDGER_DATA_DIR), or allow it (`chmod o+x`)",
        dir.display()
    )]
    Unreachable {
        /// The account.
        account: String,
        /// The first directory that it may not enter.
        dir: PathBuf,
    },
    /// The directory is somebody else's.
    #[error(
        "{} belongs to another user (number {owner}): start the ledger as that user, or use another data \
         directory (LEDGER_DATA_DIR)",
        dir.display()
    )]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// The number of its owner.
        owner: u32,
    },
    /// `initdb` failed.
    #[error("PostgreSQL could not prepare {}; it said: {said}", dir.display())]
    Initdb {
        /// The directory that was to hold the data.
        dir: PathBuf,
        /// Its own last words.
        said: String,
    },
    /// The server ended while it started.
    #[error("PostgreSQL ended while it started; its log {} says: {said}", log.display())]
    Ended {
        /// Its log.
        log: PathBuf,
        /// The end of the log.
        said: String,
    },
    /// The server, or another process that starts it, takes too long.
    #[error("waited {seconds} s {what}; see the log {}", log.display())]
    Slow {
        /// What was waited for.
        what: &'static str,
        /// How long.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
    },
    /// The server still replays its log, as after a crash.
    #[error(
        "PostgreSQL still recovers after {seconds} s, and goes on by itself: start the ledger again in a while, which \
         takes it up where it is then; see the log {}",
        log.display()
    )]
    Recovering {
        /// How long it was waited for.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
    },
    /// The operating system refused something.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: std::io::Error,
    },
    /// The thread that started the server was lost.
    #[error("the start of PostgreSQL was interrupted; start the ledger again")]
    Interrupted,
}

impl BootError {
    /// For `map_err`: what was tried, and on what.
    pub(super) fn io(doing: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}
