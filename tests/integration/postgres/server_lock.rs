//! What the private server leaves to see for others that share its data directory: the lock that its processes hold, whichever
//! container they are in, and its log; and a directory that was made before it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use logistics_ledger::config::MasterKeyArgs;
use logistics_ledger::postgres::{BootError, EmbeddedSettings, Server};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{sleep, timeout};

use super::private_server::{Place, ask};

impl Place {
    fn lock(&self) -> File {
        File::open(self.0.join("data/postgres/server.lock")).unwrap()
    }

    fn is_held(&self) -> bool {
        matches!(self.lock().try_lock(), Err(TryLockError::WouldBlock))
    }

    /// The processes that the server's first one has begun, and that one.
    fn processes(&self) -> Vec<i32> {
        let first = self.pid().unwrap();
        let numbers = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let parent = |number: i32| -> Option<i32> {
            let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
            stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
        };
        std::iter::once(first).chain(numbers.filter(|number| parent(*number) == Some(first))).collect()
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_mins(1), waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

#[tokio::test]
async fn no_second_server_is_started_beside_one_whose_number_means_nothing_here() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    until("the lock of a server that was stopped is held", || !place.is_held()).await;
    let pid_file = place.cluster().join("postmaster.pid");
    let elsewhere = |status: &str| format!("{}\n/data\n0\n5432\n/run\n\n  1 1\n{status}\n", i32::MAX);
    let lock = place.lock();
    lock.lock().unwrap();
    let impatient = EmbeddedSettings { start_limit: Duration::from_millis(300), ..place.settings() };
    for status in ["ready", "starting", "stopping"] {
        fs::write(&pid_file, elsewhere(status)).unwrap();
        let refusal = Server::start_async(&impatient).await.unwrap_err();
        let is_recovering = matches!(refusal, BootError::Recovering { .. });
        assert!(is_recovering || matches!(refusal, BootError::Slow { .. }), "{status}: {refusal}");
        assert_eq!(is_recovering, status == "starting");
        assert_eq!(fs::read_to_string(&pid_file).unwrap(), elsewhere(status), "it was left as it was");
    }
    // Nor while only some processes of it are left, and its file is gone.
    fs::remove_file(&pid_file).unwrap();
    let refusal = Server::start_async(&impatient).await.unwrap_err();
    assert!(matches!(refusal, BootError::Slow { .. }), "{refusal}");
    assert_eq!(place.pid(), None);
    // One that an older version started holds no lock, and is known by its number alone.
    fs::write(&pid_file, elsewhere("ready")).unwrap();
    lock.unlock().unwrap();
    let server = Server::start_async(&place.settings()).await.unwrap();
    assert_eq!(ask(&server, "select 'here'").await, "here");
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn the_lock_is_held_until_the_last_process_of_the_server_is_gone() {
    let place = Place::fresh();
    // Left to itself, so that nobody starts it again.
    let settings = EmbeddedSettings { keep_running: true, ..place.settings() };
    let server = Server::start_async(&settings).await.unwrap();
    let _lingering = PgConnection::connect(&server.url("postgres")).await.unwrap();
    assert!(place.is_held());
    let processes = place.processes();
    assert!(processes.len() > 3, "{processes:?}");
    for process in processes {
        let _ended_with_the_first = kill_process(Pid::from_raw(process).unwrap(), Signal::KILL);
    }
    until("the lock was never free", || !place.is_held()).await;
}

#[tokio::test]
async fn an_overlong_log_is_set_aside_while_the_server_writes_to_it() {
    let place = Place::fresh();
    let server = Server::start_async(&place.settings()).await.unwrap();
    let log = place.0.join("data/postgres/server.log");
    let long = "a line that was written long ago\n".repeat(600_000);
    OpenOptions::new().append(true).open(&log).unwrap().write_all(long.as_bytes()).unwrap();
    let length = || fs::metadata(&log).unwrap().len();
    until("the log stays as long as it is", || length() < 1 << 20).await;
    let aside = fs::metadata(log.with_extension("log.1")).unwrap();
    // The watch may come in the middle of the writing.
    assert!(aside.len() > 16 << 20 && aside.permissions().mode() & 0o777 == 0o600);

    let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
    sqlx::query("select 1 / 0 as a_secret").execute(&mut connection).await.unwrap_err();
    drop(connection);
    until("the server writes elsewhere", || fs::read_to_string(&log).unwrap().contains("division by zero"))
        .await;
    let said = fs::read_to_string(&log).unwrap();
    assert!(!said.contains("a_secret"), "no statement is logged: {said}");
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn a_data_directory_that_was_made_for_the_key_lets_the_server_in() {
    let place = Place::fresh();
    let settings = place.settings();
    MasterKeyArgs { master_key: None }.ring(&settings.data_dir).unwrap();
    let server = Server::start_async(&settings).await.unwrap();
    assert_eq!(ask(&server, "select 'here'").await, "here");
    server.stop_async().await.unwrap();
    let mode = |path: &str| fs::metadata(place.0.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data") & 0o066, mode("data/master.key")), (0, 0o600), "nobody looks around");
}
