//! Making a data directory and bringing its server up: `initdb` beside and renamed, so that an interrupted
//! one leaves nothing half made; then the server itself, waited for until it accepts connections.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::account::Account;
use super::binaries::Binaries;
use super::layout::Layout;
use super::memory::shared_buffers_mb;
use super::postmaster::{self, State};
use super::{BootError, EmbeddedSettings, SUPERUSER};

/// Compresses the whole pages in the log, where the server was built with it.
const LZ4: &str = "wal_compression=lz4";

const PAUSE: Duration = Duration::from_millis(5);
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// What the server says while the processes of a killed predecessor have not all let go yet.
const STILL_IN_USE: &str = "pre-existing shared memory block";

/// How much of the end of a log is told, in bytes.
const LOG_TAIL: u64 = 2_000;

/// Brings the server up, or finds it up. Only under the boot lock.
pub(super) fn bring_up(
    layout: &Layout,
    account: &Account,
    settings: &EmbeddedSettings,
) -> Result<(), BootError> {
    let deadline = Instant::now() + settings.start_limit;
    let mut binaries = None;
    loop {
        match postmaster::state(layout) {
            State::Ready => return Ok(()),
            State::Busy => {}
            found @ (State::Absent | State::Dead) => {
                if found == State::Dead {
                    postmaster::clear_dead(layout)?;
                }
                let binaries = match &mut binaries {
                    Some(known) => known,
                    none => none.insert(initialise(layout, account, settings)?),
                };
                if spawn(layout, account, binaries, settings, deadline)? {
                    return Ok(());
                }
                thread::sleep(RETRY_PAUSE);
            }
        }
        if Instant::now() > deadline {
            return Err(late(layout, settings));
        }
        thread::sleep(PAUSE);
    }
}

/// Finds the programs for this data directory, and makes its data if there is none.
fn initialise(
    layout: &Layout,
    account: &Account,
    settings: &EmbeddedSettings,
) -> Result<Binaries, BootError> {
    let made_by = major_of_cluster(&layout.cluster);
    let binaries = Binaries::find(&settings.binaries, &layout.data_dir, made_by, account)?;
    if made_by.is_some() {
        return Ok(binaries);
    }
    // The ctype knows the letters of every language; the collation is plain bytes, so that no index depends
    // on the machine's language tables. Where the ctype is unknown, plain bytes must do for both.
    let attempt = initdb(layout, account, &binaries, &["--lc-collate=C", "--lc-ctype=C.UTF-8"]);
    if let Err(BootError::Initdb { .. }) = attempt {
        initdb(layout, account, &binaries, &["--locale=C"])?;
    } else {
        attempt?;
    }
    Ok(binaries)
}

fn initdb(layout: &Layout, account: &Account, binaries: &Binaries, locale: &[&str]) -> Result<(), BootError> {
    let beside = layout.home.join("cluster.unfinished");
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(BootError::io("clear away", &beside))?;
    }
    let output = account
        .command(binaries.dir.join("initdb"))
        .arg("--pgdata")
        .arg(&beside)
        .args(["--auth=trust", "--encoding=UTF8", "--data-checksums", "--no-instructions"])
        .arg(format!("--username={SUPERUSER}"))
        .args(locale)
        .output()
        .map_err(BootError::io("run initdb for", &beside))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BootError::Initdb { dir: layout.cluster.clone(), said });
    }
    fs::rename(&beside, &layout.cluster).map_err(BootError::io("put in place", &layout.cluster))
}

