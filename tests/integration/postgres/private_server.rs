//! The life of the private server: first start, adoption, sudden death of it and of us, the last user's
//! leave, and the refusals that say what to do.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use logistics_ledger::clock;
use logistics_ledger::postgres::embedded::BinarySearch;
use logistics_ledger::postgres::{
    BootError, Database, DatabaseError, DatabaseSettings, EmbeddedSettings, PoolSettings, Server, ping,
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::support::database::binaries;

/// A data directory of one test, open to the account that runs the server; gone when the test ends.
pub(super) struct Place(pub(super) PathBuf);

impl Place {
    pub(super) fn fresh() -> Self {
        let name = format!("logistics-ledger-test-{}", hex::encode(clock::random_bytes::<6>()));
        let dir = Path::new("/tmp").join(name);
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        Self(dir)
    }

    pub(super) fn settings(&self) -> EmbeddedSettings {
        EmbeddedSettings { binaries: binaries(), ..EmbeddedSettings::at(self.0.join("data")) }
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.0.join("data/postgres/cluster")
    }

    pub(super) fn pid(&self) -> Option<i32> {
        fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    fn kill_postmaster(&self) {
        kill_process(Pid::from_raw(self.pid().unwrap()).unwrap(), Signal::KILL).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(pid) = self.pid().and_then(Pid::from_raw) {
            let _ended_already = kill_process(pid, Signal::QUIT);
        }
        let _left_to_the_system = fs::remove_dir_all(&self.0);
    }
}

pub(super) async fn ask(server: &Server, question: &'static str) -> String {
    let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
    sqlx::query_scalar(question).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_first_start_makes_a_durable_server_that_no_network_reaches() {
    let place = Place::fresh();
    let server = Server::start_async(&place.settings()).await.unwrap();
    for (setting, value) in [
        ("show fsync", "on"),
        ("show full_page_writes", "on"),
        ("show synchronous_commit", "on"),
        ("show data_checksums", "on"),
        ("show listen_addresses", ""),
        ("show server_encoding", "UTF8"),
        ("select datcollate::text from pg_database where datname = 'postgres'", "C"),
    ] {
        assert_eq!(ask(&server, setting).await, value, "{setting}");
    }
    let closed = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o700;
    assert!(closed(place.0.join("data/postgres")));
    assert!(closed(place.0.join("data/postgres/run")));
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn a_second_user_adopts_the_server_and_only_the_last_one_stops_it() {
    let place = Place::fresh();
    let first = Server::start_async(&place.settings()).await.unwrap();
    let second = Server::start_async(&place.settings()).await.unwrap();
    let pid = place.pid();
    assert_eq!(
        ask(&first, "select pg_postmaster_start_time()::text").await,
        ask(&second, "select pg_postmaster_start_time()::text").await
    );

    first.stop_async().await.unwrap();
    assert_eq!(place.pid(), pid);
    assert_eq!(ask(&second, "select 'here'").await, "here");

    second.stop_async().await.unwrap();
    assert_eq!(place.pid(), None);
}

#[tokio::test]
async fn a_server_that_was_killed_comes_back_with_all_that_was_committed() {
    let place = Place::fresh();
    let server = Server::start_async(&place.settings()).await.unwrap();
    // A connection that stays open keeps a process of the old server busy.
    let mut lingering = PgConnection::connect(&server.url("postgres")).await.unwrap();
    sqlx::query("create table kept as select 'kept'::text as what").execute(&mut lingering).await.unwrap();
    place.kill_postmaster();

    let recovered = Server::start_async(&place.settings()).await.unwrap();
    assert_eq!(ask(&recovered, "select what from kept").await, "kept");
    drop(lingering);
    drop(server);
    assert_eq!(ask(&recovered, "select what from kept").await, "kept");
    recovered.stop_async().await.unwrap();
    assert_eq!(place.pid(), None);
}

#[tokio::test]
async fn a_server_that_was_killed_is_started_again_for_those_who_use_it() {
    let place = Place::fresh();
    let settings = DatabaseSettings { url: None, embedded: place.settings(), pool: PoolSettings::default() };
    let database = Database::start(&settings).await.unwrap();
    database.migrate().await.unwrap();
    let pool = database.pool().await.unwrap();
    let before = place.pid();
    place.kill_postmaster();
    let answered = async {
        while place.pid() == before || ping(&pool).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), answered).await.expect("the server comes back");
    pool.close().await;
    database.close().await.unwrap();
    assert_eq!(place.pid(), None);
}

/// Has the next start of the server recover until a file appears, as one after a crash does while it replays a long log.
fn held_in_recovery(place: &Place) -> PathBuf {
    let gate = place.0.join("through");
    let (home, through) = (place.0.display(), gate.display());
    let wait = format!("while [ -d {home} ] && [ ! -e {through} ]; do sleep 0.05; done; exit 1");
    let mut settings =
        fs::OpenOptions::new().append(true).open(place.cluster().join("postgresql.auto.conf")).unwrap();
    writeln!(settings, "restore_command = '{wait}'\nhot_standby = off").unwrap();
    fs::write(place.cluster().join("recovery.signal"), "").unwrap();
    gate
}

#[tokio::test]
async fn a_server_that_recovers_for_long_is_left_to_it_and_adopted_afterwards() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    let gate = held_in_recovery(&place);
    let impatient = EmbeddedSettings { start_limit: Duration::from_secs(2), ..place.settings() };
    let refusal = Server::start_async(&impatient).await.unwrap_err();
    assert!(matches!(refusal, BootError::Recovering { .. }), "{refusal}");
    let pid = place.pid();
    assert!(pid.is_some(), "it was not stopped");

    // A service waits on, until it is asked to end.
    let embedded = EmbeddedSettings { start_limit: Duration::from_millis(100), ..place.settings() };
    let settings = DatabaseSettings { url: None, embedded, pool: PoolSettings::default() };
    let ending = CancellationToken::new();
    ending.cancel();
    let ended = Database::start_patiently(&settings, &ending).await.unwrap_err();
    assert!(matches!(ended, DatabaseError::Boot(BootError::Recovering { .. })), "{ended}");
    let stays = CancellationToken::new();
    let (database, ()) = tokio::join!(Database::start_patiently(&settings, &stays), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        fs::write(&gate, "").unwrap();
    });
    let database = database.unwrap();
    assert_eq!(place.pid(), pid, "the same server");
    database.close().await.unwrap();
    assert_eq!(place.pid(), None);
}

#[tokio::test]
async fn of_many_first_starts_at_once_one_makes_the_server() {
    let place = Place::fresh();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let settings = place.settings();
            tokio::spawn(async move { Server::start_async(&settings).await.unwrap() })
        })
        .collect();
    let mut servers = Vec::new();
    for start in starts {
        servers.push(start.await.unwrap());
    }
    let mut births = Vec::new();
    for server in &servers {
        births.push(ask(server, "select pg_postmaster_start_time()::text").await);
    }
    births.dedup();
    assert_eq!(births.len(), 1);
    for server in servers {
        server.stop_async().await.unwrap();
    }
    assert_eq!(place.pid(), None);
}

