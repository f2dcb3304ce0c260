//! How far the ledgers have come, for those who watch the service.

use sqlx::PgPool;

/// The tenants whose ledgers have begun, and how many events each holds.
pub async fn heads(pool: &PgPool) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("select tenant_id, next_position from ledger_heads order by 1").fetch_all(pool).await
}
