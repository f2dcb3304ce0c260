//! What one command appends: its events in stored form, and everything that moves with them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cqrs_es::Aggregate;
use logistics_domain::{LogisticsOrder, OrderEvent, OrderStreamId};
use logistics_projections::orders::OrderRow;
use logistics_projections::recipients;
use logistics_projections::tracking::TrackingRow;

use super::check::Check;
use super::error::LedgerError;
use super::leaf::{Content, canonical_json};
use crate::jobs::NewJob;

/// One event as it is stored, without its place in the ledger.
pub(super) struct StoredEvent {
    pub(super) sequence: i64,
    pub(super) event_type: &'static str,
    pub(super) event_version: &'static str,
    pub(super) payload: String,
    pub(super) metadata: Arc<str>,
    pub(super) content_hash: [u8; 32],
}

/// The beginning of a stream.
pub(super) struct Claim {
    pub(super) account: uuid::Uuid,
    pub(super) mintsoft_order_id: i64,
    /// None where the order was discovered without its personal data.
    pub(super) sealed_key: Option<Vec<u8>>,
    pub(super) at: DateTime<Utc>,
}

/// The end of an order's person: its key is destroyed.
pub(super) struct Erasure {
    pub(super) account: uuid::Uuid,
    pub(super) mintsoft_order_id: i64,
    pub(super) at: DateTime<Utc>,
}

/// Bytes of upstream, sealed.
pub(super) struct SealedRaw {
    pub(super) sha256: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    pub(super) received_at: DateTime<Utc>,
}

/// Everything that one command writes.
pub(super) struct Append {
    pub(super) tenant: i64,
    pub(super) stream: OrderStreamId,
    pub(super) stream_text: String,
    pub(super) events: Vec<StoredEvent>,
    pub(super) claim: Option<Claim>,
    pub(super) erasure: Option<Erasure>,
    pub(super) row: Option<OrderRow>,
    /// What searches look in, where that is another text than before.
    pub(super) search_text: Option<String>,
    pub(super) recipient: recipients::Change,
    pub(super) tracking: Vec<TrackingRow>,
    pub(super) raw: Option<SealedRaw>,
    pub(super) jobs: Vec<NewJob>,
    pub(super) check: Option<Check>,
}

impl Append {
    /// An append of nothing yet.
    pub(super) fn to(tenant: i64, stream: OrderStreamId) -> Self {
        Self {
            tenant,
            stream,
            stream_text: stream.to_string(),
            events: vec![],
            claim: None,
            erasure: None,
            row: None,
            search_text: None,
            recipient: recipients::Change::Keep,
            tracking: vec![],
            raw: None,
            jobs: vec![],
            check: None,
        }
    }

    /// The sequence of its first event.
    pub(super) fn first_sequence(&self) -> Option<i64> {
        self.events.first().map(|event| event.sequence)
    }

    /// The version of the order once it is committed.
    pub(super) fn last_sequence(&self) -> Option<i64> {
        self.events.last().map(|event| event.sequence)
    }

    /// Whether it writes at most one row of each kind.
    pub(super) fn is_of_single_rows(&self) -> bool {
        self.events.len() <= 1 && self.tracking.len() <= 1 && self.jobs.len() <= 1
    }

    /// About how many bytes it adds to a statement.
    pub(super) fn bytes(&self) -> usize {
        let events: usize =
            self.events.iter().map(|event| event.payload.len() + event.metadata.len() + 128).sum();
        events + self.raw.as_ref().map_or(0, |raw| raw.sealed.len()) + 1024
    }
}

/// The stored form of events that follow `version`.
pub(super) fn stored_events(
    stream: OrderStreamId,
    version: i64,
    events: &[OrderEvent],
    metadata: &str,
) -> Result<Vec<StoredEvent>, LedgerError> {
    let aggregate_id = stream.to_string();
    let metadata: Arc<str> = metadata.into();
    let mut stored = Vec::with_capacity(events.len());
    for (sequence, event) in (version + 1..).zip(events) {
        let payload = canonical_json(event)
            .map_err(|error| LedgerError::Unstorable { stream, what: error.to_string() })?;
        let content = Content {
            aggregate_type: LogisticsOrder::TYPE,
            aggregate_id: &aggregate_id,
            sequence,
            event_type: event.name(),
            event_version: event.version(),
            payload: &payload,
            metadata: &metadata,
        };
        let content_hash = content.hash();
        stored.push(StoredEvent {
            sequence,
            event_type: event.name(),
            event_version: event.version(),
            payload,
            metadata: Arc::clone(&metadata),
            content_hash,
        });
    }
    Ok(stored)
}