/// Where the victim of the next test finds its data directory.
const VICTIM_DATA_DIR: &str = "LEDGER_TEST_VICTIM_DATA_DIR";

#[tokio::test]
#[ignore = "it is started, and killed, by the next test"]
#[expect(clippy::disallowed_methods, reason = "a test process has no other way to be told")]
async fn a_victim_uses_the_server_until_it_is_killed() {
    let Some(data_dir) = std::env::var_os(VICTIM_DATA_DIR) else { return };
    let settings = EmbeddedSettings { binaries: binaries(), ..EmbeddedSettings::at(data_dir) };
    let _server = Server::start_async(&settings).await.unwrap();
    tokio::time::sleep(Duration::from_mins(2)).await;
}

#[tokio::test]
async fn a_server_whose_user_was_killed_runs_on_and_is_adopted() {
    let place = Place::fresh();
    let settings = place.settings();
    // Made beforehand, so that the victim only has to start it.
    Server::start_async(&settings).await.unwrap().stop_async().await.unwrap();
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact"])
        .arg("postgres::private_server::a_victim_uses_the_server_until_it_is_killed")
        .env(VICTIM_DATA_DIR, &settings.data_dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let ready =
        || fs::read_to_string(place.cluster().join("postmaster.pid")).is_ok_and(|s| s.contains("ready"));
    let up = async {
        while !ready() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), up).await.expect("the victim starts the server");
    victim.kill().unwrap();
    victim.wait().unwrap();
    let pid = place.pid();

    let next = Server::start_async(&settings).await.unwrap();
    assert_eq!(place.pid(), pid);
    assert_eq!(ask(&next, "select 'here'").await, "here");
    next.stop_async().await.unwrap();
    assert_eq!(place.pid(), None);
}

