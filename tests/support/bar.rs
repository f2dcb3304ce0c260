//! A bar before the rows of a table. A statement that reads one stops there until the bar is lifted; it is under way by then, and
//! sees what was true when it began.

use sqlx::{Postgres, Transaction};

use super::database::TestDatabase;
use super::service::until;

/// What those wait for who stand at the bar.
const LOCK: i64 = 0x0062_6172;

/// The bar, as long as it is held.
pub struct Bar<'d> {
    database: &'d TestDatabase,
    holder: Transaction<'static, Postgres>,
}

impl<'d> Bar<'d> {
    /// Stops whoever reads the table from now on but its owner.
    pub async fn before(database: &'d TestDatabase, table: &str) -> Self {
        let mut holder = database.owner_pool().begin().await.unwrap();
        for statement in [
            format!("alter table {table} enable row level security"),
            format!("create policy open_to_service on {table} to ledger_app using (true)"),
            format!(
                "create policy bar on {table} as restrictive for select \
                 using (pg_advisory_xact_lock_shared({LOCK}) is not null)"
            ),
        ] {
            sqlx::query(&statement).execute(database.owner_pool()).await.unwrap();
        }
        sqlx::query("select pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *holder).await.unwrap();
        Self { database, holder }
    }

    /// Waits until somebody stands there.
    pub async fn is_reached(&self) {
        let standing = "select exists (select from pg_locks join pg_database d on d.oid = database \
             where datname = current_database() and locktype = 'advisory' and objid::bigint = $1 and not granted)";
        until("a statement stands at the bar", async || {
            let asked = sqlx::query_scalar(standing).bind(LOCK).fetch_one(self.database.owner_pool());
            asked.await.unwrap()
        })
        .await;
    }

    /// Lets everybody through.
    pub async fn lift(self) {
        self.holder.rollback().await.unwrap();
    }
}
