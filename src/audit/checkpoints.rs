//! The checkpoints of each ledger, as they were signed.

use std::collections::HashMap;

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

/// How far a ledger was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedHead {
    /// How many events the checkpoint is over.
    pub size: i64,
    /// Their Merkle root.
    pub root: LeafHash,
}

impl StoredCheckpoint {
    /// How far it reaches.
    pub const fn head(&self) -> SealedHead {
        SealedHead { size: self.size, root: self.root }
    }
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

/// How far the newest checkpoints of these tenants reach; none of one whose ledger was not sealed yet.
pub(super) async fn heads_of(
    executor: impl PgExecutor<'_>,
    tenants: &[i64],
) -> sqlx::Result<HashMap<i64, SealedHead>> {
    let heads: Vec<(i64, i64, LeafHash)> = sqlx::query_as(
        "select given.tenant_id, newest.size, newest.root from unnest($1::bigint[]) as given (tenant_id) cross join lateral (\
           select c.size, c.root from audit_checkpoints c where c.tenant_id = given.tenant_id order by c.size desc limit 1) newest",
    )
    .bind(tenants)
    .fetch_all(executor)
    .await?;
    Ok(heads.into_iter().map(|(tenant, size, root)| (tenant, SealedHead { size, root })).collect())
}

/// Keeps a checkpoint of the tenant, for ever.
pub(super) async fn insert(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    checkpoint: &StoredCheckpoint,
) -> sqlx::Result<()> {
    let StoredCheckpoint { size, root, note, verifier_key, sealed_at } = checkpoint;
    sqlx::query(
        "insert into audit_checkpoints (tenant_id, size, root, note, verifier_key, sealed_at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(scope.tenant().0)
    .bind(size)
    .bind(root)
    .bind(note)
    .bind(verifier_key)
    .bind(sealed_at)
    .execute(executor)
    .await
    .map(drop)
}