/// The major version that made the data, or none if there are no data.
fn major_of_cluster(cluster: &Path) -> Option<u32> {
    fs::read_to_string(cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Starts the server. False if it must be tried again, since a predecessor has not wholly ended. One that is not ready in time
/// is left alone: recovery after a crash replays the log since the last checkpoint, and one that is broken off begins there again.
fn spawn(
    layout: &Layout,
    account: &Account,
    binaries: &Binaries,
    settings: &EmbeddedSettings,
    deadline: Instant,
) -> Result<bool, BootError> {
    let Some(lock) = layout.lock_for_server(account)? else { return Ok(false) };
    let log = layout.open_log(account)?;
    let log_start = log.metadata().map_or(0, |found| found.len());
    let share = || log.try_clone().map_err(BootError::io("share", &layout.log));
    // Where others have their input, the server has its lock: every process of it inherits it, and none reads it.
    let mut child = server_command(layout, account, binaries, settings)
        .stdin(lock)
        .stdout(share()?)
        .stderr(share()?)
        .spawn()
        .map_err(BootError::io("run PostgreSQL from", &binaries.dir))?;
    loop {
        if child.try_wait().map_err(BootError::io("watch", &binaries.dir))?.is_some() {
            let said = end_of_log(&log, log_start);
            if said.contains(STILL_IN_USE) && Instant::now() < deadline {
                return Ok(false);
            }
            return Err(BootError::Ended { log: layout.log.clone(), said });
        }
        if postmaster::state(layout) == State::Ready {
            reap(child);
            return Ok(true);
        }
        if Instant::now() > deadline {
            reap(child);
            return Err(late(layout, settings));
        }
        thread::sleep(PAUSE);
    }
}

fn server_command(
    layout: &Layout,
    account: &Account,
    binaries: &Binaries,
    settings: &EmbeddedSettings,
) -> Command {
    let mut command = account.command(binaries.dir.join("postgres"));
    // Its own process group: a Ctrl-C meant for the ledger must not end the server before the ledger left it.
    command.process_group(0).arg("-D").arg(&layout.cluster).args(["-p", "5432"]);
    let mut sockets = OsString::from("unix_socket_directories=\"");
    sockets.push(&layout.socket_dir);
    sockets.push("\"");
    command.arg("-c").arg(sockets);
    for setting in [
        "listen_addresses=".to_owned(),
        "unix_socket_permissions=0700".to_owned(),
        format!("max_connections={}", settings.max_connections),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_checkpoints=off".to_owned(),
        // What went wrong is logged, and not the whole statement each time.
        "log_min_error_statement=panic".to_owned(),
        "jit=off".to_owned(),
        format!("shared_buffers={}MB", shared_buffers_mb()),
        // Fewer checkpoints: after each, the first change of a page writes the whole page to the log.
        "max_wal_size=2GB".to_owned(),
        "cluster_name=logistics-ledger".to_owned(),
    ] {
        command.arg("-c").arg(setting);
    }
    // Those whole pages are most of what the log takes.
    if knows(layout, account, binaries, LZ4) {
        command.arg("-c").arg(LZ4);
    }
    command
}

/// Whether the server takes the setting; one that was built without it would not start.
fn knows(layout: &Layout, account: &Account, binaries: &Binaries, setting: &str) -> bool {
    let mut asked = account.command(binaries.dir.join("postgres"));
    asked.arg("-D").arg(&layout.cluster).args(["-C", "wal_compression", "-c", setting]);
    asked.output().is_ok_and(|answer| answer.status.success())
}

/// Waits for the server's end in the background: unreaped, it would still seem to be there.
fn reap(mut child: Child) {
    let waiting = thread::Builder::new().name("postgres-reaper".to_owned());
    if let Err(error) = waiting.spawn(move || child.wait()) {
        tracing::warn!(%error, "the end of PostgreSQL will go unnoticed");
    }
}

/// What was written to the log since `from`, or the end of it.
fn end_of_log(mut log: &File, from: u64) -> String {
    let mut read = || -> std::io::Result<Vec<u8>> {
        let start = from.max(log.metadata()?.len().saturating_sub(LOG_TAIL));
        log.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        log.take(LOG_TAIL).read_to_end(&mut tail)?;
        Ok(tail)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).trim().to_owned()
}

/// Why a server that lives is not waited for any longer.
fn late(layout: &Layout, settings: &EmbeddedSettings) -> BootError {
    let (seconds, log) = (settings.start_limit.as_secs(), layout.log.clone());
    if postmaster::is_recovering(layout) {
        BootError::Recovering { seconds, log }
    } else {
        BootError::Slow { what: "for PostgreSQL to accept connections", seconds, log }
    }
}
