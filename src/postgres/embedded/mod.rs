//! A private, real, durable PostgreSQL server in a data directory, for those who have none to name.
//!
//! It listens on a socket in a closed directory and on no network. Many processes may share it: whoever finds
//! it running adopts it, and the last one to leave stops it. A process that is killed leaves it running, for
//! the next one to adopt. Nothing is downloaded here, and no setting that weakens durability is touched.

mod account;
mod binaries;
mod boot;
mod error;
mod layout;
mod memory;
mod postmaster;
mod watch;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

pub use binaries::BinarySearch;
pub use error::BootError;
pub(crate) use layout::make_data_dir;

use account::Account;
use layout::Layout;
use postmaster::State;
use watch::Watch;

/// The database user that owns everything in the private server.
const SUPERUSER: &str = "ledger";

/// How long a start waits, unless it is said otherwise.
const START_LIMIT: Duration = Duration::from_mins(2);

/// How long a server may take to write everything down when it is stopped, before it is ended at once.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const STOP_PAUSE: Duration = Duration::from_millis(5);

/// While another thread starts a program, the system holds our lock a second time for a moment.
const LAST_USER_TRIES: u32 = 20;

/// Where and how the private server runs.
#[derive(Clone, Debug)]
pub struct EmbeddedSettings {
    /// The ledger's data directory; the server keeps to `postgres/` in it.
    pub data_dir: PathBuf,
    /// Where to look for PostgreSQL's programs.
    pub binaries: BinarySearch,
    /// The most connections that the server accepts, over all processes that share it.
    pub max_connections: u32,
    /// How long a start waits for the server to accept connections. After that it goes on without us.
    pub start_limit: Duration,
    /// Leave the server running when the last user leaves, for a next one to adopt, and do not start it again
    /// if it is killed: for tests.
    pub keep_running: bool,
}

impl EmbeddedSettings {
    /// The usual settings for a data directory: programs from wherever packages put them.
    pub fn at(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            binaries: BinarySearch::default(),
            max_connections: 200,
            start_limit: START_LIMIT,
            keep_running: false,
        }
    }
}

/// The data directory where none is named: a system directory for root, since root's home is closed to the
/// account that runs the server; else the user's own, of `$XDG_DATA_HOME` or `$HOME`. None without a home.
pub fn default_data_dir(is_root: bool, xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if is_root {
        return Some(PathBuf::from("/var/lib/logistics-ledger"));
    }
    let absolute = |dir: &&Path| dir.is_absolute();
    let data = match xdg_data_home.filter(absolute) {
        Some(data) => data.to_owned(),
        None => home.filter(absolute)?.join(".local/share"),
    };
    Some(data.join("logistics-ledger"))
}

/// A share in the running server, which is started again if it is killed meanwhile. Dropping the share leaves the server; the last one to leave stops it.
#[derive(Debug)]
pub struct Server {
    layout: Layout,
    account: Account,
    membership: Option<File>,
    watch: Option<Watch>,
    keep_running: bool,
}

impl Server {
    /// Starts the server of a data directory, or adopts it if it runs. Blocks: a first start takes about a
    /// second. Recovery after a crash may take longer than is waited for; then the server is left to it, and a later start
    /// adopts it.
    pub fn start(settings: &EmbeddedSettings) -> Result<Self, BootError> {
        let (layout, account) = Layout::prepare(&settings.data_dir)?;
        let _boot = layout.lock_boot(&account)?;
        let membership = layout.join_users(&account)?;
        boot::bring_up(&layout, &account, settings)?;
        let keep_running = settings.keep_running;
        let watch = if keep_running {
            None
        } else {
            Some(Watch::over(layout.clone(), account.clone(), settings.clone())?)
        };
        Ok(Self { layout, account, membership: Some(membership), watch, keep_running })
    }

    /// [`Server::start`] for asynchronous callers.
    pub async fn start_async(settings: &EmbeddedSettings) -> Result<Self, BootError> {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || Self::start(&settings))
            .await
            .map_err(|_| BootError::Interrupted)?
    }

    /// The URL of one of its databases. It names the socket and holds no password.
    pub fn url(&self, database: &str) -> String {
        let socket = percent_encoded(&self.layout.socket_dir.to_string_lossy());
        format!("postgres://{SUPERUSER}@localhost/{database}?host={socket}&sslmode=disable")
    }

    /// Leaves the server, and stops it if nobody else uses it. Blocks until it has written everything down.
    pub fn stop(mut self) -> Result<(), BootError> {
        self.leave()
    }

    /// [`Server::stop`] for asynchronous callers.
    pub async fn stop_async(self) -> Result<(), BootError> {
        tokio::task::spawn_blocking(move || self.stop()).await.map_err(|_| BootError::Interrupted)?
    }

    fn leave(&mut self) -> Result<(), BootError> {
        let Some(membership) = self.membership.take() else { return Ok(()) };
        if self.keep_running {
            return Ok(());
        }
        self.watch.take();
        let _boot = self.layout.lock_boot(&self.account)?;
        if is_last(&membership) { self.end() } else { Ok(()) }
    }

    fn end(&self) -> Result<(), BootError> {
        let slow = BootError::Slow {
            what: "for PostgreSQL to stop",
            seconds: 2 * STOP_TIMEOUT.as_secs(),
            log: self.layout.log.clone(),
        };
        for how in [Signal::INT, Signal::QUIT] {
            postmaster::signal(&self.layout, how);
            let deadline = Instant::now() + STOP_TIMEOUT;
            while Instant::now() < deadline {
                if matches!(postmaster::state(&self.layout), State::Absent | State::Dead) {
                    self.layout.remove_short_socket_directory();
                    return Ok(());
                }
                thread::sleep(STOP_PAUSE);
            }
        }
        Err(slow)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "PostgreSQL was left running");
        }
    }
}

/// Whether no other process holds the users' lock; ours is traded for the whole of it.
fn is_last(membership: &File) -> bool {
    (0..LAST_USER_TRIES).any(|_| {
        let alone = membership.try_lock().is_ok();
        if !alone {
            thread::sleep(STOP_PAUSE);
        }
        alone
    })
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_keeps_its_data_in_a_system_directory_and_a_user_at_home() {
        let home = Some(Path::new("/home/ana"));
        assert_eq!(default_data_dir(true, None, home), Some("/var/lib/logistics-ledger".into()));
        assert_eq!(
            default_data_dir(false, None, home),
            Some("/home/ana/.local/share/logistics-ledger".into())
        );
        assert_eq!(
            default_data_dir(false, Some(Path::new("/data")), home),
            Some("/data/logistics-ledger".into())
        );
        assert_eq!(
            default_data_dir(false, Some(Path::new("relative")), home),
            default_data_dir(false, None, home)
        );
        assert_eq!(default_data_dir(false, None, None), None);
    }

    #[test]
    fn a_socket_directory_with_odd_letters_survives_the_url() {
        assert_eq!(percent_encoded("/var/a b/ñ&?"), "%2Fvar%2Fa%20b%2F%C3%B1%26%3F");
    }
}
