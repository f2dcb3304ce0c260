//! A database a test, on a real server of our own: nothing needs to be set up and `DATABASE_URL` is not read.
//!
//! The server is kept running between runs, its files in memory where this machine has the room, else in the build directory.
//! The migrations run once, into a template named by their checksum; each test then copies the template, which takes some
//! forty milliseconds.
//! Databases that a killed test left behind are swept by the next test process.

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, thread};

use logistics_ledger::clock;
use logistics_ledger::postgres::{
    self, DatabaseError, EmbeddedSettings, MIGRATOR, PoolSettings, Server, default_data_dir,
};
use rustix::fs::statvfs;
use rustix::process::{Pid, geteuid, test_kill_process};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, PgPool};

/// Guards the making of templates, over all test processes of one server.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

static SERVER: OnceLock<Server> = OnceLock::new();
static SERIAL: AtomicU32 = AtomicU32::new(0);

/// A database of its own for one test: migrated, empty, and gone when the test ends.
pub struct TestDatabase {
    name: String,
    url: String,
    pool: PgPool,
    owner_pool: PgPool,
}

impl TestDatabase {
    /// Makes a migrated, empty database and opens its pools.
    pub async fn create() -> Self {
        Self::create_with(4).await
    }

    /// The same with another limit on the connections of [`TestDatabase::pool`].
    pub async fn create_with(max_connections: u32) -> Self {
        let server = server().await;
        let mut maintenance = PgConnection::connect(&server.url("postgres")).await.unwrap();
        let template = template(server, &mut maintenance).await;
        let name = database_name();
        run(&mut maintenance, format!("create database {name} template {template}")).await.unwrap();
        maintenance.close().await.unwrap();

        let url = server.url(&name);
        let settings = PoolSettings { max_connections, ..settings() };
        let pool = postgres::connect(&url, &settings).await.unwrap();
        let owner_pool = postgres::connect_as_owner(&url, &settings).await.unwrap();
        Self { name, url, pool, owner_pool }
    }

    /// Makes a database in which no migration has run, and tells its URL; it is swept later.
    pub async fn create_empty() -> String {
        let server = server().await;
        let mut maintenance = PgConnection::connect(&server.url("postgres")).await.unwrap();
        let name = database_name();
        run(&mut maintenance, format!("create database {name}")).await.unwrap();
        maintenance.close().await.unwrap();
        server.url(&name)
    }

    /// The URL to connect to, for those who open pools of their own.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The service's pool, under the role `ledger_app`.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// A pool as the owner of the tables, to look and to tamper where the service may not.
    pub fn owner_pool(&self) -> &PgPool {
        &self.owner_pool
    }
}

impl Drop for TestDatabase {
    /// Drops the database from a runtime of its own, since the test's may be ending.
    fn drop(&mut self) {
        let Some(server) = SERVER.get() else { return };
        let (url, name) = (server.url("postgres"), self.name.clone());
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut maintenance = PgConnection::connect(&url).await.ok()?;
                drop_database(&mut maintenance, &name).await.ok()?;
                maintenance.close().await.ok()
            })
        });
        // Whatever is left is swept by a later test process.
        let _left_over = dropping.join();
    }
}

/// Bounds that let many tests share a small server.
fn settings() -> PoolSettings {
    PoolSettings {
        max_connections: 4,
        acquire_timeout: std::time::Duration::from_mins(1),
        application_name: "logistics-ledger-tests".to_owned(),
        ..PoolSettings::default()
    }
}

/// The server of all tests: started by the first process that asks, adopted by the others.
pub async fn server() -> &'static Server {
    if SERVER.get().is_none() {
        let started =
            Server::start_async(&embedded_settings()).await.unwrap_or_else(|error| panic!("{error}"));
        let mut maintenance = PgConnection::connect(&started.url("postgres")).await.unwrap();
        sweep(&mut maintenance).await;
        maintenance.close().await.unwrap();
        // Another test of this process may have been first; both have a share in the same server.
        let _first = SERVER.set(started);
    }
    SERVER.get().expect("it was set just now")
}

/// Where the tests' server lives and finds PostgreSQL's programs.
pub fn embedded_settings() -> EmbeddedSettings {
    let mut settings = EmbeddedSettings::at(data_dir());
    settings.keep_running = true;
    settings.binaries = binaries();
    settings
}

/// Where PostgreSQL's programs may be on this machine, with a copy in the ledger's own data directory last.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration to ask")]
pub fn binaries() -> postgres::embedded::BinarySearch {
    let dir = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let (xdg, home) = (dir("XDG_DATA_HOME"), dir("HOME"));
    let usual = default_data_dir(geteuid().is_root(), xdg.as_deref(), home.as_deref());
    let unpacked = dir("LEDGER_DATA_DIR").or(usual);
    postgres::embedded::BinarySearch {
        bin_dir: dir("LEDGER_PG_BIN_DIR"),
        search_path: std::env::var_os("PATH"),
        unpacked: unpacked.into_iter().map(|dir| dir.join("postgresql")).collect(),
    }
}

