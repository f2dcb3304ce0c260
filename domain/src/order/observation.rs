//! An observation: what one answer of upstream says of one order, and when it was asked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::facts::{Courier, Details, Item, OrderFacts, Parcels, Part, Sealed, Shipment, Status, Tracking};

/// When upstream was asked and answered, and what it says of its own last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// When the question was sent (UTC).
    pub asked_at: DateTime<Utc>,
    /// When the whole answer was here (UTC).
    pub answered_at: DateTime<Utc>,
    /// Upstream's `LastUpdated` (UTC); ambiguous in the repeated hour of autumn.
    pub upstream_updated_at: Option<DateTime<Utc>>,
    /// SHA-256 (hex) of the bytes as received, which are kept sealed beside the ledger.
    pub raw_sha256: Option<String>,
}

impl Observed {
    /// Whether this answer tells nothing that `held` does not already supersede.
    ///
    /// Answers that do not overlap in time are ordered by time: asked after the other was answered means
    /// newer, whatever `LastUpdated` says (London's repeated hour makes it run backward). Answers that
    /// overlap are ordered by `LastUpdated`, and then by when they were asked.
    pub fn is_superseded_by(&self, held: &Self) -> bool {
        if self.asked_at >= held.answered_at {
            return false;
        }
        if held.asked_at >= self.answered_at {
            return true;
        }
        match (self.upstream_updated_at, held.upstream_updated_at) {
            (Some(ours), Some(theirs)) if ours != theirs => ours < theirs,
            _ => self.asked_at < held.asked_at,
        }
    }
}

/// What a read says of one field: list rows leave out what a single read has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Told<T> {
    /// This kind of read does not say; what is known stays.
    #[default]
    Silent,
    /// It says that there is none.
    Nothing,
    /// It says this.
    Is(T),
}

impl<T> Told<T> {
    /// From a read that always says: an absent value means that there is none.
    pub fn always(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::Is)
    }

    /// From a read that may leave the field out: an absent value says nothing.
    pub fn perhaps(value: Option<T>) -> Self {
        value.map_or(Self::Silent, Self::Is)
    }

    /// The value told, if one was.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Silent | Self::Nothing => None,
        }
    }
}

/// A canonical picture of an order as one read shows it: translated, in UTC, trimmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The order's number; every read has it.
    pub number: String,
    /// The reference of the shop's connector; every read has it.
    pub external_reference: Option<String>,
    /// The client it is booked under; every read has it.
    pub client_id: Option<i64>,
    /// When it was placed (UTC); every read has it.
    pub ordered_at: Option<DateTime<Utc>>,
    /// Which part of a split order; every read has it.
    pub part: Part,
    /// The warehouse status, where the read has one.
    pub status: Told<Status>,
    /// The courier's service.
    pub courier: Told<Courier>,
    /// The tracking number.
    pub tracking: Told<Tracking>,
    /// When it left (UTC).
    pub dispatched_at: Told<DateTime<Utc>>,
    /// When it should arrive (UTC).
    pub estimated_delivery: Told<DateTime<Utc>>,
    /// Count and weight.
    pub parcels: Parcels,
    /// Consignments; only a read of the shipments says.
    pub shipments: Told<Vec<Shipment>>,
    /// Lines; a read without items is silent.
    pub items: Told<Vec<Item>>,
    /// The recipient, sealed.
    pub recipient: Told<Sealed>,
    /// The rest.
    pub details: Details,
    /// Upstream has stripped the personal data of this order (`PIIRemoved`).
    pub personal_data_removed: bool,
}

impl Snapshot {
    /// The facts of an order that is seen for the first time.
    pub fn into_facts(self) -> OrderFacts {
        OrderFacts {
            number: self.number,
            external_reference: self.external_reference,
            client_id: self.client_id,
            ordered_at: self.ordered_at,
            part: self.part,
            status: self.status.value(),
            courier: self.courier.value(),
            tracking: self.tracking.value(),
            dispatched_at: self.dispatched_at.value(),
            estimated_delivery: self.estimated_delivery.value(),
            parcels: self.parcels,
            shipments: self.shipments.value().unwrap_or_default(),
            items: self.items.value().unwrap_or_default(),
            recipient: self.recipient.value(),
            details: self.details,
        }
    }
}

/// One answer of upstream about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What it shows.
    pub snapshot: Snapshot,
    /// When, and from which bytes.
    pub observed: Observed,
    /// The newest answer about this order that changed nothing and so left no event. It is kept beside the
    /// ledger, and guards against an older answer that arrives late.
    pub last_checked: Option<Observed>,
}
