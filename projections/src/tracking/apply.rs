//! Which row an event adds to the scans of its order, if any: a pure, total function.

use logistics_domain::OrderEvent;
use uuid::Uuid;

use super::row::TrackingRow;
use crate::event_place::EventPlace;

/// The rows of one order's scans, as its events tell them one after the other. Once the person is erased no row says any more
/// what the courier wrote, whichever came first.
#[derive(Clone, Debug, Default)]
pub struct Scans {
    rows: Vec<TrackingRow>,
    is_erased: bool,
}

impl Scans {
    /// No scans yet, of an order whose person is erased or not.
    pub const fn of(is_erased: bool) -> Self {
        Self { rows: Vec::new(), is_erased }
    }

    /// Takes the next event.
    pub fn take(&mut self, at: &EventPlace, event: &OrderEvent) {
        if matches!(event, OrderEvent::PersonalDataErased { .. }) {
            self.is_erased = true;
            self.rows.iter_mut().for_each(TrackingRow::erase_text);
        }
        let mut row = apply(at, event);
        if let Some(row) = row.as_mut().filter(|_| self.is_erased) {
            row.erase_text();
        }
        self.rows.extend(row);
    }

    /// The rows so far.
    pub fn rows(&self) -> &[TrackingRow] {
        &self.rows
    }

    /// The rows.
    pub fn into_rows(self) -> Vec<TrackingRow> {
        self.rows
    }
}

/// The row that the event adds. The same scan makes the same row, wherever and however often it is folded.
fn apply(at: &EventPlace, event: &OrderEvent) -> Option<TrackingRow> {
    match event {
        OrderEvent::TrackingEventRecorded { scan, observed } => Some(TrackingRow {
            id: Uuid::new_v5(&at.stream.0, scan.id.to_string().as_bytes()),
            tenant_id: at.tenant,
            logistics_order_id: at.stream,
            event_status: scan.status.clone(),
            event_description: scan.description.clone(),
            event_date: scan.happened_at,
            location: None,
            scan: scan.clone(),
            created_at: observed.answered_at,
        }),
        OrderEvent::OrderDiscovered { .. }
        | OrderEvent::OrderRenumbered { .. }
        | OrderEvent::StatusChanged { .. }
        | OrderEvent::CourierAssigned { .. }
        | OrderEvent::TrackingNumberChanged { .. }
        | OrderEvent::OrderDispatched { .. }
        | OrderEvent::DispatchWithdrawn { .. }
        | OrderEvent::ParcelsChanged { .. }
        | OrderEvent::ShipmentsChanged { .. }
        | OrderEvent::ItemsChanged { .. }
        | OrderEvent::RecipientChanged { .. }
        | OrderEvent::EstimatedDeliveryChanged { .. }
        | OrderEvent::PartChanged { .. }
        | OrderEvent::DetailsChanged { .. }
        | OrderEvent::PersonalDataErased { .. }
        | OrderEvent::OrderVanished { .. }
        | OrderEvent::OrderReappeared { .. }
        | OrderEvent::OrderDelivered { .. }
        | OrderEvent::PromiseMissed { .. }
        | OrderEvent::OrderLinked { .. }
        | OrderEvent::OrderUnlinked { .. }
        | OrderEvent::OrderWithheld { .. }
        | OrderEvent::OrderReleased {}
        | OrderEvent::CancellationRequested { .. }
        | OrderEvent::CancellationConfirmed { .. }
        | OrderEvent::CancellationRefused { .. }
        | OrderEvent::CommentRequested { .. }
        | OrderEvent::CommentPosted { .. }
        | OrderEvent::CommentRefused { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{KINDS, event, instant, place, scan};

    #[test]
    fn a_scan_becomes_the_same_row_wherever_it_is_folded() {
        let row = apply(&place(5, 8), &event(17, 8)).unwrap();
        assert_eq!((&row.scan, row.event_date, row.location.as_ref()), (&scan(8), Some(instant(8)), None));
        assert_eq!(apply(&place(6, 9), &event(17, 8)), Some(row.clone()));
        assert_ne!(apply(&place(5, 8), &event(17, 9)).unwrap().id, row.id);
    }

    #[test]
    fn once_the_person_is_erased_no_row_has_the_couriers_text() {
        let mut scans = Scans::default();
        for (sequence, kind) in [(5, 17), (6, 14), (7, 17)] {
            let seed = u8::try_from(sequence).unwrap();
            scans.take(&place(sequence, seed), &event(kind, seed));
        }
        let mut later = Scans::of(true);
        later.take(&place(8, 8), &event(17, 8));
        let rows: Vec<TrackingRow> = scans.into_rows().into_iter().chain(later.into_rows()).collect();
        assert_eq!(rows.iter().map(|row| row.scan.id).collect::<Vec<_>>(), [5, 7, 8]);
        for row in &rows {
            assert_eq!((&row.event_description, &row.scan.description), (&None, &None));
            assert_eq!(row.event_status.as_deref(), Some("InTransit"), "what is mapped stays");
        }
    }

    #[test]
    fn no_other_event_adds_a_scan() {
        for kind in (0..KINDS).filter(|kind| *kind != 17) {
            assert_eq!(apply(&place(5, 8), &event(kind, 8)), None, "{kind}");
        }
    }
}
