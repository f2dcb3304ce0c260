//! From a reading to a command: the recipient is sealed with the order's key, which only the opened order has.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::{Sealed, Shipment, TrackingEvent};
use logistics_domain::order::observation::{Observation, Observed, Told};
use logistics_domain::{AccountId, Command};
use sha2::{Digest, Sha256};

use crate::jobs::NewJob;
use crate::ledger::sealing::seal_recipient;
use crate::ledger::{Intended, Intent, OpenOrder, RawPayload};
use crate::mintsoft::Answer;
use crate::mintsoft::translate::{Completeness, Reading};

/// Takes in what upstream shows of one order.
pub struct ObserveOrder {
    /// The account that was asked.
    pub account: AccountId,
    /// What it shows.
    pub reading: Reading,
    /// How much the read says.
    pub completeness: Completeness,
    /// Consignments, where they were read too.
    pub shipments: Told<Vec<Shipment>>,
    /// When, and from which bytes.
    pub observed: Observed,
    /// The bytes as received.
    pub raw: RawPayload,
    /// What is to be done if it is news, in the same commit.
    pub jobs: Vec<NewJob>,
}

impl ObserveOrder {
    /// From one row of an answer, with its bytes.
    pub fn of<T>(
        account: AccountId,
        (reading, completeness): (Reading, Completeness),
        raw: &str,
        answer: &Answer<T>,
    ) -> Self {
        let sha256_hex = hex::encode(Sha256::digest(raw.as_bytes()));
        Self {
            account,
            observed: Observed {
                asked_at: answer.asked_at,
                answered_at: answer.answered_at,
                upstream_updated_at: reading.upstream_updated_at,
                raw_sha256: Some(sha256_hex.clone()),
            },
            reading,
            completeness,
            shipments: Told::Silent,
            jobs: vec![],
            raw: RawPayload { sha256_hex, bytes: raw.as_bytes().to_vec() },
        }
    }

    /// The recipient as the command carries it. Without a key (the order is erased) nothing personal is kept.
    fn sealed_recipient(&self, order: &OpenOrder) -> Told<Sealed> {
        let Some(key) = &order.key else { return Told::Silent };
        let Some(recipient) = &self.reading.recipient else {
            // A row that shows nobody has left the person out; only the order itself can say that there is none.
            let says_none =
                self.completeness == Completeness::Whole && !self.reading.snapshot.personal_data_removed;
            return if says_none { Told::Nothing } else { Told::Silent };
        };
        Told::Is(seal_recipient(key, recipient))
    }
}

impl Intent for ObserveOrder {
    fn command(&self, order: &OpenOrder) -> Intended {
        let mut snapshot = self.reading.snapshot.clone();
        snapshot.recipient = self.sealed_recipient(order);
        snapshot.shipments = self.shipments.clone();
        let observation = Observation {
            snapshot,
            observed: self.observed.clone(),
            last_checked: order.last_checked.clone(),
        };
        Intended {
            command: Command::Observe {
                account_id: self.account,
                mintsoft_order_id: self.reading.mintsoft_order_id,
                observation: Box::new(observation),
            },
            recipient: self.reading.recipient.clone(),
            raw: Some(self.raw.clone()),
            jobs: self.jobs.clone(),
        }
    }
}

/// Notes that upstream no longer has the order.
pub struct ReportVanished {
    /// The answer that said so.
    pub observed: Observed,
}

impl Intent for ReportVanished {
    fn command(&self, order: &OpenOrder) -> Intended {
        Intended::from(Command::ReportVanished {
            observed: self.observed.clone(),
            last_checked: order.last_checked.clone(),
        })
    }
}

/// Takes in courier scans of one order.
pub struct RecordScans {
    /// The scans.
    pub scans: Vec<TrackingEvent>,
    /// The answer they were read from.
    pub observed: Observed,
}

impl Intent for RecordScans {
    fn command(&self, _order: &OpenOrder) -> Intended {
        Intended::from(Command::RecordTracking { scans: self.scans.clone(), observed: self.observed.clone() })
    }
}

/// Notes that the order is late, if it is: what was promised is read in its history, not in the row that was found.
pub struct NoteLate {
    /// The time.
    pub now: DateTime<Utc>,
}

impl Intent for NoteLate {
    fn command(&self, order: &OpenOrder) -> Intended {
        let open = order.row.as_ref().and_then(|row| row.standing.open_promise());
        Intended::from(Command::NoteLate { open, now: self.now })
    }
}

/// A command that needs nothing of the opened order.
pub struct Plain(pub Command);

impl Intent for Plain {
    fn command(&self, _order: &OpenOrder) -> Intended {
        Intended::from(self.0.clone())
    }
}
