//! Ledgers to be sealed: events in bulk, as the owner of the tables, and what the definition says of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_ledger::audit::checkpoints::{self, StoredCheckpoint};
use logistics_ledger::audit::note::VerifierKey;
use logistics_ledger::audit::seal::{Sealing, seal};
use logistics_ledger::audit::signing_key::{SigningKey, current};
use logistics_ledger::audit::{AuditError, Hash, Sealer, empty_root, node_hash};
use logistics_ledger::clock::Clock;
use logistics_ledger::secrets::KeyRing;
use logistics_projections::TenantScope;
use sqlx::PgPool;

use crate::support::database::TestDatabase;

pub const TENANT: TenantId = TenantId(7);
pub const OTHER: TenantId = TenantId(8);
pub const NAME: &str = "ledger.example";

/// A database in which ledgers grow and are sealed.
pub struct World {
    pub database: TestDatabase,
    pub ring: KeyRing,
    pub clock: Clock,
}

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

impl World {
    pub async fn create() -> Self {
        let ring = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".parse().unwrap();
        Self { database: TestDatabase::create_with(8).await, ring, clock: Clock::manual(start()) }
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    pub fn owner(&self) -> &PgPool {
        self.database.owner_pool()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.owner()).await.unwrap()
    }

    /// Lets the tenant's ledger grow to this size. What the events say does not matter here.
    pub async fn grow(&self, tenant: TenantId, size: i64) {
        sqlx::raw_sql(&format!(
            "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                                 tenant_id, position, recorded_at, leaf_hash)
             select 'logistics_order', lpad('{tenant}', 32, '0')::uuid, n + 1, 'OrderReleased', '1.0', '{{}}', '{{}}',
                    {tenant}, n, now(), sha256(('{tenant} ' || n)::bytea)
             from generate_series((select coalesce(max(position), -1) + 1 from events where tenant_id = {tenant}),
                                  {size} - 1) n;
             insert into ledger_heads (tenant_id, next_position) values ({tenant}, {size})
             on conflict (tenant_id) do update set next_position = excluded.next_position"
        ))
        .execute(self.owner())
        .await
        .unwrap();
    }

    /// Changes what triggers keep from changes, as the owner can.
    pub async fn tamper(&self, sql: &str) {
        let sql = format!("begin; set local session_replication_role = replica; {sql}; commit");
        sqlx::raw_sql(&sql).execute(self.owner()).await.unwrap();
    }

    pub async fn key(&self) -> SigningKey {
        current(self.pool(), &self.ring, &self.clock, NAME).await.unwrap()
    }

    pub fn sealer(&self, ring: &KeyRing) -> Sealer {
        self.sealer_at(ring, Duration::ZERO)
    }

    /// Seals at this interval.
    pub fn sealer_at(&self, ring: &KeyRing, every: Duration) -> Sealer {
        Sealer::over(self.pool().clone(), ring.clone(), self.clock.clone(), NAME.to_owned(), every)
    }

    pub fn sealing(&self) -> Sealing<'_> {
        Sealing::by(&self.ring, &self.clock, NAME)
    }

    pub async fn try_seal(&self, tenant: TenantId) -> Result<Option<StoredCheckpoint>, AuditError> {
        seal(self.pool(), &self.sealing(), scope(tenant)).await
    }

    /// Seals, and tells the newest checkpoint after that.
    pub async fn seal(&self, tenant: TenantId) -> StoredCheckpoint {
        self.try_seal(tenant).await.unwrap().unwrap()
    }

    /// The tenant's checkpoints, the smallest first.
    pub async fn checkpoints(&self, tenant: TenantId) -> Vec<StoredCheckpoint> {
        let rows = checkpoints::after(self.pool(), &scope(tenant), 0, 1000).await.unwrap();
        rows.into_iter().map(|row| row.whole().unwrap()).collect()
    }

    /// The leaf hashes of the tenant's events, in their order.
    pub async fn leaves(&self, tenant: TenantId) -> Vec<Hash> {
        sqlx::query_scalar("select leaf_hash from events where tenant_id = $1 order by position")
            .bind(tenant.0)
            .fetch_all(self.owner())
            .await
            .unwrap()
    }

    /// That every checkpoint of the tenant is signed, and over the ledger as the definition has it, with its subtrees.
    pub async fn assert_whole(&self, tenant: TenantId) {
        let leaves = self.leaves(tenant).await;
        let checkpoints = self.checkpoints(tenant).await;
        for checkpoint in &checkpoints {
            let key: VerifierKey = checkpoint.verifier_key.parse().unwrap();
            let signed = key.open(&checkpoint.note).unwrap();
            let root = root(&leaves[..usize::try_from(checkpoint.size).unwrap()]);
            assert_eq!((checkpoint.root, signed.root), (root, root), "{}", checkpoint.size);
            assert_eq!(signed.size.cast_signed(), checkpoint.size);
        }
        let sealed = checkpoints.last().map_or(0, |newest| usize::try_from(newest.size).unwrap());
        let stored: Vec<(i16, i64, Hash)> = sqlx::query_as(
            "select level, index, hash from audit_subtrees where tenant_id = $1 order by level, index",
        )
        .bind(tenant.0)
        .fetch_all(self.owner())
        .await
        .unwrap();
        let complete = [8_i16, 16, 24].into_iter().flat_map(|level| {
            let parts = leaves[..sealed].chunks_exact(1 << level).enumerate();
            parts.map(move |(index, part)| (level, i64::try_from(index).unwrap(), root(part)))
        });
        assert_eq!(stored, complete.collect::<Vec<_>>());
    }
}

pub const fn scope(tenant: TenantId) -> TenantScope {
    TenantScope::granted(tenant)
}

/// The root of these leaves by the definition (RFC 6962, 2.1).
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len().next_power_of_two() / 2);
            node_hash(&root(left), &root(right))
        }
    }
}
