//! A connection that one task keeps for itself: taken from the pool with its role and limits, and replaced when lost.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection, PgPool};
use tokio::time::Instant;

use super::facets::KnownFacets;
use crate::postgres::in_time;

/// A connection that lay idle this long is asked for a sign of life before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);

/// How long a connection may take to answer or to be opened.
const OPEN_WAIT: Duration = Duration::from_secs(15);

/// How long the server is waited for to take a goodbye.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// A connection that nobody else has, with the facets that it has committed.
pub(super) struct ConnectionWithFacets<C: ?Sized> {
    pub(super) facets: KnownFacets,
    pub(super) connection: C,
}

impl<C> ConnectionWithFacets<C> {
    /// One that has committed nothing yet.
    pub(super) fn new(connection: C) -> Self {
        Self { facets: KnownFacets::default(), connection }
    }
}

/// A connection of its own, opened when first needed; in a box, so that it can be lent like a transaction.
pub(super) struct DedicatedConnection {
    pool: PgPool,
    own: Option<ConnectionWithFacets<Box<PgConnection>>>,
    used_at: Instant,
}

impl DedicatedConnection {
    pub(super) fn new(pool: PgPool) -> Self {
        Self { pool, own: None, used_at: Instant::now() }
    }

    /// The connection, newly opened if there is none that answers. A network that swallows everything is not waited for.
    pub(super) async fn open(&mut self) -> sqlx::Result<&mut ConnectionWithFacets<Box<PgConnection>>> {
        let own = self.take().await?;
        Ok(self.own.insert(own))
    }

    /// The connection taken away, newly opened if there is none that answers. Unless it is given back, the next one is a new one.
    pub(super) async fn take(&mut self) -> sqlx::Result<ConnectionWithFacets<Box<PgConnection>>> {
        let own = in_time(OPEN_WAIT, self.answering()).await?;
        self.used_at = Instant::now();
        Ok(own)
    }

    /// Takes back a connection that was taken away.
    pub(super) fn keep(&mut self, own: ConnectionWithFacets<Box<PgConnection>>) {
        self.own = Some(own);
    }

    async fn answering(&mut self) -> sqlx::Result<ConnectionWithFacets<Box<PgConnection>>> {
        let own = match self.own.take() {
            Some(own) if self.used_at.elapsed() < DOUBTFUL_AFTER => own,
            Some(mut own) => match own.connection.ping().await {
                Ok(()) => own,
                Err(_) => self.connect().await?,
            },
            None => self.connect().await?,
        };
        Ok(own)
    }

    /// Plans are made once: the arrays differ in length only, and planning a statement of many parts anew each
    /// time costs more than running it. A plan made while a table was small must not be one that reads it whole.
    async fn connect(&self) -> sqlx::Result<ConnectionWithFacets<Box<PgConnection>>> {
        let mut connection = self.pool.acquire().await?.detach();
        connection.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off").await?;
        Ok(ConnectionWithFacets::new(Box::new(connection)))
    }

    /// Gives up a connection that is in doubt.
    pub(super) fn discard(&mut self) {
        self.own = None;
    }

    /// Says goodbye to the server.
    pub(super) async fn close(&mut self) {
        if let Some(own) = self.own.take() {
            // The server notices by itself when the goodbye does not reach it.
            let _goodbye = tokio::time::timeout(CLOSE_WAIT, own.connection.close()).await;
        }
    }
}
