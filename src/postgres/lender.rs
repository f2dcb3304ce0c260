//! Where lines get the connections that their statements go over.

use std::future::Future;
use std::hash::Hash;
use std::ops::DerefMut;

use logistics_projections::TenantScope;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use super::reader::{Reader, Reading};

/// Lends connections. Cloning shares it.
pub(crate) trait Lender: Clone + Send + Sync + 'static {
    /// For whom a connection is good, and who has a line of their own therefore.
    type Whose: Copy + Eq + Hash + Send + Sync + 'static;
    /// A connection. Dropped, it goes back to the pool, which looks it over.
    type Lent: DerefMut<Target = PgConnection> + Send;

    /// A connection that is good for them.
    fn lend(&self, whose: Self::Whose) -> impl Future<Output = sqlx::Result<Self::Lent>> + Send;

    /// Takes a connection back whose statement ended well, unless the line may have it for the next one.
    fn take_back(lent: Self::Lent) -> Option<Self::Lent>;

    /// Has a connection closed, since it is of no use any more.
    fn close(lent: Self::Lent);
}

/// The service's own connections, one line for everybody. The line keeps its connection until nobody stands in it: the pool would
/// ask for a sign of life between any two statements.
impl Lender for PgPool {
    type Whose = ();
    type Lent = PoolConnection<Postgres>;

    fn lend(&self, (): ()) -> impl Future<Output = sqlx::Result<Self::Lent>> + Send {
        self.acquire()
    }

    fn take_back(lent: Self::Lent) -> Option<Self::Lent> {
        Some(lent)
    }

    fn close(mut lent: Self::Lent) {
        lent.close_on_drop();
    }
}

/// Connections that see one tenant's rows, a line for each tenant. Every statement takes a turn of its own.
impl Lender for Reader {
    type Whose = TenantScope;
    type Lent = Reading;

    fn lend(&self, whose: TenantScope) -> impl Future<Output = sqlx::Result<Reading>> + Send {
        self.of(whose.tenant())
    }

    fn take_back(lent: Reading) -> Option<Reading> {
        lent.release();
        None
    }

    fn close(mut lent: Reading) {
        lent.close_on_drop();
    }
}
