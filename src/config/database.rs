//! Which database: one that is named, or the private server in the data directory.

use std::path::PathBuf;

use clap::Args;

use super::of_the_system;
use crate::postgres::embedded::BinarySearch;
use crate::postgres::{DatabaseSettings, EmbeddedSettings, PoolSettings, default_data_dir};

/// The connections that the ledger keeps for itself, besides its pools.
const KEPT: u32 = 4;

/// The connections that the private server has for others than the service: commands beside it, and whoever looks.
const SPARE: u32 = 40;

/// Where the ledger keeps what it knows.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// A PostgreSQL server, 15 or later; without it a private server runs from the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "postgres://…")]
    pub database_url: Option<String>,

    /// The data directory: the private server, and the key file where no master key is given [default:
    /// /var/lib/logistics-ledger for root, else $XDG_DATA_HOME/logistics-ledger or ~/.local/share/logistics-ledger]
    #[arg(long, env = "LEDGER_DATA_DIR", value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,

    /// Where PostgreSQL's programs are, for the private server [default: wherever packages put them]
    #[arg(long, env = "LEDGER_PG_BIN_DIR", value_name = "DIRECTORY")]
    pub pg_bin_dir: Option<PathBuf>,

    /// The most connections to the database, 8 to 1000; as many again are opened for reading on behalf of tenants,
    /// and four that the ledger keeps for itself
    #[arg(long, env = "LEDGER_DATABASE_CONNECTIONS", default_value_t = PoolSettings::default().max_connections, value_parser = clap::value_parser!(u32).range(8..=1000))]
    pub database_connections: u32,

    /// The most statements that read on behalf of tenants at once, before others wait a moment for their turn [default: two
    /// for each processor of this machine]
    #[arg(long, env = "LEDGER_READS_AT_ONCE", value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "NUMBER")]
    pub reads_at_once: Option<u32>,
}

/// There is no place for the data directory.
#[derive(Debug, thiserror::Error)]
#[error("this user has no home directory; name a data directory with LEDGER_DATA_DIR")]
pub struct NoDataDir;

impl DatabaseArgs {
    /// The data directory, which may not exist yet.
    pub fn data_dir(&self) -> Result<PathBuf, NoDataDir> {
        if let Some(dir) = &self.data_dir {
            return std::path::absolute(dir).map_err(|_| NoDataDir);
        }
        let (xdg, home) = (of_the_system("XDG_DATA_HOME"), of_the_system("HOME"));
        let is_root = rustix::process::geteuid().is_root();
        default_data_dir(is_root, xdg.as_deref().map(AsRef::as_ref), home.as_deref().map(AsRef::as_ref))
            .ok_or(NoDataDir)
    }

    /// What the database's room needs to know.
    pub fn settings(&self) -> Result<DatabaseSettings, NoDataDir> {
        let mut embedded = EmbeddedSettings::at(self.data_dir()?);
        embedded.max_connections = embedded.max_connections.max(2 * self.database_connections + KEPT + SPARE);
        embedded.binaries = BinarySearch {
            bin_dir: self.pg_bin_dir.clone(),
            search_path: of_the_system("PATH"),
            // A copy that was unpacked for the usual data directory serves any other one too.
            unpacked: Self { data_dir: None, ..self.clone() }
                .data_dir()
                .map(|usual| usual.join("postgresql"))
                .into_iter()
                .collect(),
        };
        Ok(DatabaseSettings {
            url: self.database_url.clone(),
            embedded,
            pool: PoolSettings { max_connections: self.database_connections, ..PoolSettings::default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        database: DatabaseArgs,
    }

    #[test]
    fn the_private_server_takes_all_connections_that_the_service_may_open() {
        for (connections, accepted) in [("24", 200), ("78", 200), ("100", 244), ("1000", 2044)] {
            let typed =
                Typed::parse_from(["ledger", "--data-dir", "/data", "--database-connections", connections]);
            let settings = typed.database.settings().unwrap();
            assert_eq!(settings.embedded.max_connections, accepted, "{connections}");
            assert!(accepted > 2 * settings.pool.max_connections + KEPT);
        }
    }
}
