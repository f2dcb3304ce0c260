//! What the tests of verification work with: a world whose ledger of Ladore's is sealed, and a hand that reaches past the ledger.

use aws_lc_rs::signature::Ed25519KeyPair;
use chrono::{DateTime, Utc};
use logistics_ledger::audit::checkpoints::StoredCheckpoint;
use logistics_ledger::audit::dossier::{CheckpointFile, Dossier, checkpoint, dossier};
use logistics_ledger::audit::note::{Checkpoint, VerifierKey};
use logistics_ledger::audit::seal::{Sealing, seal};
use logistics_ledger::audit::signing_key::{self, SigningKey};
use logistics_ledger::audit::verify_ledger::verify_ledger;
use logistics_ledger::audit::{AuditFile, LedgerReport};
use logistics_ledger::ledger::leaf::{Content, canonical_json, leaf_hash};
use logistics_projections::TenantScope;
use serde_json::Value;
use sqlx::Executor as _;

use crate::support::world::{LADORE, World};

/// What the names of logs begin with here.
const NAME: &str = "ledger.example";

/// The tables that prove a ledger, and that a test may damage.
const TABLES: [&str; 4] = ["events", "ledger_heads", "audit_checkpoints", "audit_subtrees"];

pub struct Sealed {
    pub world: World,
    pub key: SigningKey,
}

#[derive(sqlx::FromRow)]
struct Stored {
    aggregate_type: String,
    aggregate_id: String,
    sequence: i64,
    event_type: String,
    event_version: String,
    payload: Value,
    metadata: Value,
    position: i64,
    recorded_at: DateTime<Utc>,
}

impl Sealed {
    /// A ledger of so many orders, not sealed yet.
    pub async fn unsealed(orders: u32) -> Self {
        let world = World::shared().await;
        for order in 1..=orders {
            world.order(&format!("ladore-{order}"));
        }
        world.poll().await;
        let key = signing_key::current(world.pool(), &world.sources.ring, &world.clock, NAME).await.unwrap();
        Self { world, key }
    }

    /// Three orders that are sealed, despatched and sealed again, and a fourth one that is not.
    pub async fn twice() -> Self {
        let sealed = Self::unsealed(0).await;
        let orders = ["ladore-1", "ladore-2", "ladore-3"].map(|number| sealed.world.order(number));
        sealed.world.poll().await;
        sealed.seal().await;
        for order in orders {
            sealed.world.mintsoft.despatch(order, Some("JD1")).unwrap();
        }
        sealed.world.poll().await;
        sealed.seal().await;
        sealed.world.order("ladore-4");
        sealed.world.poll().await;
        sealed
    }

    /// Seals what was appended.
    pub async fn seal(&self) -> StoredCheckpoint {
        let world = &self.world;
        let sealing = Sealing::by(&world.sources.ring, &world.clock, NAME);
        seal(world.pool(), &sealing, scope()).await.unwrap().unwrap()
    }