#[tokio::test]
async fn a_pid_file_that_names_another_program_is_no_hindrance() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    let ourselves = std::process::id();
    fs::write(
        place.cluster().join("postmaster.pid"),
        format!("{ourselves}\n/data\n0\n5432\n/run\n\n  1 1\nready\n"),
    )
    .unwrap();
    let server = Server::start_async(&place.settings()).await.unwrap();
    assert_ne!(place.pid(), i32::try_from(ourselves).ok());
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn an_initdb_that_was_cut_short_is_begun_anew() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    fs::rename(place.cluster(), place.0.join("data/postgres/cluster.unfinished")).unwrap();
    fs::remove_file(place.0.join("data/postgres/cluster.unfinished/PG_VERSION")).unwrap();
    let server = Server::start_async(&place.settings()).await.unwrap();
    assert_eq!(ask(&server, "select 'here'").await, "here");
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn a_long_data_directory_gets_a_short_socket() {
    let place = Place::fresh();
    let deep = place.0.join("d".repeat(90)).join("data");
    let settings = EmbeddedSettings { data_dir: deep, ..place.settings() };
    let server = Server::start_async(&settings).await.unwrap();
    assert_eq!(ask(&server, "select 'here'").await, "here");
    server.stop_async().await.unwrap();
}

#[tokio::test]
async fn data_of_a_major_that_is_not_installed_is_refused_by_name() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    fs::write(place.cluster().join("PG_VERSION"), "99\n").unwrap();
    let refusal = Server::start_async(&place.settings()).await.unwrap_err();
    assert!(matches!(refusal, BootError::OtherMajor { made_by: 99, .. }), "{refusal}");
    assert!(refusal.to_string().contains("postgresql-99"), "{refusal}");
}

#[tokio::test]
async fn without_programs_the_refusal_says_what_to_do() {
    let place = Place::fresh();
    let nowhere = BinarySearch { bin_dir: Some(place.0.join("nowhere")), ..BinarySearch::default() };
    let settings = EmbeddedSettings { binaries: nowhere, ..place.settings() };
    let refusal = Server::start_async(&settings).await.unwrap_err();
    assert!(matches!(refusal, BootError::NoBinaries), "{refusal}");
    for remedy in ["apt-get install postgresql", "make demo", "DATABASE_URL"] {
        assert!(refusal.to_string().contains(remedy), "{refusal}");
    }
}

#[tokio::test]
async fn root_is_told_which_directory_keeps_the_server_out() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = Place::fresh();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o700)).unwrap();
    let refusal = Server::start_async(&place.settings()).await.unwrap_err();
    assert!(matches!(&refusal, BootError::Unreachable { dir, .. } if *dir == place.0), "{refusal}");
}

#[tokio::test]
async fn without_a_url_the_database_is_the_private_server() {
    let place = Place::fresh();
    let settings = DatabaseSettings { url: None, embedded: place.settings(), pool: PoolSettings::default() };
    let database = Database::start(&settings).await.unwrap();
    database.migrate().await.unwrap();
    let again = Database::start(&settings).await.unwrap();
    again.migrate().await.unwrap();
    let pool = again.pool().await.unwrap();
    let role: String = sqlx::query_scalar("select current_user::text").fetch_one(&pool).await.unwrap();
    assert_eq!(role, "ledger_app");
    pool.close().await;
    again.close().await.unwrap();
    database.close().await.unwrap();
    assert_eq!(place.pid(), None);
}

#[tokio::test]
async fn a_link_in_place_of_a_lock_is_not_followed() {
    let place = Place::fresh();
    Server::start_async(&place.settings()).await.unwrap().stop_async().await.unwrap();
    let (lock, elsewhere) = (place.0.join("data/postgres/users.lock"), place.0.join("elsewhere"));
    fs::write(&elsewhere, "someone's own").unwrap();
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &lock).unwrap();
    let owner = fs::metadata(&elsewhere).unwrap().uid();
    let refusal = Server::start_async(&place.settings()).await.unwrap_err();
    assert!(matches!(&refusal, BootError::Io { path, .. } if path.ends_with("users.lock")), "{refusal}");
    assert_eq!(fs::metadata(&elsewhere).unwrap().uid(), owner);
}
