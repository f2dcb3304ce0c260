//! Reading for one tenant: the second wall between tenants, besides the scope that every query takes.
//!
//! A connection of the [`Reader`] works under the role `ledger_reader`. Policies in the database show it the rows of the
//! one tenant that [`Reader::of`] was asked for, whatever a query forgets, and it can write nothing. There is no other
//! way to such a connection, so none is ever without a tenant. Orders and all that is listed of them are read this way; what stands
//! beside one order (comments, documents, raw evidence, requests) is read under the service's role, once the order was found so.
//!
//! What a query must know of policies: they are checked before any condition that could leak a row, so under them an
//! index serves comparisons of numbers, instants, ids and texts, but no pattern and no containment (`like`, `@>`).
//! Whoever needs such an index puts the search into a function of the owner (`security definer`) that asks for
//! `ledger.tenant` itself.
//!
//! Readers take [permits](super::read_permits), as many at a time as the processors can work on.
//!
//! Absent: reading over all tenants, which is the staff's and the background work's, under the service's own role.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use logistics_domain::TenantId;
use sqlx::{PgConnection, PgPool};

use super::kept::{Lent, Shelf};
use super::pool::{PoolSettings, SessionRole, answered, beside};
use super::read_permits::{ReadPermit, ReadPermits};
use super::silence::{in_time, is_silence};
use super::{DatabaseError, Usage};

/// How long a connection may take to answer before it is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// Gives connections that see one tenant's rows. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Reader {
    shelf: Arc<Shelf>,
    permits: ReadPermits,
}

/// A connection that sees the rows of one tenant. Dropped, it goes back to the pool, whatever state it is in.
#[derive(Debug)]
pub struct Reading {
    lent: Lent,
    shelf: Arc<Shelf>,
    permit: Option<ReadPermit>,
}

impl Reader {
    /// A reader of the database that the pool works on, with as many connections as the pool may have. None is opened
    /// before it is needed. As many read at a time as this machine's processors can work on.
    pub fn beside(pool: &PgPool) -> Self {
        Self::taking(pool, ReadPermits::of_this_machine())
    }

    /// A reader that lets at most `permits` callers read at a time, but for who waited too long for one.
    pub fn with_permits(pool: &PgPool, permits: usize) -> Self {
        Self::taking(pool, ReadPermits::of(permits))
    }

    fn taking(pool: &PgPool, permits: ReadPermits) -> Self {
        let pool = beside(pool, SessionRole::Reader, &PoolSettings::default());
        Self { shelf: Arc::new(Shelf::over(pool)), permits }
    }

    /// A connection that sees this tenant's rows and nobody else's. Costs a round trip, unless one is at hand that was
    /// released by a reader of the same tenant.
    pub async fn of(&self, tenant: TenantId) -> sqlx::Result<Reading> {
        let permit = self.permits.take().await;
        let mut lent = self.shelf.take(Some(tenant), ANSWER_WAIT).await?;
        if lent.tenant != Some(tenant) {
            // Nobody's until the answer is there: whoever breaks off leaves no session of a tenant that is not sure.
            lent.tenant = None;
            let setting = sqlx::query("select set_config('ledger.tenant', $1, false)")
                .bind(tenant.0.to_string())
                .execute(&mut *lent.connection);
            let set = in_time(ANSWER_WAIT, setting).await;
            if set.as_ref().is_err_and(is_silence) {
                lent.connection.close_on_drop();
            }
            set?;
            lent.tenant = Some(tenant);
        }
        Ok(Reading { lent, shelf: Arc::clone(&self.shelf), permit })
    }

    /// Asks for a sign of life, as [`ping`](super::ping) does.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let asked = async {
            let mut lent = self.shelf.take(None, ANSWER_WAIT).await?;
            sqlx::query("select 1").execute(&mut *lent.connection).await?;
            self.shelf.keep(lent);
            Ok(())
        };
        answered(asked).await
    }

    /// How many connections there are now.
    pub fn usage(&self) -> Usage {
        self.shelf.usage()
    }

    /// Closes the connections, once those in use are given back.
    pub async fn close(&self) {
        self.shelf.close().await;
    }
}

impl Reading {
    /// Leaves the permit to the next one, and keeps the connection. For those who will take long.
    pub fn leave_permit(&mut self) {
        self.permit = None;
    }

    /// Has the connection closed instead of given back, since it is of no use any more.
    pub fn close_on_drop(&mut self) {
        self.lent.connection.close_on_drop();
    }

    /// Leaves the connection at hand for the next reader. For those who read what they wanted to its end: what failed or was
    /// broken off is dropped instead, for the pool to look over.
    pub fn release(self) {
        self.shelf.keep(self.lent);
    }
}

impl Deref for Reading {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.lent.connection
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.lent.connection
    }
}
