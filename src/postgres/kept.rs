//! Connections that a reader keeps at hand between two uses, each with the tenant that its session is set to.
//!
//! A pool asks a connection for a sign of life whenever it gets it back, and knows nothing of sessions. What is kept here is used
//! again at once, and where the next use is for the same tenant, nothing is set anew. Only a connection whose use ended well is
//! kept: one that was dropped, in the middle of a statement or after a failure, goes back to the pool, which looks it over, and
//! comes from there without a tenant.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use logistics_domain::TenantId;
use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgPool, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::pool::{DOUBTFUL_AFTER, Usage, usage};
use super::silence::in_time;

/// How long a connection is kept before the pool gets it back, which knows when one is too old.
const KEPT_AT_MOST: Duration = Duration::from_mins(10);

/// How long one may lie at hand unused: the pool gives back what a burst opened, and a network forgets what is silent.
const IDLE_AT_MOST: Duration = Duration::from_mins(1);

/// The pool, and what of it is kept at hand.
#[derive(Debug)]
pub(super) struct Shelf {
    pool: PgPool,
    /// As many as the pool may have connections: whoever holds one finds a connection kept, or room for it in the pool.
    places: Arc<Semaphore>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// The one that was used last stands last.
    kept: Vec<Kept>,
    /// How many wait for a connection of the pool.
    waiting: usize,
}

#[derive(Debug)]
struct Kept {
    connection: PoolConnection<Postgres>,
    tenant: TenantId,
    taken_at: Instant,
    used_at: Instant,
}

/// A connection that is lent, and its place among those that may be.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) connection: PoolConnection<Postgres>,
    /// What its session is set to; none where that is not known for sure.
    pub(super) tenant: Option<TenantId>,
    taken_at: Instant,
    _place: OwnedSemaphorePermit,
}

impl Shelf {
    pub(super) fn over(pool: PgPool) -> Self {
        let places = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Self { pool, places, held: Mutex::default() }
    }

    /// A connection, by choice one that is set to the tenant. One that lay idle for long is asked for a sign of life first, for
    /// as long as `wait`.
    pub(super) async fn take(&self, tenant: Option<TenantId>, wait: Duration) -> sqlx::Result<Lent> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = timeout(self.pool.options().get_acquire_timeout(), place).await;
        let place = place.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some(kept) = self.pick(tenant)? {
            let Kept { connection, tenant, taken_at, used_at } = kept;
            let mut doubtful = Doubtful(Some(connection));
            let wait = wait.min(self.pool.options().get_acquire_timeout());
            if used_at.elapsed() >= DOUBTFUL_AFTER && !doubtful.answers(wait).await {
                // Whatever happened to it may have happened to all of them.
                self.held().kept.drain(..).for_each(|kept| drop(Doubtful(Some(kept.connection))));
                continue;
            }
            if let Some(connection) = doubtful.0.take() {
                return Ok(Lent { connection, tenant: Some(tenant), taken_at, _place: place });
            }
        }
        let _waiting = Waiting(self);
        let connection = self.pool.acquire().await?;
        Ok(Lent { connection, tenant: None, taken_at: Instant::now(), _place: place })
    }

    /// One that is kept; where none is, whoever asked counts as [`Waiting`] from now on.
    fn pick(&self, tenant: Option<TenantId>) -> sqlx::Result<Option<Kept>> {
        if self.pool.is_closed() {
            return Err(sqlx::Error::PoolClosed);
        }
        let mut held = self.held();
        held.give_back_idle();
        if held.kept.is_empty() {
            held.waiting += 1;
            return Ok(None);
        }
        // Of those that are set to others, the one that was not used for longest.
        let place = held.kept.iter().rposition(|one| Some(one.tenant) == tenant).unwrap_or(0);
        Ok(Some(held.kept.remove(place)))
    }

    /// Keeps a connection whose use ended well.
    pub(super) fn keep(&self, lent: Lent) {
        let Lent { mut connection, tenant: Some(tenant), taken_at, _place } = lent else { return };
        if connection.is_in_transaction() {
            // What the next one sets would be unset by its end.
            connection.close_on_drop();
            return;
        }
        let mut held = self.held();
        held.give_back_idle();
        // Whoever waits at the pool would not see what is kept.
        if taken_at.elapsed() < KEPT_AT_MOST && held.waiting == 0 && !self.pool.is_closed() {
            held.kept.push(Kept { connection, tenant, taken_at, used_at: Instant::now() });
        }
    }

    pub(super) fn usage(&self) -> Usage {
        let kept = u32::try_from(self.held().kept.len()).unwrap_or(u32::MAX);
        let Usage { used, idle, max } = usage(&self.pool);
        Usage { used: used.saturating_sub(kept), idle: idle.saturating_add(kept), max }
    }

    /// Gives back what is kept, and closes the pool.
    pub(super) async fn close(&self) {
        let closing = self.pool.close();
        drop(std::mem::take(&mut self.held().kept));
        closing.await;
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shelf {
    /// There may be no runtime any more that could say goodbye.
    fn drop(&mut self) {
        for kept in std::mem::take(&mut self.held().kept) {
            drop(kept.connection.leak());
        }
    }
}

impl Held {
    /// Lets the pool have what lay idle for long; the one that was used last stands last.
    fn give_back_idle(&mut self) {
        let idle = self.kept.iter().take_while(|one| one.used_at.elapsed() > IDLE_AT_MOST).count();
        self.kept.drain(..idle);
    }
}

/// A connection that may not answer any more. Given up meanwhile it is closed: the pool would wait for it without a limit.
struct Doubtful(Option<PoolConnection<Postgres>>);

impl Doubtful {
    async fn answers(&mut self, wait: Duration) -> bool {
        match &mut self.0 {
            Some(connection) => in_time(wait, connection.ping()).await.is_ok(),
            None => false,
        }
    }
}

impl Drop for Doubtful {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}

/// Somebody waits for a connection of the pool, for as long as this lives.
struct Waiting<'a>(&'a Shelf);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.held().waiting -= 1;
    }
}
