//! What readings of an account leave with it: that one ended well, and that it is to begin anew. Absent: up to where it was
//! read, which the readers keep (`sync::cursor`).

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use sqlx::PgConnection;

use super::{Tenancy, TenancyError};

impl Tenancy {
    /// Notes that a poll of the account, begun at `polled_at`, ended well, in which these tenants took part. An earlier
    /// poll that ends later changes nothing; what a clock that was ahead noted for later than `believed_to` gives way.
    pub async fn record_poll(
        connection: &mut PgConnection,
        account: AccountId,
        took_part: &[TenantId],
        polled_at: DateTime<Utc>,
        believed_to: DateTime<Utc>,
    ) -> Result<(), TenancyError> {
        // The account first, as whoever changes a configuration takes them.
        sqlx::query(
            "update mintsoft_accounts set last_polled_at =
               case when last_polled_at <= $3 then greatest(last_polled_at, $2) else $2 end
             where id = $1",
        )
        .bind(account.0)
        .bind(polled_at)
        .bind(believed_to)
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "update logistics_config set last_synced_at =
               case when last_synced_at <= $4 then greatest(last_synced_at, $2) else $2 end
             where account_id = $1 and tenant_id = any($3)",
        )
        .bind(account.0)
        .bind(polled_at)
        .bind(took_part.iter().map(|tenant| tenant.0).collect::<Vec<_>>())
        .bind(believed_to)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Has the account read from the beginning: what it holds may belong to others, or to somebody at last, than when it
    /// was read. Up to where it had been read, for each tenant that is switched on, is kept: the beginning is no later. A run
    /// that is under way moves no cursor any more: what it began with is counted, since by the clock a change that waits for
    /// its turn is older than a run that begins meanwhile.
    pub(super) async fn read_anew(
        connection: &mut PgConnection,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<(), TenancyError> {
        // The account first: whoever is storing a cursor holds it, and whoever comes later waits for it.
        sqlx::query(
            "update mintsoft_accounts set times_read_anew = times_read_anew + 1, read_anew_at = $2 where id = $1",
        )
        .bind(account.0)
        .bind(now)
        .execute(&mut *connection)
        .await?;
        // Without a cursor it was not read to an end since the last time, and what was kept then still holds.
        sqlx::query(
            "with forgotten as (delete from sync_cursors where account_id = $1 returning kind, since),
                  synced as (select min(c.last_synced_at) as at from logistics_config c join tenants t on t.id = c.tenant_id
                             where c.account_id = $1 and c.sync_enabled and t.is_active)
             update mintsoft_accounts set
               orders_read_to = least((select at from synced),
                 coalesce((select since from forgotten where kind = 'orders'), orders_read_to)),
               scans_read_to = least((select at from synced),
                 coalesce((select since from forgotten where kind = 'tracking'), scans_read_to))
             where id = $1",
        )
        .bind(account.0)
        .execute(connection)
        .await?;
        Ok(())
    }
}
