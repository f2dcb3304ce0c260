//! One row of upstream on its way into the ledger: how much it shows, whose it says that it is, and how it is parked.

use logistics_domain::order::facts::Shipment;
use logistics_domain::order::observation::Told;

use super::attribution::{Doubt, Marks};
use super::parked::ParkedRow;
use crate::mintsoft::translate::{Completeness, Reading};

/// One row on its way.
pub(super) struct Candidate {
    pub(super) reading: Reading,
    pub(super) completeness: Completeness,
    pub(super) raw: String,
    pub(super) shipments: Told<Vec<Shipment>>,
}

impl Candidate {
    /// Without a number it is no picture of an order.
    pub(super) fn has_number(&self) -> bool {
        !self.reading.snapshot.number.is_empty()
    }

    /// The same without a person, as upstream shows an order whose personal data it has removed.
    pub(super) fn without_person(mut self) -> Self {
        self.reading.recipient = None;
        self.reading.snapshot.personal_data_removed = true;
        self
    }

    /// Nor does it say, without a status, whether the order moved.
    pub(super) fn is_hollow(&self) -> bool {
        !self.has_number() || self.reading.snapshot.status == Told::Silent
    }
}

/// What of a reading tells whose it is.
pub(super) fn marks(reading: &Reading) -> Marks<'_> {
    let skus = match &reading.snapshot.items {
        Told::Is(items) => Some(items.iter().filter_map(|item| item.sku.as_deref()).collect()),
        Told::Nothing | Told::Silent => None,
    };
    Marks {
        number: &reading.snapshot.number,
        client_id: reading.snapshot.client_id,
        skus,
        merged: reading.snapshot.details.merged,
    }
}

pub(super) fn malformed(id: Option<i64>, error: &str, raw: String) -> ParkedRow {
    ParkedRow {
        mintsoft_order_id: id,
        number: None,
        client_id: None,
        skus: vec![],
        doubt: Doubt::WrongShape,
        detail: Some(format!("Reader's words: {error}.")),
        raw,
    }
}

/// An order that was read by its id and shows no number or no status. Reading it again would show the same.
pub(super) fn hollow_read(candidate: &Candidate) -> ParkedRow {
    let detail = "The order itself was read, and shows no number or no status.".to_owned();
    ParkedRow { detail: Some(detail), ..doubtful(candidate, Doubt::WrongShape) }
}

pub(super) fn doubtful(candidate: &Candidate, doubt: Doubt) -> ParkedRow {
    let snapshot = &candidate.reading.snapshot;
    ParkedRow {
        mintsoft_order_id: Some(candidate.reading.mintsoft_order_id),
        number: Some(snapshot.number.clone()),
        client_id: snapshot.client_id,
        skus: marks(&candidate.reading).skus.unwrap_or_default().into_iter().map(str::to_owned).collect(),
        doubt,
        detail: None,
        raw: candidate.raw.clone(),
    }
}
