//! A connection that one task keeps for itself: taken from the pool with its role and limits, and replaced when lost.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection, PgPool};
use tokio::time::Instant;

use crate::postgres::in_time;

/// A connection that lay idle this long is asked for a sign of life before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);

/// How long a connection may take to answer or to be opened.
const OPEN_WAIT: Duration = Duration::from_secs(15);

/// How long the server is waited for to take a goodbye.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// A connection of its own, opened when first needed.
pub(super) struct Line {
    pool: PgPool,
    connection: Option<PgConnection>,
    used_at: Instant,
}

impl Line {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, connection: None, used_at: Instant::now() }
    }

    /// The connection, newly opened if there is none that answers. A network that swallows everything is not waited for.
    pub(super) async fn open(&mut self) -> sqlx::Result<&mut PgConnection> {
        let connection = in_time(OPEN_WAIT, self.answering()).await?;
        self.used_at = Instant::now();
        Ok(self.connection.insert(connection))
    }

    async fn answering(&mut self) -> sqlx::Result<PgConnection> {
        let connection = match self.connection.take() {
            Some(connection) if self.used_at.elapsed() < DOUBTFUL_AFTER => connection,
            Some(mut connection) => match connection.ping().await {
                Ok(()) => connection,
                Err(_) => self.connect().await?,
            },
            None => self.connect().await?,
        };
        Ok(connection)
    }

    /// Plans are made once: the arrays differ in length only, and planning a statement of many parts anew each
    /// time costs more than running it. A plan made while a table was small must not be one that reads it whole.
    async fn connect(&self) -> sqlx::Result<PgConnection> {
        let mut connection = self.pool.acquire().await?.detach();
        connection.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off").await?;
        Ok(connection)
    }

    /// Gives up a connection that is in doubt.
    pub(super) fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Says goodbye to the server.
    pub(super) async fn close(self) {
        if let Some(connection) = self.connection {
            // The server notices by itself when the goodbye does not reach it.
            let _goodbye = tokio::time::timeout(CLOSE_WAIT, connection.close()).await;
        }
    }
}
