//! The database as the application sees it: started, migrated, connected to, closed. Where no URL is given
//! the private server is booted, and held for as long as this value lives.

use sqlx::migrate::MigrateError;
use sqlx::{Connection, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use super::embedded::{BootError, EmbeddedSettings, Server};
use super::{OLDEST_SERVER, PoolSettings, connect, connect_as_owner, migrate, require_supported_server};

/// The database of the private server that holds the ledger.
const EMBEDDED_DATABASE: &str = "ledger";

/// SQLSTATE of `create database` where the name is taken; a unique violation tells the same in a race.
const NAME_TAKEN: [&str; 2] = ["42P04", "23505"];

/// Which database to use.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The URL of a PostgreSQL server that someone else keeps (`DATABASE_URL`), or none for a private one.
    pub url: Option<String>,
    /// Where and how the private server runs; unused with a URL.
    pub embedded: EmbeddedSettings,
    /// The bounds of the service's pool.
    pub pool: PoolSettings,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The private server did not come up.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The URL cannot be read.
    #[error(
        "DATABASE_URL is not a PostgreSQL URL; it should look like postgres://user:password@host:5432/database"
    )]
    BadUrl(#[source] sqlx::Error),
    /// The server does not answer, or refuses us.
    #[error("the database does not answer; check that it runs and that DATABASE_URL names it")]
    Connect(#[source] sqlx::Error),
    /// No answer came in time.
    #[error("the database gave no answer in {seconds} s")]
    Silent {
        /// How long was waited.
        seconds: u64,
    },
    /// The server is older than the ledger needs.
    #[error("the database server is PostgreSQL {found}; {OLDEST_SERVER} or later is needed")]
    OldServer {
        /// Its major version.
        found: i32,
    },
    /// New tables would land where the service does not look for them.
    #[error(
        "the ledger's tables have to lie in the schema public, and the schema {found} comes first for the user of DATABASE_URL: run \
         `alter role {user} in database {database} set search_path = public`, and then this again"
    )]
    OtherSchema {
        /// The schema where they would land.
        found: String,
        /// The connecting user, quoted.
        user: String,
        /// The database, quoted.
        database: String,
    },
    /// There is nowhere to make a table.
    #[error(
        "the ledger's tables have to lie in the schema public, which is missing or closed to the user of DATABASE_URL: run \
         `create schema if not exists public; grant usage, create on schema public to {user}`, and then this again"
    )]
    NoSchema {
        /// The connecting user, quoted.
        user: String,
    },
    /// A newer ledger has been here.
    #[error("the database was migrated to {version} by a newer ledger; run that one, or a newer one yet")]
    Newer {
        /// The first migration that this build does not know.
        version: i64,
    },
    /// A migration's text is not the one that was applied.
    #[error("migration {version} differs from the one that was applied; use a released build of the ledger")]
    Edited {
        /// The migration.
        version: i64,
    },
    /// A migration failed.
    #[error("the database could not be migrated")]
    Migrate(#[source] MigrateError),
}

/// A database that is up and new enough. Dropping it, or closing it, leaves the private server; the last
/// process that leaves stops it.
#[derive(Debug)]
pub struct Database {
    url: String,
    pool: PoolSettings,
    server: Option<Server>,
}

impl Database {
    /// Finds the database that the settings name, or boots the private server, and checks its version.
    pub async fn start(settings: &DatabaseSettings) -> Result<Self, DatabaseError> {
        let (url, server) = if let Some(url) = &settings.url {
            (url.clone(), None)
        } else {
            let server = Server::start_async(&settings.embedded).await?;
            create_embedded_database(&server).await?;
            (server.url(EMBEDDED_DATABASE), Some(server))
        };
        let database = Self { url, pool: settings.pool.clone(), server };
        let owner = database.owner_pool().await?;
        let supported = require_supported_server(&owner).await;
        owner.close().await;
        supported.map(|()| database)
    }

    /// [`Database::start`] for a service: a private server that recovers is waited for, however long that takes, until it is
    /// asked to end. Its supervisor might end the server with it, and then recovery would begin again each time.
    pub async fn start_patiently(
        settings: &DatabaseSettings,
        ending: &CancellationToken,
    ) -> Result<Self, DatabaseError> {
        loop {
            match Self::start(settings).await {
                Err(DatabaseError::Boot(BootError::Recovering { log, .. })) if !ending.is_cancelled() => {
                    tracing::warn!(log = %log.display(), "PostgreSQL still recovers after a crash; it is waited for");
                }
                outcome => return outcome,
            }
        }
    }

    /// Brings the tables up to date, as their owner. Harmless to repeat, and to do from many instances.
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        let owner = self.owner_pool().await?;
        let migrated = migrate(&owner).await;
        owner.close().await;
        migrated
    }

    /// Opens the service's pool, under the role `ledger_app`. The database must have been migrated.
    pub async fn pool(&self) -> Result<PgPool, DatabaseError> {
        connect(&self.url, &self.pool).await
    }

    /// Opens a small pool as the owner of the tables, for work on the tables themselves.
    pub async fn owner_pool(&self) -> Result<PgPool, DatabaseError> {
        connect_as_owner(&self.url, &self.pool).await
    }

    /// The URL that was given, password and all, or that of the private server. Not for a log.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Leaves the private server and stops it if nobody else uses it. Close the pools first.
    pub async fn close(self) -> Result<(), DatabaseError> {
        match self.server {
            Some(server) => Ok(server.stop_async().await?),
            None => Ok(()),
        }
    }
}

async fn create_embedded_database(server: &Server) -> Result<(), DatabaseError> {
    let mut connection =
        PgConnection::connect(&server.url("postgres")).await.map_err(DatabaseError::Connect)?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(EMBEDDED_DATABASE)
        .fetch_one(&mut connection)
        .await
        .map_err(DatabaseError::Connect)?;
    if !exists {
        let made = sqlx::query("create database ledger").execute(&mut connection).await;
        if let Err(error) = made {
            let code = error.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
            if !code.is_some_and(|code| NAME_TAKEN.contains(&code.as_str())) {
                return Err(DatabaseError::Connect(error));
            }
        }
    }
    connection.close().await.map_err(DatabaseError::Connect)
}
