//! Which row an event adds to the scans of its order, if any: a pure, total function.

use logistics_domain::OrderEvent;
use uuid::Uuid;

use super::row::TrackingRow;
use crate::event_place::EventPlace;

/// The row that the event adds. The same scan makes the same row, wherever and however often it is folded.
pub fn apply(at: &EventPlace, event: &OrderEvent) -> Option<TrackingRow> {
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
    fn no_other_event_adds_a_scan() {
        for kind in (0..KINDS).filter(|kind| *kind != 17) {
            assert_eq!(apply(&place(5, 8), &event(kind, 8)), None, "{kind}");
        }
    }
}
