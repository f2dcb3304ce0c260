//! What most commands begin with: the database, started if it is the private one, and brought up to date.

use std::future::Future;

use anyhow::Context as _;
use sqlx::PgPool;

use crate::config::DatabaseArgs;
use crate::postgres::Database;

/// Does `work` on the database, and leaves it properly however the work ends.
pub(super) async fn with_database<T, W: Future<Output = anyhow::Result<T>>>(
    args: &DatabaseArgs,
    work: impl FnOnce(PgPool) -> W,
) -> anyhow::Result<T> {
    let database = Database::start(&args.settings()?).await?;
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
    let pool = database.pool().await?;
    let outcome = work(pool.clone()).await;
    pool.close().await;
    outcome
}
