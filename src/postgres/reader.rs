//! Reading for one tenant: the second wall between tenants, besides the scope that every query takes.
//!
//! A connection of the [`Reader`] works under the role `ledger_reader`. Policies in the database show it the rows of the
//! one tenant that [`Reader::of`] was asked for, whatever a query forgets, and it can write nothing. There is no other
//! way to such a connection, so none is ever without a tenant. Everything that is answered to a tenant is read this way.
//!
//! What a query must know of policies: they are checked before any condition that could leak a row, so under them an
//! index serves comparisons of numbers, instants, ids and texts, but no pattern and no containment (`like`, `@>`).
//! Whoever needs such an index puts the search into a function of the owner (`security definer`) that asks for
//! `ledger.tenant` itself.
//!
//! Absent: reading over all tenants, which is the staff's and the background work's, under the service's own role.

use std::time::Duration;

use logistics_domain::TenantId;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};

use super::pool::{PoolSettings, SessionRole, beside};
use super::silence::{in_time, is_silence};
use super::{DatabaseError, Usage, ping, usage};

/// How long a connection may take to answer before it is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(15);

/// Gives connections that see one tenant's rows. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: PgPool,
}

impl Reader {
    /// A reader of the database that the pool works on, with as many connections as the pool may have. None is opened
    /// before it is needed.
    pub fn beside(pool: &PgPool) -> Self {
        Self { pool: beside(pool, SessionRole::Reader, &PoolSettings::default()) }
    }

    /// A connection that sees this tenant's rows and nobody else's. Costs one round trip.
    pub async fn of(&self, tenant: TenantId) -> sqlx::Result<PoolConnection<Postgres>> {
        let mut connection = self.pool.acquire().await?;
        // Set each time: whatever the connection was used for before is no business of this reader.
        let setting = sqlx::query("select set_config('ledger.tenant', $1, false)")
            .bind(tenant.0.to_string())
            .execute(&mut *connection);
        let set = in_time(ANSWER_WAIT, setting).await;
        if set.as_ref().is_err_and(is_silence) {
            connection.close_on_drop();
        }
        set.map(|_| connection)
    }

    /// Asks for a sign of life, as [`ping`] does.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        ping(&self.pool).await
    }

    /// How many connections there are now.
    pub fn usage(&self) -> Usage {
        usage(&self.pool)
    }

    /// Closes the connections, once those in use are given back.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
