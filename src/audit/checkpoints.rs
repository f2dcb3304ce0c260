//! The checkpoints of each ledger, as they were signed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use logistics_projections::TenantScope;
use logistics_projections::event_log::LeafHash;
use sqlx::{FromRow, PgExecutor};

use super::error::AuditError;
use super::tree::empty_root;

/// A checkpoint as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A checkpoint as it stands in the table, whatever somebody made of it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct CheckpointRow {
    /// How many events it is over.
    pub size: i64,
    root: Vec<u8>,
    note: String,
    verifier_key: String,
    /// None where what is stored is no instant of the years 1 to 9999.
    sealed_at: Option<DateTime<Utc>>,
}

/// How far a tenant's newest checkpoint reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct LastCheckpoint {
    /// Whose ledger.
    pub tenant_id: i64,
    /// How many events it is over.
    pub size: i64,
    /// When it was signed (UTC); none where what is stored is no instant of the years 1 to 9999.
    pub sealed_at: Option<DateTime<Utc>>,
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

impl CheckpointRow {
    /// The checkpoint; where nothing can have been sealed so, the name of what is not right.
    pub fn whole(self) -> Result<StoredCheckpoint, &'static str> {
        let Self { size, root, note, verifier_key, sealed_at } = self;
        let root = root.try_into().map_err(|_| "root")?;
        let sealed_at = sealed_at.ok_or("instant")?;
        Ok(StoredCheckpoint { size, root, note, verifier_key, sealed_at })
    }
}

/// An instant that the client's calendar does not have would be a panic in place of an answer.
const SEALED_AT: &str = "case when sealed_at >= '0001-01-01T00:00:00Z' and sealed_at < '10000-01-01T00:00:00Z' \
                         then sealed_at end as sealed_at";

const COLUMNS: &str = "size, coalesce(root, '') as root, coalesce(note, '') as note, \
                       coalesce(verifier_key, '') as verifier_key";

/// The tenant's newest checkpoint; none where nothing was sealed yet. [`AuditError::Altered`] where what is stored is none.
pub async fn newest(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
) -> Result<Option<StoredCheckpoint>, AuditError> {
    let row: Option<CheckpointRow> = sqlx::query_as(&format!(
        "select {COLUMNS}, {SEALED_AT} from audit_checkpoints where tenant_id = $1 order by size desc limit 1"
    ))
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let size = row.size;
    row.whole().map(Some).map_err(|_| AuditError::altered(*scope, size))
}

/// The size of the tenant's newest checkpoint, whatever else is stored of it; none where nothing was sealed yet.
pub(super) async fn newest_size(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select max(size) from audit_checkpoints where tenant_id = $1")
        .bind(scope.tenant().0)
        .fetch_one(executor)
        .await
}

/// The newest checkpoint of each tenant, by tenant. It reads these alone, however many there are before them.
pub(super) async fn newest_of_all(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<LastCheckpoint>> {
    sqlx::query_as(&format!(
        "with recursive newest as ( \
           (select tenant_id, size, sealed_at from audit_checkpoints order by tenant_id desc, size desc limit 1) \
           union all \
           select next.tenant_id, next.size, next.sealed_at from newest cross join lateral ( \
             select c.tenant_id, c.size, c.sealed_at from audit_checkpoints c where c.tenant_id < newest.tenant_id \
             order by c.tenant_id desc, c.size desc limit 1) next) \
         select tenant_id, size, {SEALED_AT} from newest order by tenant_id"
    ))
    .fetch_all(executor)
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
) -> sqlx::Result<Vec<CheckpointRow>> {
    sqlx::query_as(&format!(
        "select {COLUMNS}, {SEALED_AT} from audit_checkpoints where tenant_id = $1 and size > $2 order by size limit $3"
    ))
    .bind(scope.tenant().0)
    .bind(size)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// How far the newest checkpoints of these tenants reach; none of one whose ledger was not sealed yet. A
/// root that is none is told as that of an empty log, which no checkpoint has.
pub(super) async fn heads_of(
    executor: impl PgExecutor<'_>,
    tenants: &[i64],
) -> sqlx::Result<HashMap<i64, SealedHead>> {
    let heads: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
        "select given.tenant_id, newest.size, newest.root from unnest($1::bigint[]) as given (tenant_id) cross join lateral (\
           select c.size, coalesce(c.root, '') as root from audit_checkpoints c where c.tenant_id = given.tenant_id order by c.size desc limit 1) newest",
    )
    .bind(tenants)
    .fetch_all(executor)
    .await?;
    let read = |(tenant, size, root): (i64, i64, Vec<u8>)| {
        (tenant, SealedHead { size, root: root.try_into().unwrap_or_else(|_| empty_root()) })
    };
    Ok(heads.into_iter().map(read).collect())
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
