//! Where an event stands: whose it is, in which stream, at which place, and where it came from.

use chrono::{DateTime, Utc};
use logistics_domain::{OrderStreamId, Source, TenantId};

/// What the folds need to know of an event besides its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventPlace {
    /// The tenant in whose ledger it stands.
    pub tenant: TenantId,
    /// The stream of its order.
    pub stream: OrderStreamId,
    /// Its number in the stream, from 1.
    pub sequence: i64,
    /// When it was observed (UTC), from its metadata.
    pub observed_at: DateTime<Utc>,
    /// Which kind of source it came from, from its metadata.
    pub source: Source,
}
