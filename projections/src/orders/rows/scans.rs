//! What the fold of an order remembers of its scans. They arrive unordered, repeated and late, so nothing here depends on
//! the order in which they come: the courier's clock counts.

use chrono::{DateTime, Utc};
use logistics_domain::OrderEvent;
use logistics_domain::order::facts::TrackingEvent;
use logistics_domain::status::{BESIDE_SCANS, CarrierPhase, Deliveries, Mapping, Place, ScanClass};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::row::OrderRow;

/// The newest scan, as the courier told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastScan {
    /// When the courier made the scan (UTC); when it became known, where the courier did not say.
    pub happened_at: DateTime<Utc>,
    /// Upstream's name of the tracking status.
    pub status: Option<String>,
    /// The courier's text.
    pub description: Option<String>,
    /// AfterShip's sub-status that the mapping reads in it, such as `InTransit_003`; null where it reads none.
    pub aftership: Option<String>,
}

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScansSeen {
    /// The newest scan of all.
    newest: Option<Place>,
    /// The newest that was understood.
    understood: Option<(Place, ScanClass)>,
    /// The newest that was more than a step of the way.
    decisive: Option<(Place, ScanClass)>,
    /// The person is erased, and with the person what couriers wrote.
    text_erased: bool,
    /// The deliveries that nothing later refutes.
    deliveries: Deliveries,
}

impl ScansSeen {
    /// What the scans mean together: the newest counts. Only what couriers write down after a delivery, as another
    /// step of the way, does not take it back.
    pub fn class(&self) -> Option<ScanClass> {
        match self.decisive {
            Some((_, class)) if class.phase == CarrierPhase::Delivered => Some(class),
            _ => self.understood.map(|(_, class)| class),
        }
    }

    fn note(&mut self, place: Place, class: ScanClass) {
        let newer = |held: Option<(Place, ScanClass)>| held.is_none_or(|(at, _)| at < place);
        if newer(self.understood) {
            self.understood = Some((place, class));
        }
        if !class.is_step() && newer(self.decisive) {
            self.decisive = Some((place, class));
        }
    }
}

impl OrderRow {
    /// Remembers what an event tells of the carrier.
    pub(in crate::orders) fn note_scan(&mut self, mapping: &Mapping, event: &OrderEvent) {
        match event {
            OrderEvent::TrackingEventRecorded { scan, observed } => {
                let place = (scan.happened_at.unwrap_or(observed.answered_at), scan.id);
                let courier = self.courier_service.as_deref();
                let class = mapping.recorded_class(scan, courier, self.scans.text_erased);
                if let Some(class) = class {
                    self.scans.note(place, class);
                }
                self.scans.deliveries.note_scan(place, class, scan.delivered);
                self.delivered_at = self.scans.deliveries.at();
                if self.scans.newest.is_none_or(|newest| newest < place) {
                    self.scans.newest = Some(place);
                    let shown = if self.scans.text_erased { &scan.without_text() } else { scan };
                    self.order_data.last_scan = Some(LastScan::of(shown, place.0, class));
                }
            }
            // The callback tells no scan, and a scan may have been read before its status had a name. The scan that
            // proves a delivery comes before it.
            OrderEvent::OrderDelivered { delivered_at, basis, .. } => {
                if self.scans.deliveries.note_told(*delivered_at, *basis) {
                    self.scans.note((*delivered_at, BESIDE_SCANS), ScanClass::DELIVERED);
                }
                self.delivered_at = self.scans.deliveries.at();
            }
            // What was read in the text stays.
            OrderEvent::PersonalDataErased { .. } => {
                self.scans.text_erased = true;
                if let Some(last) = &mut self.order_data.last_scan {
                    last.description = None;
                }
            }
            _ => {}
        }
    }
}

