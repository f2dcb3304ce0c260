//! The leaf hash of an event, computed anew from what is stored or said of it. Pure.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use serde_json::Value;

use super::tree::Hash;
use crate::ledger::leaf::{Content, NotCanonical, canonical_json, leaf_hash};

/// All that a leaf hash is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    pub tenant: TenantId,
    pub position: i64,
    pub recorded_at: DateTime<Utc>,
    pub aggregate_type: &'a str,
    pub aggregate_id: &'a str,
    pub sequence: i64,
    pub event_type: &'a str,
    pub event_version: &'a str,
    pub payload: &'a Value,
    pub metadata: &'a Value,
}

impl Leaf<'_> {
    /// The hash; an error where payload or metadata hold a number that no event can hold.
    pub fn hash(&self) -> Result<Hash, NotCanonical> {
        let (payload, metadata) = (canonical_json(self.payload)?, canonical_json(self.metadata)?);
        let content = Content {
            aggregate_type: self.aggregate_type,
            aggregate_id: self.aggregate_id,
            sequence: self.sequence,
            event_type: self.event_type,
            event_version: self.event_version,
            payload: &payload,
            metadata: &metadata,
        };
        Ok(leaf_hash(self.tenant.0, self.position, self.recorded_at, &content.hash()))
    }
}
