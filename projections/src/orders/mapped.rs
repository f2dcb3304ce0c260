//! Whether rows were read by another mapping of statuses than the one in use, and a rebuild would tell them anew.

use logistics_domain::status::CURRENT;
use sqlx::PgExecutor;

/// Whether there are such rows. Looks until it finds one, through all of them if there is none.
pub async fn are_read_by_another_mapping(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from logistics_orders where mapping_version <> $1)")
        .bind(CURRENT.version)
        .fetch_one(executor)
        .await
}
