//! What the postmaster's pid file and the process table say about the server of a data directory.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::BootError;
use super::layout::Layout;

/// The name that the system shows for the process, against a number that another program got since.
const PROCESS_NAME: &str = "postgres";

/// The line of the pid file, counted from 0, that says how far the server is.
const STATUS_LINE: usize = 7;

/// What stands there from the server's first moments until it has replayed its log, or an archive of it.
const RECOVERING: [&str; 2] = ["starting", "standby"];

/// `SSLRequest` of PostgreSQL's protocol: its length and its code.
const ENCRYPTION_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// How long a server that says it is ready may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// What is known of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No server, and no trace of one.
    Absent,
    /// A pid file whose server is gone.
    Dead,
    /// It starts or stops.
    Busy,
    /// It accepts connections.
    Ready,
}

/// Looks at the server of this layout.
pub(super) fn state(layout: &Layout) -> State {
    let Ok(text) = fs::read_to_string(pid_file(layout)) else { return State::Absent };
    let says_ready = text.lines().nth(STATUS_LINE).is_some_and(|status| status.trim() == "ready");
    // A server that answers lives, even one whose number means nothing here (another container's).
    if says_ready && answers(&layout.socket()) {
        return State::Ready;
    }
    if lives(layout, &text) { State::Busy } else { State::Dead }
}

/// Whether the server of this pid file lives: its number is one of this machine's, or its lock is held, as by one in another
/// container, whose number means nothing here.
fn lives(layout: &Layout, text: &str) -> bool {
    first_number(text).is_some_and(is_alive) || layout.is_server_held()
}

/// Whether the server lives and is not through with its start, which after a crash takes as long as replaying its log does.
pub(super) fn is_recovering(layout: &Layout) -> bool {
    let Ok(text) = fs::read_to_string(pid_file(layout)) else { return false };
    let says_so = text.lines().nth(STATUS_LINE).is_some_and(|status| RECOVERING.contains(&status.trim()));
    says_so && lives(layout, &text)
}

/// Whether no process is the server: a cheap look, to be confirmed by [`state`].
pub(super) fn is_gone(layout: &Layout) -> bool {
    !lives(layout, &fs::read_to_string(pid_file(layout)).unwrap_or_default())
}

/// Asks for encryption, as every client may before it says who it is: one letter comes back from a server that
/// works. That it could be connected to proves nothing, since the socket of a dying one still accepts.
fn answers(socket: &Path) -> bool {
    let ask = || -> std::io::Result<[u8; 1]> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        stream.write_all(&ENCRYPTION_REQUEST)?;
        let mut answer = [0];
        stream.read_exact(&mut answer).map(|()| answer)
    };
    ask().is_ok_and(|answer| matches!(answer, [b'N' | b'S']))
}

/// Takes away the pid file of a dead server. PostgreSQL does so itself, except where the number still exists:
/// a zombie that nobody reaps (common in containers), or another program after a restart of the machine.
pub(super) fn clear_dead(layout: &Layout) -> Result<(), BootError> {
    let path = pid_file(layout);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(BootError::io("remove", &path)(error)),
        _ => Ok(()),
    }
}

/// Asks the server to end; `Signal::INT` ends its connections first, `Signal::QUIT` ends at once (and safely).
pub(super) fn signal(layout: &Layout, signal: Signal) {
    let pid = fs::read_to_string(pid_file(layout)).ok().and_then(|text| first_number(&text));
    if let Some(pid) = pid.filter(|pid| is_alive(*pid)) {
        // It may have ended meanwhile, which is what is wanted.
        let _ended_already = rustix::process::kill_process(pid, signal);
    }
}

fn pid_file(layout: &Layout) -> PathBuf {
    layout.cluster.join("postmaster.pid")
}

fn first_number(text: &str) -> Option<Pid> {
    // A stand-alone backend writes its number negated.
    Pid::from_raw(text.lines().next()?.trim().parse::<i32>().ok()?.checked_abs()?)
}

fn is_alive(pid: Pid) -> bool {
    if matches!(rustix::process::test_kill_process(pid), Err(Errno::SRCH)) {
        return false;
    }
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let Ok(stat) = fs::read_to_string(process.join("stat")) else {
        // No process table to read here: believe the signal.
        return !Path::new("/proc/self/stat").exists();
    };
    stat_shows_server(&stat)
}

/// `123 (postgres) S …`: the name may hold anything, so it ends at the last bracket.
fn stat_shows_server(stat: &str) -> bool {
    let Some((before, after)) = stat.rsplit_once(')') else { return false };
    let name = before.split_once('(').map_or("", |(_, name)| name);
    let state = after.trim_start().chars().next().unwrap_or('X');
    name == PROCESS_NAME && !matches!(state, 'Z' | 'X' | 'x')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zombie_and_another_program_are_not_the_server() {
        assert!(stat_shows_server("41 (postgres) S 1 41 41 0 -1"));
        assert!(!stat_shows_server("41 (postgres) Z 1 41 41 0 -1"));
        assert!(!stat_shows_server("41 (a (postgres) b) S 1 41"));
        assert!(!stat_shows_server("nonsense"));
    }

    #[test]
    fn a_server_of_another_container_is_not_dead_as_long_as_its_lock_is_held() {
        let name = format!("logistics-ledger-test-{}", hex::encode(crate::clock::random_bytes::<6>()));
        let home = Path::new("/tmp").join(name);
        let (cluster, log, socket_dir) = (home.join("cluster"), home.join("server.log"), home.join("run"));
        fs::create_dir_all(&cluster).unwrap();
        let layout = Layout { data_dir: home.clone(), home: home.clone(), cluster, log, socket_dir };
        // No process has so large a number.
        let unknown = |status: &str| format!("{}\n/data\n0\n5432\n/run\n\n  1 1\n{status}\n", i32::MAX);
        let look = |status: &str| {
            fs::write(pid_file(&layout), unknown(status)).unwrap();
            (state(&layout), is_recovering(&layout), is_gone(&layout))
        };
        assert_eq!(look("ready"), (State::Dead, false, true));
        let lock = fs::File::create(home.join("server.lock")).unwrap();
        assert_eq!(look("ready"), (State::Dead, false, true));
        lock.lock().unwrap();
        for (status, is_recovering) in [("ready", false), ("starting", true), ("stopping", false)] {
            assert_eq!(look(status), (State::Busy, is_recovering, false), "{status}");
        }
        lock.unlock().unwrap();
        assert_eq!(look("starting"), (State::Dead, false, true));
        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn the_number_is_the_first_line_and_never_a_group_or_everyone() {
        assert_eq!(first_number("41\n/data\n"), Pid::from_raw(41));
        assert_eq!(first_number("-41\n/data\n"), Pid::from_raw(41));
        assert_eq!(first_number("0\n"), None);
        assert_eq!(first_number(""), None);
    }
}
