//! The checkpoints of each ledger, as they were signed.

use chrono::{DateTime, Utc};
use logistics_projections::TenantScope;
use logistics_projections::event_log::LeafHash;
use sqlx::{FromRow, PgExecutor};

/// A checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredCheckpoint {
    /// How many events it is over.
    pub size: i64,
    /// The Merkle root over their leaf hashes.
    pub root: LeafHash,
    /// The signed note.
    pub note: String,
    /// The public key that verifies it, as `name+hash+key`.
    pub verifier_key: String,
    /// When it was signed (UTC).
    pub sealed_at: DateTime<Utc>,
}

const COLUMNS: &str = "size, root, note, verifier_key, sealed_at";

/// The tenant's newest checkpoint; none where nothing was sealed yet.
pub async fn newest(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
) -> sqlx::Result<Option<StoredCheckpoint>> {
    sqlx::query_as(&format!(
        "select {COLUMNS} from audit_checkpoints where tenant_id = $1 order by size desc limit 1"
    ))
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await
}

/// The public keys that verify the tenant's checkpoints, as `name+hash+key`: that of the newest checkpoint first, at most `limit`.
pub async fn verifier_keys(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select verifier_key from audit_checkpoints where tenant_id = $1 \
         group by verifier_key order by max(size) desc limit $2",
    )
    .bind(scope.tenant().0)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The tenant's checkpoints of more than `size` events, the smallest first, at most `limit`.
pub async fn after(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    size: i64,
    limit: i64,
) -> sqlx::Result<Vec<StoredCheckpoint>> {
    sqlx::query_as(&format!(
        "select {COLUMNS} from audit_checkpoints where tenant_id = $1 and size > $2 order by size limit $3"
    ))
    .bind(scope.tenant().0)
    .bind(size)
    .bind(limit)
    .fetch_all(executor)
    .await
}
