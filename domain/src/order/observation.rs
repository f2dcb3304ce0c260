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
    /// The instant as of which the answer is known to describe the order (UTC).
    ///
    /// Upstream looked the order up somewhere between question and answer. That it had been changed at
    /// `LastUpdated` says more: it was looked up no earlier than that. So this is the later of the question and
    /// `LastUpdated`, and never later than the answer. An answer without a `LastUpdated` (the order is gone)
    /// counts as of its end: what makes an order go, a merge, is rarely undone.
    pub fn describes_at(&self) -> DateTime<Utc> {
        self.upstream_updated_at
            .unwrap_or(self.answered_at)
            .clamp(self.asked_at, self.answered_at.max(self.asked_at))
    }

    /// Whether this answer is older than `held`, so that it tells nothing that is still news.
    ///
    /// Answers are ordered by [`describes_at`](Self::describes_at), then by when they were asked and answered,
    /// `LastUpdated` and content. It is a total order, so the newest of any set of answers is one and the same
    /// in whatever order, and however often, they arrive. It is right wherever that can be known:
    /// - answers that do not overlap in time are ordered by time, whatever `LastUpdated` says (in the hour that
    ///   London repeats in autumn it runs backward);
    /// - of answers that overlap, the one that shows a change made meanwhile is the newer one.
    ///
    /// Only answers that overlap within the repeated hour, or under a clock of upstream's that is behind ours,
    /// can be taken in the wrong order; the next question settles it.
    pub fn is_superseded_by(&self, held: &Self) -> bool {
        self.rank() < held.rank()
    }

    /// The newer of two answers: what to remember as `last_checked`.
    #[must_use]
    pub fn newest(self, other: Self) -> Self {
        if self.is_superseded_by(&other) { other } else { self }
    }

    fn rank(&self) -> impl Ord + '_ {
        (self.describes_at(), self.asked_at, self.answered_at, self.upstream_updated_at, &self.raw_sha256)
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

/// A canonical picture of an order as one read shows it: translated, in UTC, cut to the microsecond, trimmed.
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
    /// Which part of a split order; told as nothing, the order is whole.
    pub part: Told<Part>,
    /// The warehouse status. Every order has one, so "nothing" is taken as silence.
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
    pub parcels: Told<Parcels>,
    /// Consignments, by their number; only a read of the shipments says.
    pub shipments: Told<Vec<Shipment>>,
    /// Lines, by their number, since another order of the same lines counts as a change; a read without items
    /// is silent.
    pub items: Told<Vec<Item>>,
    /// The recipient, sealed.
    pub recipient: Told<Sealed>,
    /// The rest.
    pub details: Details,
    /// Upstream has stripped the personal data of this order (`PIIRemoved`).
    pub personal_data_removed: bool,
}

impl Snapshot {
    /// The facts of an order that is seen for the first time. What the read is silent about is not known yet,
    /// and is told as a difference by the first read that has it.
    pub fn into_facts(self) -> OrderFacts {
        OrderFacts {
            number: self.number,
            external_reference: self.external_reference,
            client_id: self.client_id,
            ordered_at: self.ordered_at,
            part: self.part.value().unwrap_or_default(),
            status: self.status.value(),
            courier: self.courier.value(),
            tracking: self.tracking.value(),
            dispatched_at: self.dispatched_at.value(),
            estimated_delivery: self.estimated_delivery.value(),
            parcels: self.parcels.value().unwrap_or_default(),
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
