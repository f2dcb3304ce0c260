//! Migrations, run as the owner of the tables. Many instances may start at once: the first one migrates
//! under an advisory lock, the others wait and find the work done.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

use super::DatabaseError;

/// Every migration, compiled in.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The oldest major version of PostgreSQL that the ledger works with.
pub const OLDEST_SERVER: i32 = 15;

/// Brings the tables up to date. Harmless to repeat.
pub async fn migrate(owner: &PgPool) -> Result<(), DatabaseError> {
    require_public_schema(owner).await?;
    MIGRATOR.run(owner).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => DatabaseError::Newer { version },
        MigrateError::VersionMismatch(version) => DatabaseError::Edited { version },
        other => DatabaseError::Migrate(other),
    })
}

/// Refuses a session whose tables would land in another schema than the one that the service's roles may use. A schema
/// of the user's own name comes before it by itself.
async fn require_public_schema(owner: &PgPool) -> Result<(), DatabaseError> {
    let (found, user, database): (Option<String>, String, String) = sqlx::query_as(
        "select current_schema()::text, quote_ident(session_user), quote_ident(current_database())",
    )
    .fetch_one(owner)
    .await
    .map_err(DatabaseError::Connect)?;
    match found.as_deref() {
        Some("public") => Ok(()),
        Some(other) => Err(DatabaseError::OtherSchema { found: other.to_owned(), user, database }),
        None => Err(DatabaseError::NoSchema { user }),
    }
}

/// Refuses a server that is too old, before anything is asked of it that it cannot do.
pub async fn require_supported_server(owner: &PgPool) -> Result<(), DatabaseError> {
    let found: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int / 10000")
        .fetch_one(owner)
        .await
        .map_err(DatabaseError::Connect)?;
    if found < OLDEST_SERVER { Err(DatabaseError::OldServer { found }) } else { Ok(()) }
}
