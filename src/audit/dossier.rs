//! What auditors take away: a dossier, which is the history of one order with the proof of each event, and a checkpoint with the
//! proof that an earlier one is its beginning. Both can be verified without the service and without its database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use logistics_projections::TenantScope;
use logistics_projections::event_log::{self, AGGREGATE_TYPE, COURIER_WORDS, ERASURE, LogEntry};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::checkpoints::{self, StoredCheckpoint};
use super::error::AuditError;
use super::tiles::Tiles;
use super::tree::Hash;
use crate::ledger::leaf::{Content, NotCanonical, canonical_json, leaf_hash};

/// What a dossier says it is.
pub const DOSSIER_FORMAT: &str = "logistics-ledger/dossier/1";

/// What a checkpoint says it is.
pub const CHECKPOINT_FORMAT: &str = "logistics-ledger/checkpoint/1";

/// The most events of a dossier.
pub const DOSSIER_EVENTS_MAX: usize = 2000;

/// The history of an order up to a checkpoint, each event with its proof. Personal data in it stays sealed with the order's key, but
/// for what couriers wrote: that stands open until the person is erased, and is left out from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dossier {
    /// What this is, and in which shape: `logistics-ledger/dossier/1`.
    pub format: String,
    /// Whose ledger the events stand in.
    pub tenant_id: i64,
    /// The order: its stream.
    pub order_id: Uuid,
    /// The checkpoint that the proofs lead to, as a signed note.
    pub checkpoint: String,
    /// The public key that verifies the checkpoint, as `name+hash+key`. Whoever verifies should have it from elsewhere.
    pub verifier_key: String,
    /// When the checkpoint was signed (UTC). It is not part of what is signed.
    pub sealed_at: DateTime<Utc>,
    /// How many events of the order were recorded after the checkpoint and are not in here.
    pub unsealed_events: u64,
    /// The events, oldest first.
    pub events: Vec<ProvedEvent>,
}

/// An event with all that its leaf hash is over, and the way from there to the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProvedEvent {
    /// Its place in the tenant's ledger, from 0.
    pub position: u64,
    /// When it was appended (UTC), to the microsecond.
    pub recorded_at: DateTime<Utc>,
    /// Its number in the order's stream, from 1.
    pub sequence: i64,
    /// The name of the event.
    #[serde(rename = "type")]
    pub name: String,
    /// The version of its shape.
    pub version: String,
    /// What it says, as it was recorded; null where that is left out.
    pub payload: Value,
    /// Where it came from, as it was recorded; null where that is left out.
    pub metadata: Value,
    /// Only where payload and metadata are left out, since they hold what a courier wrote of a person who was erased: the hash over
    /// the event without its place in the ledger, in base64. It still proves that the event stands there, and not what it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub content_hash: Option<String>,
    /// The hashes beside the way from its leaf to the root, the nearest first, in base64 (RFC 9162, 2.1.3).
    pub proof: Vec<String>,
}

/// A checkpoint, with the proof that an earlier one is its beginning where that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointFile {
    /// What this is, and in which shape: `logistics-ledger/checkpoint/1`.
    pub format: String,
    /// Whose ledger.
    pub tenant_id: i64,
    /// How many events it is over: those at the positions before it.
    pub size: u64,
    /// The Merkle root over their leaf hashes, in base64.
    pub root: String,
    /// When it was signed (UTC). It is not part of what is signed.
    pub sealed_at: DateTime<Utc>,
    /// How many events of the ledger were recorded after the checkpoint. It is not part of what is signed.
    pub unsealed_events: u64,
    /// The checkpoint as a signed note: this is what to keep.
    pub note: String,
    /// The public key that verifies the note, as `name+hash+key`. Whoever verifies should have it from elsewhere.
    pub verifier_key: String,
    /// That the log of an earlier checkpoint is the beginning of this one's; null where none was named.
    pub consistency: Option<Consistency>,
}

/// The proof that the first events of a log are those of an earlier checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consistency {
    /// The size of the earlier checkpoint.
    pub since: u64,
    /// The hashes that prove it, in base64 (RFC 9162, 2.1.4).
    pub proof: Vec<String>,
}

/// The dossier of an order, up to the newest checkpoint. None where the tenant has no such order, or nothing of it is sealed yet.
/// Whether the order may be shown to whoever asks is not asked here.
pub async fn dossier(
    connection: &mut PgConnection,
    scope: TenantScope,
    order: OrderStreamId,
) -> Result<Option<Dossier>, AuditError> {
    let Some(sealed) = checkpoints::newest(&mut *connection, &scope).await? else { return Ok(None) };
    let limit = i64::try_from(DOSSIER_EVENTS_MAX + 1).unwrap_or(i64::MAX);
    let mut entries = event_log::entries_of(&mut *connection, &scope, order, limit).await?;
    if entries.len() > DOSSIER_EVENTS_MAX {
        return Err(AuditError::TooLong { max: DOSSIER_EVENTS_MAX });
    }
    let recorded = entries.len();
    // Also where that is not sealed yet.
    let is_erased = entries.iter().any(|entry| entry.event_type == ERASURE);
    entries.retain(|entry| entry.position < sealed.size);
    if entries.is_empty() {
        return Ok(None);
    }
    let unsealed_events = (recorded - entries.len()) as u64;
    let mut tiles = Tiles::of(connection, scope);
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        // Nothing is ever recorded at another instant.
        let recorded_at = entry.recorded_at.ok_or_else(|| AuditError::altered(scope, sealed.size))?;
        let proof =
            tiles.prove_inclusion(entry.position.cast_unsigned(), sealed.size.cast_unsigned()).await?;
        events.push(proved(entry, recorded_at, &proof, is_erased)?);
    }
    let StoredCheckpoint { note, verifier_key, sealed_at, .. } = sealed;
    Ok(Some(Dossier {
        format: DOSSIER_FORMAT.to_owned(),
        tenant_id: scope.tenant().0,
        order_id: order.0,
        checkpoint: note,
        verifier_key,
        sealed_at,
        unsealed_events,
        events,
    }))
}