    /// Lets the ledger grow to this size by events that say nothing, each with its leaf hash.
    pub async fn grow(&self, size: i64) {
        let field = |bytes: &str| format!("int8send(octet_length({bytes})::bigint) || {bytes}");
        let content = [
            "'logistics_order'::bytea",
            "id::bytea",
            "int8send(n + 1)",
            "'OrderReleased'::bytea",
            "'1.0'::bytea",
            "'{}'::bytea",
            "'{}'::bytea",
        ]
        .map(field)
        .join(" || ");
        let sql = format!(
            "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
                                 tenant_id, position, recorded_at, leaf_hash) \
             select 'logistics_order', id, n + 1, 'OrderReleased', '1.0', '{{}}', '{{}}', 7, n, now(), \
                    sha256('\\x00'::bytea || int8send(7) || int8send(n) \
                           || int8send((extract(epoch from now()) * 1000000)::bigint) || sha256({content})) \
             from (select n, lpad('7', 32, '0')::uuid::text as id \
                   from generate_series((select coalesce(max(position), -1) + 1 from events where tenant_id = 7), \
                                        {size}::bigint - 1) n) places; \
             insert into ledger_heads (tenant_id, next_position) values (7, {size}) \
             on conflict (tenant_id) do update set next_position = excluded.next_position"
        );
        self.world.database.owner_pool().execute(sqlx::raw_sql(&sql)).await.unwrap();
    }

    /// Has another key sign from now on.
    pub async fn renew_key(&mut self) {
        let world = &self.world;
        let renewed = signing_key::renew(world.pool(), &world.sources.ring, &world.clock, Some(NAME)).await;
        self.key = renewed.unwrap().key;
    }

    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key(LADORE)
    }

    /// The sizes of the checkpoints that are stored.
    pub async fn sizes(&self) -> Vec<i64> {
        sqlx::query_scalar("select size from audit_checkpoints where tenant_id = 7 order by size")
            .fetch_all(self.world.pool())
            .await
            .unwrap()
    }

    pub async fn events(&self) -> i64 {
        self.world.count("select count(*) from events where tenant_id = 7").await
    }

    /// The newest checkpoint, as it is taken away.
    pub async fn checkpoint(&self, since: Option<u64>) -> CheckpointFile {
        let mut connection = self.world.pool().acquire().await.unwrap();
        checkpoint(&mut connection, scope(), since).await.unwrap().unwrap()
    }

    /// The dossier of an order, as it is taken away.
    pub async fn dossier(&self, mintsoft_order_id: i64) -> Dossier {
        let mut connection = self.world.pool().acquire().await.unwrap();
        let order = self.world.stream(mintsoft_order_id);
        dossier(&mut connection, scope(), order).await.unwrap().unwrap()
    }

    pub async fn verify(&self) -> LedgerReport {
        self.verify_against(&[], &[]).await
    }

    pub async fn verify_against(&self, keys: &[VerifierKey], kept: &[Checkpoint]) -> LedgerReport {
        verify_ledger(self.world.pool(), scope(), keys, kept).await
    }

    /// What is found, a line each.
    pub async fn findings(&self) -> Vec<String> {
        let report = self.verify().await;
        assert!(report.broken_off.is_none(), "{report:?}");
        report.findings.iter().map(ToString::to_string).collect()
    }

    /// Keeps a copy of all that a test may damage.
    pub async fn copy(&self) {
        for table in TABLES {
            self.tamper(&format!("create table copy_of_{table} as table {table}")).await;
        }
    }

    /// Makes all as it was copied.
    pub async fn restore(&self) {
        for table in TABLES {
            self.tamper(&format!("delete from {table}; insert into {table} table copy_of_{table}")).await;
        }
    }

    /// Changes what is stored, as the owner, whom no trigger holds up.
    pub async fn tamper(&self, sql: &str) {
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        self.world.database.owner_pool().execute(sqlx::raw_sql(&sql)).await.unwrap();
    }

    /// Gives every event the leaf hash that fits what is stored of it, as somebody would who hides a change.
    pub async fn mend_leaves(&self) {
        let events: Vec<Stored> = sqlx::query_as("select * from events where tenant_id = 7")
            .fetch_all(self.world.database.owner_pool())
            .await
            .unwrap();
        for event in &events {
            let leaf = hex::encode(leaf(event));
            let place = event.position;
            let mended = format!(
                "update events set leaf_hash = '\\x{leaf}' where tenant_id = 7 and position = {place}"
            );
            self.tamper(&mended).await;
        }
    }

    /// Signs a stored checkpoint with another key, which it lays beside it.
    pub async fn sign_with(&self, size: i64, pair: &Ed25519KeyPair) -> VerifierKey {
        let stored = "select note from audit_checkpoints where tenant_id = 7 and size = $1";
        let note: String =
            sqlx::query_scalar(stored).bind(size).fetch_one(self.world.database.owner_pool()).await.unwrap();
        let checkpoint = Checkpoint::parse(&note).unwrap();
        let (key, note) = (VerifierKey::of(&checkpoint.origin, pair), checkpoint.sign(pair));
        self.tamper(&format!(
            "update audit_checkpoints set note = '{note}', verifier_key = '{key}' where tenant_id = 7 and size = {size}"
        ))
        .await;
        key
    }

    /// Writes the history anew: all of it fits, and is sealed with the key of the service.
    pub async fn rewrite(&self, sql: &str) {
        self.tamper(sql).await;
        self.mend_leaves().await;
        self.tamper("delete from audit_checkpoints; delete from audit_subtrees").await;
        self.seal().await;
    }
}

fn scope() -> TenantScope {
    TenantScope::granted(LADORE)
}

fn leaf(event: &Stored) -> [u8; 32] {
    let (payload, metadata) =
        (canonical_json(&event.payload).unwrap(), canonical_json(&event.metadata).unwrap());
    let content = Content {
        aggregate_type: &event.aggregate_type,
        aggregate_id: &event.aggregate_id,
        sequence: event.sequence,
        event_type: &event.event_type,
        event_version: &event.event_version,
        payload: &payload,
        metadata: &metadata,
    };
    leaf_hash(LADORE.0, event.position, event.recorded_at, &content.hash())
}

/// The checkpoint in a file, whoever signed it.
pub fn signed(file: &CheckpointFile) -> Checkpoint {
    Checkpoint::parse(&file.note).unwrap()
}

/// A file as it is read again from its text.
pub fn read(file: &impl serde::Serialize) -> AuditFile {
    AuditFile::read(&serde_json::to_string(file).unwrap()).unwrap()
}