/// Where the tests' server may have its files in memory. Each test makes and drops hundreds of small files, over which some file
/// systems take longer than the server. Benchmarks measure a disk.
const MEMORY: &str = "/dev/shm";
/// How large it must be: some databases at a time, and two gigabytes of the server's log.
const MEMORY_BYTES_MIN: u64 = 8 << 30;

/// A directory in memory; or one of the build; or, where the account that runs the server for root may not go there, one that is open
/// to it. A link in the build directory then leads there, for whoever stops the server.
fn data_dir() -> PathBuf {
    let build = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (link, elsewhere) = if env!("CARGO_CRATE_NAME") == "integration" && is_room_in_memory() {
        (build.join("test-postgres-in-memory"), MEMORY)
    } else if geteuid().is_root() && !open_to_others(build) {
        (build.join("test-postgres"), "/var/tmp")
    } else {
        return build.join("test-postgres");
    };
    let checkout = hex::encode(&Sha256::digest(env!("CARGO_MANIFEST_DIR"))[..6]);
    let elsewhere =
        Path::new(elsewhere).join(format!("logistics-ledger-tests-{}-{checkout}", geteuid().as_raw()));
    if fs::read_link(&link).is_ok_and(|there| there == elsewhere) {
        return elsewhere;
    }
    // It may lead to where another checkout had its own. Another test may be first, and makes the same.
    let _none_before = fs::remove_file(&link);
    let _another_was_first = symlink(&elsewhere, &link);
    elsewhere
}

/// Told by its size and not by what is left of it, so that all processes of a run come to the same. What is in it counts as memory
/// of the container, where that is limited.
fn is_room_in_memory() -> bool {
    let size = statvfs(MEMORY).map_or(0, |found| found.f_blocks.saturating_mul(found.f_frsize));
    let limit =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    size.min(limit.unwrap_or(u64::MAX) / 2) >= MEMORY_BYTES_MIN
}

fn open_to_others(dir: &Path) -> bool {
    dir.ancestors().all(|one| fs::metadata(one).is_ok_and(|found| found.mode() & 0o001 != 0))
}

fn database_name() -> String {
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let salt = hex::encode(clock::random_bytes::<4>());
    format!("test_{}_{serial}_{salt}", std::process::id())
}

/// The name of the template for the present migrations, made if nobody made it yet.
async fn template(server: &Server, maintenance: &mut PgConnection) -> String {
    let mut digest = Sha256::new();
    for migration in MIGRATOR.iter() {
        digest.update(migration.version.to_be_bytes());
        digest.update(&migration.checksum);
    }
    let name = format!("template_{}", hex::encode(&digest.finalize()[..8]));
    if !exists(maintenance, &name).await {
        sqlx::query("select pg_advisory_lock($1)")
            .bind(TEMPLATE_LOCK)
            .execute(&mut *maintenance)
            .await
            .unwrap();
        if !exists(maintenance, &name).await {
            make_template(server, maintenance, &name).await;
        }
        sqlx::query("select pg_advisory_unlock($1)").bind(TEMPLATE_LOCK).execute(maintenance).await.unwrap();
    }
    name
}

/// Migrates beside and renames, so that an interrupted run leaves no half-made template.
async fn make_template(server: &Server, maintenance: &mut PgConnection, name: &str) {
    for old in names_like(maintenance, r"template\_%").await {
        // A test of an older build may be copying it just now; a later one drops it.
        let _still_in_use = drop_database(maintenance, &old).await;
    }
    run(maintenance, "create database template_unfinished".to_owned()).await.unwrap();
    let owner = postgres::connect_as_owner(&server.url("template_unfinished"), &settings()).await.unwrap();
    let migrated: Result<(), DatabaseError> = postgres::migrate(&owner).await;
    owner.close().await;
    if let Err(error) = migrated {
        panic!("the migrations failed: {:#}", anyhow::Error::from(error));
    }
    // The server may be slow to notice that a session has said goodbye, and renames nothing that is in use.
    let sessions =
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'template_unfinished'";
    run(maintenance, sessions.to_owned()).await.unwrap();
    run(maintenance, format!("alter database template_unfinished rename to {name}")).await.unwrap();
}

/// Drops the databases of test processes that are gone.
async fn sweep(maintenance: &mut PgConnection) {
    for name in names_like(maintenance, r"test\_%").await {
        let owner = name.split('_').nth(1).and_then(|pid| Pid::from_raw(pid.parse().ok()?));
        if owner.is_none_or(|pid| test_kill_process(pid).is_err()) {
            // Another process may be sweeping it at this moment.
            let _swept_by_another = drop_database(maintenance, &name).await;
        }
    }
}

async fn names_like(maintenance: &mut PgConnection, pattern: &str) -> Vec<String> {
    sqlx::query_scalar("select datname::text from pg_database where datname like $1")
        .bind(pattern)
        .fetch_all(maintenance)
        .await
        .unwrap()
}

async fn exists(maintenance: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(maintenance)
        .await
        .unwrap()
}

async fn drop_database(maintenance: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    run(maintenance, format!("drop database if exists {name} with (force)")).await
}

/// Names of databases cannot be parameters; those here are made of letters, digits and underscores.
async fn run(connection: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    sqlx::query(&statement).execute(connection).await.map(drop)
}