fn proved(
    entry: LogEntry,
    recorded_at: DateTime<Utc>,
    proof: &[Hash],
    is_erased: bool,
) -> Result<ProvedEvent, AuditError> {
    let LogEntry { position, aggregate_id, sequence, event_type, event_version, .. } = entry;
    let (payload, metadata): (Value, Value) =
        (serde_json::from_str(&entry.payload)?, serde_json::from_str(&entry.metadata)?);
    let mut event = ProvedEvent {
        position: position.cast_unsigned(),
        recorded_at,
        sequence,
        name: event_type,
        version: event_version,
        payload,
        metadata,
        content_hash: None,
        proof: in_base64(proof),
    };
    if is_erased && event.holds_courier_words() {
        event.content_hash = Some(STANDARD.encode(event.content(&aggregate_id)?));
        // The metadata too: whoever has the dossier alone does not guess its ids, and so does not find the words out by trying.
        (event.payload, event.metadata) = (Value::Null, Value::Null);
    }
    Ok(event)
}

impl Dossier {
    /// Whether something may be left out of it: where the person of the order was erased, as an event in it says, or where there
    /// are events that it does not hold yet, of which one may say so.
    pub(super) fn may_leave_out(&self) -> bool {
        self.unsealed_events > 0 || self.tells_erasure()
    }

    /// Whether one of its events erases the person of the order.
    pub fn tells_erasure(&self) -> bool {
        self.events.iter().any(|event| event.name == ERASURE && !event.is_left_out())
    }
}

impl ProvedEvent {
    /// The leaf of the event, by all that is told of it, in the log of this tenant and the stream of this order. None where
    /// the hash that stands for what is left out is none.
    pub fn leaf(&self, tenant_id: i64, order_id: Uuid) -> Result<Option<Hash>, NotCanonical> {
        let content = match &self.content_hash {
            None => Some(self.content(&order_id.to_string())?),
            Some(told) => STANDARD.decode(told).ok().and_then(|hash| hash.try_into().ok()),
        };
        let position = self.position.cast_signed();
        Ok(content.map(|content| leaf_hash(tenant_id, position, self.recorded_at, &content)))
    }

    /// Whether a hash stands for what it says.
    pub const fn is_left_out(&self) -> bool {
        self.content_hash.is_some()
    }

    /// Whether it is of the kind of which that may be, and nothing of it is told beside the hash: the hash does not prove it.
    pub(super) fn may_be_left_out(&self) -> bool {
        self.name == COURIER_WORDS.0 && self.payload.is_null() && self.metadata.is_null()
    }

    fn content(&self, stream: &str) -> Result<Hash, NotCanonical> {
        let (payload, metadata) = (canonical_json(&self.payload)?, canonical_json(&self.metadata)?);
        let content = Content {
            aggregate_type: AGGREGATE_TYPE,
            aggregate_id: stream,
            sequence: self.sequence,
            event_type: &self.name,
            event_version: &self.version,
            payload: &payload,
            metadata: &metadata,
        };
        Ok(content.hash())
    }

    fn holds_courier_words(&self) -> bool {
        let (name, place) = COURIER_WORDS;
        self.name == name && self.payload.pointer(place).is_some_and(Value::is_string)
    }
}

/// The tenant's newest checkpoint, and that its first `since` events are those of a checkpoint of that size. None where
/// nothing was sealed yet.
pub async fn checkpoint(
    connection: &mut PgConnection,
    scope: TenantScope,
    since: Option<u64>,
) -> Result<Option<CheckpointFile>, AuditError> {
    let Some(sealed) = checkpoints::newest(&mut *connection, &scope).await? else { return Ok(None) };
    let size = sealed.size.cast_unsigned();
    let reached = event_log::next_position(&mut *connection, &scope).await?;
    let consistency = match since {
        Some(since) => {
            let proof = Tiles::of(connection, scope).prove_consistency(since, size).await?;
            Some(Consistency { since, proof: in_base64(&proof) })
        }
        None => None,
    };
    let StoredCheckpoint { root, note, verifier_key, sealed_at, .. } = sealed;
    Ok(Some(CheckpointFile {
        format: CHECKPOINT_FORMAT.to_owned(),
        tenant_id: scope.tenant().0,
        size,
        root: STANDARD.encode(root),
        sealed_at,
        unsealed_events: reached.cast_unsigned().saturating_sub(size),
        note,
        verifier_key,
        consistency,
    }))
}

fn in_base64(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}
