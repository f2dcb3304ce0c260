//! Finding PostgreSQL's programs: a directory that was named, the search path, where the packages of Debian,
//! Red Hat and Homebrew put them, or a copy that was unpacked below the data directory. Nothing is fetched.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::BootError;
use super::account::Account;
use crate::postgres::OLDEST_SERVER;

/// Directories with a directory per major version in them: (parent, prefix of the version).
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// Directories without a version in their name.
const PLAIN: [&str; 3] = ["/opt/homebrew/bin", "/usr/local/pgsql/bin", "/usr/libexec/postgresql"];

/// Where to look for PostgreSQL's programs, first match wins.
#[derive(Clone, Debug, Default)]
pub struct BinarySearch {
    /// The directory that holds `postgres` and `initdb` (`LEDGER_PG_BIN_DIR`); if given, the only one.
    pub bin_dir: Option<PathBuf>,
    /// The search path of programs (`PATH`).
    pub search_path: Option<OsString>,
    /// Directories with unpacked copies, `<major>/bin` in each; that of the data directory is always looked at.
    pub unpacked: Vec<PathBuf>,
}

/// The programs of one installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) dir: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// The programs for new data (any major that is new enough), or for data that a major made.
    pub(super) fn find(
        search: &BinarySearch,
        data_dir: &Path,
        made_by: Option<u32>,
        account: &Account,
    ) -> Result<Self, BootError> {
        let found: Vec<Self> =
            directories(search, data_dir).iter().filter_map(|dir| Self::probe(dir, account)).collect();
        choose(&found, data_dir, made_by)
    }

    /// Asks both programs for their version, as the account: a copy may be out of its reach, or half there.
    fn probe(dir: &Path, account: &Account) -> Option<Self> {
        let postgres = fs::canonicalize(dir.join("postgres")).ok()?;
        let initdb = fs::canonicalize(dir.join("initdb")).ok()?;
        for program in [&postgres, &initdb] {
            if account.closed_directory(program.parent()?).is_some() {
                return None;
            }
        }
        let said = |program| account.command(program).arg("--version").output().ok();
        let major = major_of(&String::from_utf8_lossy(&said(&postgres)?.stdout))?;
        let dir = postgres.parent()?.to_owned();
        said(&initdb)?.status.success().then_some(Self { dir, major })
    }
}

fn choose(found: &[Binaries], data_dir: &Path, made_by: Option<u32>) -> Result<Binaries, BootError> {
    if let Some(made_by) = made_by {
        return found.iter().find(|one| one.major == made_by).cloned().ok_or_else(|| {
            let majors: Vec<String> = found.iter().map(|one| one.major.to_string()).collect();
            let found = if majors.is_empty() { "none".to_owned() } else { majors.join(", ") };
            BootError::OtherMajor { made_by, found, dir: data_dir.to_owned() }
        });
    }
    match found.iter().find(|one| one.major >= OLDEST_SERVER.unsigned_abs()) {
        Some(new_enough) => Ok(new_enough.clone()),
        None => Err(found.first().map_or(BootError::NoBinaries, |old| BootError::TooOld {
            found: old.major,
            dir: old.dir.clone(),
        })),
    }
}

fn directories(search: &BinarySearch, data_dir: &Path) -> Vec<PathBuf> {
    if let Some(named) = &search.bin_dir {
        return vec![named.clone()];
    }
    let mut all: Vec<PathBuf> = search.search_path.iter().flat_map(|path| split(path)).collect();
    for (parent, prefix) in VERSIONED {
        all.extend(versions(Path::new(parent), prefix));
    }
    all.extend(PLAIN.iter().map(PathBuf::from));
    all.extend(versions(&data_dir.join("postgresql"), ""));
    all.extend(search.unpacked.iter().flat_map(|dir| versions(dir, "")));
    all
}

fn split(search_path: &OsStr) -> impl Iterator<Item = PathBuf> {
    let parts = search_path.as_bytes().split(|byte| *byte == b':');
    parts.filter(|part| !part.is_empty()).map(|part| PathBuf::from(OsStr::from_bytes(part)))
}

/// `<parent>/<prefix><major>/bin`, newest first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let major = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// The major version in what `postgres --version` says: `postgres (PostgreSQL) 15.18 (Debian …)`, `… 18beta1`.
fn major_of(said: &str) -> Option<u32> {
    let version = said.split("(PostgreSQL) ").nth(1)?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(major: u32) -> Binaries {
        Binaries { dir: PathBuf::from(format!("/pg/{major}/bin")), major }
    }

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta2\n"), Some(19));
        assert_eq!(major_of("postgres: not found"), None);
    }

    #[test]
    fn existing_data_takes_only_its_own_major() {
        let found = [installed(18), installed(16)];
        assert_eq!(choose(&found, Path::new("/data"), Some(16)).unwrap(), installed(16));
        let refusal = choose(&found, Path::new("/data"), Some(17)).unwrap_err().to_string();
        assert!(refusal.contains("made by PostgreSQL 17"), "{refusal}");
        assert!(refusal.contains("found: 18, 16"), "{refusal}");
    }

    #[test]
    fn new_data_takes_the_first_that_is_new_enough() {
        assert_eq!(choose(&[installed(14), installed(16)], Path::new("/data"), None).unwrap(), installed(16));
        let refusal = choose(&[installed(14)], Path::new("/data"), None).unwrap_err().to_string();
        assert!(refusal.contains("only PostgreSQL 14"), "{refusal}");
    }

    #[test]
    fn without_any_programs_the_error_says_what_to_do() {
        let told = choose(&[], Path::new("/data"), None).unwrap_err().to_string();
        for remedy in ["apt-get install postgresql", "make demo", "DATABASE_URL"] {
            assert!(told.contains(remedy), "{told}");
        }
    }
}
