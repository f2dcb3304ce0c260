//! How long ago each account was read, for those who watch the service.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::jobs::CLOCKS_APART_MAX;

/// For each account that is to be read: how many seconds ago a poll of it last ended well, or, where none has, it was
/// configured. A poll that ended later than now, by a clock that was ahead, tells nothing of how long ago that was.
pub async fn poll_lags(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<(Uuid, f64)>> {
    sqlx::query_as(
        "select a.id, greatest(extract(epoch from $1 - case when a.last_polled_at <= $2 then a.last_polled_at else a.created_at end), 0)::float8
         from mintsoft_accounts a
         where exists (select from logistics_config c join tenants t on t.id = c.tenant_id
                       where c.account_id = a.id and c.sync_enabled and t.is_active)
         order by 1",
    )
    .bind(now)
    .bind(now + CLOCKS_APART_MAX)
    .fetch_all(pool)
    .await
}
