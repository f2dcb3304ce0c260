//! Where the statements of [batches](super::batching) get their connections.

use std::future::Future;
use std::hash::Hash;
use std::ops::DerefMut;

use logistics_projections::TenantScope;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};

use super::reader::{Reader, Reading};

/// Gives connections. Cloning shares it.
pub(crate) trait ConnectionSource: Clone + Send + Sync + 'static {
    /// For whom a connection is good, and who has a queue of their own therefore.
    type Audience: Copy + Eq + Hash + Send + Sync + 'static;
    /// A connection. Dropped, it goes back to the pool, which looks it over.
    type Connection: DerefMut<Target = PgConnection> + Send;

    /// A connection that is good for them.
    fn connection_for(
        &self,
        audience: Self::Audience,
    ) -> impl Future<Output = sqlx::Result<Self::Connection>> + Send;

    /// Takes a connection back whose statement ended well, unless the queue may have it for the next one.
    fn take_back(connection: Self::Connection) -> Option<Self::Connection>;

    /// Has a connection closed, since it is of no use any more.
    fn close(connection: Self::Connection);
}

/// The service's own connections, one queue for everybody. The queue keeps its connection until it is empty: the pool would ask for a
/// sign of life between any two statements.
impl ConnectionSource for PgPool {
    type Audience = ();
    type Connection = PoolConnection<Postgres>;

    fn connection_for(&self, (): ()) -> impl Future<Output = sqlx::Result<Self::Connection>> + Send {
        self.acquire()
    }

    fn take_back(connection: Self::Connection) -> Option<Self::Connection> {
        Some(connection)
    }

    fn close(mut connection: Self::Connection) {
        connection.close_on_drop();
    }
}

/// Connections that see one tenant's rows, a queue for each tenant. Every statement takes a permit of its own.
impl ConnectionSource for Reader {
    type Audience = TenantScope;
    type Connection = Reading;

    fn connection_for(&self, audience: TenantScope) -> impl Future<Output = sqlx::Result<Reading>> + Send {
        self.of(audience.tenant())
    }

    fn take_back(connection: Reading) -> Option<Reading> {
        connection.release();
        None
    }

    fn close(mut connection: Reading) {
        connection.close_on_drop();
    }
}
