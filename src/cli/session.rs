//! What most commands begin with: the database, started if it is the private one, and brought up to date.

use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::PgPool;
use tokio::time::timeout;

use crate::config::DatabaseArgs;
use crate::ledger::rebuild::clear_leftovers;
use crate::postgres::Database;

/// How long connections that are still in use are waited for once the work has ended.
const CLOSED_WITHIN: Duration = Duration::from_secs(10);

/// Does `work` on the database, and leaves it properly however the work ends.
pub(super) async fn with_database<T, W: Future<Output = anyhow::Result<T>>>(
    args: &DatabaseArgs,
    work: impl FnOnce(PgPool) -> W,
) -> anyhow::Result<T> {
    with(Database::start(&args.settings()?).await?, work).await
}

/// Does `work` on a database that is started already, and leaves it properly however the work ends.
pub(super) async fn with<T, W: Future<Output = anyhow::Result<T>>>(
    database: Database,
    work: impl FnOnce(PgPool) -> W,
) -> anyhow::Result<T> {
    let outcome = migrated(&database, work).await;
    let closed = database.close().await.context("the private server did not stop");
    let value = outcome?;
    closed.map(|()| value)
}

async fn migrated<T, W: Future<Output = anyhow::Result<T>>>(
    database: &Database,
    work: impl FnOnce(PgPool) -> W,
) -> anyhow::Result<T> {
    database.migrate().await?;
    // What a rebuild that was killed left behind holds personal data that no erasure reaches.
    let owner = database.owner_pool().await?;
    let cleared = clear_leftovers(&owner, None).await;
    owner.close().await;
    cleared?;
    let pool = database.pool().await?;
    let outcome = work(pool.clone()).await;
    if timeout(CLOSED_WITHIN, pool.close()).await.is_err() {
        tracing::warn!("some connections to the database are still in use; this process ends without them");
    }
    outcome
}
