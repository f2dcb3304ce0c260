//! The account that runs the server. PostgreSQL refuses root, so as root its programs run under an account
//! that exists in the password file, since `initdb` looks itself up there.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::OFlags;

use super::BootError;

const PASSWORD_FILE: &str = "/etc/passwd";

/// In the order of preference: `nobody` is shared with others, so it comes last.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// A user and a group, and whether programs must be switched to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    switch: bool,
}

impl Account {
    /// The account to run under: ourselves, or as root whoever owns `home` already, else a candidate.
    pub(super) fn choose(home: &Path) -> Result<Self, BootError> {
        let uid = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(home).ok().map(|found| found.uid());
        if uid != 0 {
            if let Some(owner) = owner.filter(|owner| *owner != uid) {
                return Err(BootError::Foreign { dir: home.to_owned(), owner });
            }
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self { name: format!("number {uid}"), uid, gid, switch: false });
        }
        let passwords = fs::read_to_string(PASSWORD_FILE).unwrap_or_default();
        match owner.filter(|owner| *owner != 0) {
            Some(owner) => find(&passwords, |_, uid| uid == owner),
            None => CANDIDATES.iter().find_map(|wanted| find(&passwords, |name, _| name == *wanted)),
        }
        .ok_or(BootError::NoAccount)
    }

    /// A command that runs as this account, away from our environment: its variables (`PGPORT`, `LANG`)
    /// would change what the server does.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").stdin(Stdio::null()).current_dir("/");
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Makes a directory that we just made this account's own. A link in its place is not followed: whoever
    /// could put one there would be given what it points at.
    pub(super) fn own(&self, dir: &Path) -> Result<(), BootError> {
        if !self.switch {
            return Ok(());
        }
        lchown(dir, Some(self.uid), Some(self.gid)).map_err(BootError::io("give away", dir))
    }

    /// Opens a file for reading and for writing at its end, and makes it if it is missing, this account's own.
    /// As root we share its directory with the account, so links are not followed.
    pub(super) fn open(&self, path: &Path) -> Result<File, BootError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).mode(0o600);
        match options.clone().create_new(true).open(path) {
            Ok(made) if self.switch => fchown(&made, Some(self.uid), Some(self.gid)).map(|()| made),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
            }
            otherwise => otherwise,
        }
        .map_err(BootError::io("open", path))
    }

    /// Fails with the first directory on the way to `path` that this account may not enter.
    pub(super) fn reach(&self, path: &Path) -> Result<(), BootError> {
        match self.closed_directory(path) {
            Some(dir) => Err(BootError::Unreachable { account: self.name.clone(), dir }),
            None => Ok(()),
        }
    }

    /// The first directory on the way to `path`, itself included, that this account may not enter.
    pub(super) fn closed_directory(&self, path: &Path) -> Option<PathBuf> {
        if !self.switch {
            return None;
        }
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        way.into_iter().find(|dir| !self.may_enter(dir)).map(Path::to_owned)
    }

    fn may_enter(&self, dir: &Path) -> bool {
        let Ok(found) = fs::metadata(dir) else { return false };
        let needed = if found.uid() == self.uid {
            0o100
        } else if found.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        found.mode() & needed != 0
    }
}

/// The first line of a password file that fits.
fn find(passwords: &str, fits: impl Fn(&str, u32) -> bool) -> Option<Account> {
    passwords.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        fits(name, uid).then(|| Account { name: name.to_owned(), uid, gid, switch: true })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORDS: &str =
        "root:x:0:0:root:/root:/bin/bash\n# a remark\nnobody:x:65534:65533::/:/bin/false\n";

    #[test]
    fn an_account_is_found_by_name_or_number_and_nonsense_is_passed_over() {
        let nobody = find(PASSWORDS, |name, _| name == "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
        assert_eq!(find(PASSWORDS, |_, uid| uid == 65534), Some(nobody));
        assert_eq!(find(PASSWORDS, |name, _| name == "postgres"), None);
    }
}