impl LastScan {
    fn of(scan: &TrackingEvent, happened_at: DateTime<Utc>, class: Option<ScanClass>) -> Self {
        let told = |class: ScanClass| Some(format!("{}_{:03}", class.phase.aftership_tag()?, class.sub));
        Self {
            happened_at,
            status: scan.status.clone(),
            description: scan.description.clone(),
            aftership: class.and_then(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use logistics_domain::order::facts::DeliveryBasis;
    use logistics_domain::status::{CURRENT, Tab};

    use super::*;
    use crate::orders::rows::apply::apply;
    use crate::samples::{event, instant, observed, place, scan};

    fn scanned(id: u8, at: u8, text: &str) -> OrderEvent {
        let told = TrackingEvent {
            id: i64::from(id),
            status: None,
            description: Some(text.into()),
            happened_at: Some(instant(at)),
            ..scan(id)
        };
        OrderEvent::TrackingEventRecorded { scan: told, observed: observed(200) }
    }

    fn delivered(at: u8) -> OrderEvent {
        OrderEvent::OrderDelivered {
            delivered_at: instant(at),
            basis: DeliveryBasis::Callback,
            observed: observed(200),
        }
    }

    /// The row after the events in every order of them, which must be one.
    fn row_after(events: &[OrderEvent]) -> OrderRow {
        let fold = |events: &[&OrderEvent]| {
            let discovered = apply(None, &place(1, 1), &event(0, 4));
            events
                .iter()
                .fold(discovered, |row, event| apply(row, &place(2, 2), event))
                .expect("it is discovered")
        };
        let in_order: Vec<&OrderEvent> = events.iter().collect();
        let row = fold(&in_order);
        for turn in 0..events.len() {
            let mut turned = in_order.clone();
            turned.rotate_left(turn);
            let stands = |row: OrderRow| (row.standing, row.delivered_at);
            assert_eq!(stands(fold(&turned)), stands(row.clone()), "turned by {turn}");
            turned.reverse();
            assert_eq!(stands(fold(&turned)), stands(row.clone()), "turned by {turn} and reversed");
        }
        row
    }

    fn phase(events: &[OrderEvent]) -> CarrierPhase {
        row_after(events).standing.carrier
    }

    #[test]
    fn the_newest_scan_by_the_couriers_clock_counts_in_whatever_order_scans_come() {
        let out = [scanned(1, 10, "Arrived at hub"), scanned(2, 20, "Out for delivery")];
        assert_eq!(phase(&out), CarrierPhase::OutForDelivery);
        let back = [
            scanned(2, 20, "ASIGNADO"),
            scanned(1, 10, "Out for delivery"),
            scanned(3, 30, "Arrived at hub"),
        ];
        assert_eq!(phase(&back), CarrierPhase::InTransit);
        let row = row_after(&back);
        let last = row.order_data.last_scan.unwrap();
        assert_eq!((last.happened_at, last.aftership.as_deref()), (instant(30), Some("InTransit_003")));
    }

    #[test]
    fn what_is_not_understood_is_shown_and_leaves_the_phase() {
        let row = row_after(&[scanned(1, 10, "Out for delivery"), scanned(2, 20, "zzz")]);
        assert_eq!(row.standing.carrier, CarrierPhase::OutForDelivery);
        let last = row.order_data.last_scan.unwrap();
        assert_eq!((last.description.as_deref(), last.aftership), (Some("zzz"), None));
        assert_eq!(phase(&[scanned(2, 20, "zzz")]), CarrierPhase::Unknown);
    }

    #[test]
    fn once_the_person_is_erased_the_text_is_gone_and_what_was_read_in_it_stays() {
        let before = [scanned(1, 10, "Out for delivery to Ana")];
        let after = [before[0].clone(), event(14, 15), scanned(2, 20, "Delivered to Ana")];
        for (events, phase) in
            [(&after[..2], CarrierPhase::OutForDelivery), (&after[..], CarrierPhase::Delivered)]
        {
            let row = row_after(events);
            let last = row.order_data.last_scan.unwrap();
            assert_eq!((last.description, row.standing.carrier), (None, phase));
            assert!(last.aftership.is_some());
        }
        assert!(row_after(&before).order_data.last_scan.unwrap().description.is_some());
    }

    #[test]
    fn of_a_scan_that_came_without_its_text_it_counts_whether_it_was_a_delivery() {
        let erased = || event(14, 15);
        let stripped = |id: u8, status: Option<&str>, delivered: bool| match scanned(id, 20, "") {
            OrderEvent::TrackingEventRecorded { scan, observed } => {
                let scan = TrackingEvent { status: status.map(Into::into), delivered, ..scan.without_text() };
                OrderEvent::TrackingEventRecorded { scan, observed }
            }
            event => event,
        };
        let proved = OrderEvent::OrderDelivered {
            delivered_at: instant(20),
            basis: DeliveryBasis::TrackingEvent,
            observed: observed(200),
        };
        let stands = |events: &[OrderEvent]| {
            let discovered = apply(None, &place(1, 1), &event(0, 4));
            events
                .iter()
                .fold(discovered, |row, event| apply(row, &place(2, 2), event))
                .expect("it is discovered")
        };
        for name in [None, Some("Zzz"), Some("InTransit")] {
            let row = stands(&[erased(), stripped(5, name, true), proved.clone()]);
            assert_eq!(row.standing.tab, Tab::Delivered, "{name:?}: its text told of the delivery");
            assert_eq!(row.standing.promise, None, "{name:?}");
            assert_eq!(row.order_data.last_scan.unwrap().aftership.as_deref(), Some("Delivered_001"));
        }
        let finer = stands(&[erased(), stripped(5, Some("Delivered_003"), true)]);
        assert_eq!(finer.order_data.last_scan.unwrap().aftership.as_deref(), Some("Delivered_003"));

        let on_the_way = scanned(4, 10, "Out for delivery");
        let denied = stands(&[on_the_way, erased(), stripped(5, Some("Delivered"), false)]);
        assert_eq!(denied.standing.carrier, CarrierPhase::OutForDelivery, "its text denied it");
        assert_eq!(denied.order_data.last_scan.unwrap().aftership, None);
        // Before the erasure there was no more to read, and what has its text is read by it.
        let nothing_left_out = stands(&[stripped(5, Some("Delivered"), false), erased()]);
        assert_eq!(nothing_left_out.standing.tab, Tab::Delivered);
        assert_eq!(stands(&[erased(), scanned(5, 10, "Delivered")]).standing.tab, Tab::Delivered);
    }

    #[test]
    fn a_step_written_down_after_the_delivery_does_not_take_it_back_and_a_return_does() {
        let over = [scanned(1, 10, "Delivered"), scanned(2, 20, "Departure scan")];
        assert_eq!(row_after(&over).standing.tab, Tab::Delivered);
        let mut back = over.to_vec();
        back.push(scanned(3, 15, "Package refused"));
        assert_ne!(row_after(&back).standing.tab, Tab::Delivered);
    }

    #[test]
    fn the_delivered_callback_counts_without_a_scan_and_yields_to_a_later_one() {
        assert_eq!(phase(&[delivered(10)]), CarrierPhase::Delivered);
        assert_eq!(phase(&[delivered(10), scanned(1, 5, "Out for delivery")]), CarrierPhase::Delivered);
        assert_eq!(phase(&[delivered(10), scanned(1, 15, "Returned to sender")]), CarrierPhase::Exception);
        assert_eq!(phase(&[delivered(10), scanned(1, 10, "Could not deliver")]), CarrierPhase::AttemptFail);
    }

    #[test]
    fn the_date_is_that_of_the_first_delivery_since_the_last_refutation() {
        let dated = |events: &[OrderEvent]| {
            let row = row_after(events);
            assert_eq!(row.delivered_at.is_some(), row.standing.tab == Tab::Delivered);
            row.delivered_at
        };
        let mut told = vec![scanned(1, 10, "Delivered"), scanned(2, 12, "Delivered")];
        assert_eq!(dated(&told), Some(instant(10)), "of two parcels the first");
        told.push(scanned(3, 20, "Could not deliver"));
        assert_eq!(dated(&told), None);
        told.push(delivered(15));
        assert_eq!(dated(&told), None, "the callback tells of what was refuted");
        told.push(delivered(30));
        assert_eq!(dated(&told), Some(instant(30)));
        told.extend([scanned(4, 32, "Delivered"), scanned(5, 34, "Departure scan")]);
        assert_eq!(dated(&told), Some(instant(32)), "a scan proves more than a callback");
        told.extend([scanned(6, 40, "Package refused"), scanned(7, 50, "Delivered")]);
        assert_eq!(dated(&told), Some(instant(50)));
    }

    #[test]
    fn an_order_shows_something_else_once_its_delivery_moves() {
        let at = |second: u8| place(i64::from(second), second);
        let told = [scanned(1, 10, "Delivered"), scanned(2, 20, "Delivered")];
        let discovered = apply(None, &at(4), &event(0, 4));
        let row = told.iter().fold(discovered, |row, event| apply(row, &at(60), event)).unwrap();
        assert_eq!((row.delivered_at, row.updated_at), (Some(instant(10)), instant(60)));
        let same = apply(Some(row.clone()), &at(70), &scanned(3, 30, "Delivered")).unwrap();
        assert_eq!((same.delivered_at, same.updated_at), (Some(instant(10)), instant(60)));
        let moved = apply(Some(row), &at(70), &scanned(4, 15, "Could not deliver")).unwrap();
        assert_eq!((moved.delivered_at, moved.updated_at), (Some(instant(20)), instant(70)));
    }

    #[test]
    fn a_delivery_that_a_scan_proved_is_what_is_read_in_that_scan() {
        // As a mapping did that took each of these texts for a delivery.
        let misread = |id: u8, at: Option<u8>, text: &str| match scanned(id, 0, text) {
            OrderEvent::TrackingEventRecorded { scan, observed } => {
                let scan = TrackingEvent { happened_at: at.map(instant), delivered: true, ..scan };
                OrderEvent::TrackingEventRecorded { scan, observed }
            }
            event => event,
        };
        let proved = |delivered_at| OrderEvent::OrderDelivered {
            delivered_at,
            basis: DeliveryBasis::TrackingEvent,
            observed: observed(200),
        };
        let stands = |events: &[OrderEvent]| {
            let discovered = apply(None, &place(1, 1), &event(0, 4));
            let row = events.iter().fold(discovered, |row, event| apply(row, &place(2, 2), event));
            row.expect("it is discovered").standing.carrier
        };
        let handed_over = || misread(5, Some(10), "Delivered to carrier");
        let told_at = observed(200).answered_at;
        assert_eq!(stands(&[handed_over(), proved(instant(10))]), CarrierPhase::InTransit);
        let undated = misread(5, None, "Delivered to carrier");
        assert_eq!(stands(&[undated.clone(), proved(told_at)]), CarrierPhase::InTransit);
        let earlier = misread(6, Some(5), "Delivered to hub");
        let both = [handed_over(), proved(instant(10)), earlier, proved(instant(5))];
        assert_eq!(stands(&both), CarrierPhase::InTransit);
        let dated_later = [undated, proved(told_at), handed_over(), proved(instant(10))];
        assert_eq!(stands(&dated_later), CarrierPhase::InTransit);

        // What is a delivery stays one, and so does what no scan of the history proves.
        let handed_in = misread(5, Some(10), "Delivered");
        assert_eq!(stands(&[handed_in, proved(instant(10))]), CarrierPhase::Delivered);
        let nameless = scanned(5, 10, "zzz");
        assert_eq!(stands(&[nameless, proved(instant(10))]), CarrierPhase::Delivered);
        let by_word = [handed_over(), proved(instant(10)), delivered(30)];
        assert_eq!(stands(&by_word), CarrierPhase::Delivered, "the warehouse says so");
    }

    #[test]
    fn the_couriers_name_tells_words_apart_and_the_row_says_by_which_mapping() {
        let assigned = |courier: &str| {
            let discovered = apply(None, &place(1, 1), &event(0, 4))
                .map(|row| OrderRow { courier_service: Some(courier.into()), ..row });
            apply(discovered, &place(2, 2), &scanned(1, 10, "ASIGNADO")).expect("it is discovered").standing
        };
        assert_eq!(assigned("Olva Courier 24h").carrier, CarrierPhase::OutForDelivery);
        assert_eq!(assigned("Another").carrier, CarrierPhase::Unknown);
        assert_eq!(assigned("Another").mapping_version, CURRENT.version);
    }
}
