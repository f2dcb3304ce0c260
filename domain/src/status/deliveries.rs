//! What scans and the delivered callback tell of the delivery together. They come unordered, repeated and late, so nothing
//! here depends on the order in which they come: what tells last by the clock counts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::read::ScanClass;
use super::words::CarrierPhase;
use crate::order::facts::DeliveryBasis;

/// A scan by its place in time; of one instant, the later number is the newer one.
pub type Place = (DateTime<Utc>, i64);

/// A delivery that was told beside the scans gives way to a scan of the same instant.
pub const BESIDE_SCANS: i64 = i64::MIN;

/// The deliveries that nothing later refutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    /// The newest scan that tells of something else than a delivery, and of more than a step of the way.
    refuted: Option<Place>,
    /// Scans that tell of a delivery, newer than that one.
    scans: BTreeSet<Place>,
    /// Callbacks that do, newer than it too.
    callbacks: BTreeSet<DateTime<Utc>>,
    /// The instants of scans that were taken for a delivery when they came, whatever is read in them now.
    taken: BTreeSet<DateTime<Utc>>,
}

impl Deliveries {
    /// When the goods were delivered, and what proves it: the earliest scan since the delivery was last refuted; where no
    /// scan tells of one, the earliest callback since.
    pub fn standing(&self) -> Option<(DateTime<Utc>, DeliveryBasis)> {
        let by_scan = self.scans.first().map(|(at, _)| (*at, DeliveryBasis::TrackingEvent));
        by_scan.or_else(|| self.callbacks.first().map(|at| (*at, DeliveryBasis::Callback)))
    }

    /// When the goods were delivered.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        self.standing().map(|(at, _)| at)
    }

    /// Whether a scan refutes whatever delivery is told of that place.
    pub fn is_refuted(&self, place: Place) -> bool {
        self.refuted.is_some_and(|refuted| place <= refuted)
    }

    /// Whether a scan of that instant was taken for a delivery when it came.
    pub fn has_taken(&self, at: DateTime<Utc>) -> bool {
        self.taken.contains(&at)
    }

    /// Notes a scan: what is read in it, and whether it was taken for a delivery when it came.
    pub fn note_scan(&mut self, place: Place, class: Option<ScanClass>, taken: bool) {
        if taken {
            self.taken.insert(place.0);
        }
        match class {
            Some(class) if class.phase == CarrierPhase::Delivered => {
                self.tell(place, DeliveryBasis::TrackingEvent);
            }
            Some(class) if !class.is_step() => self.refute(place),
            Some(_) | None => {}
        }
    }

    /// Notes a delivery that was told, and whether it counts by itself: what a scan proved is what is read in that scan.
    pub fn note_told(&mut self, delivered_at: DateTime<Utc>, basis: DeliveryBasis) -> bool {
        let counts = basis == DeliveryBasis::Callback || !self.has_taken(delivered_at);
        if counts {
            self.tell((delivered_at, BESIDE_SCANS), basis);
        }
        counts
    }

    fn tell(&mut self, place: Place, basis: DeliveryBasis) {
        if self.is_refuted(place) {
            return;
        }
        match basis {
            DeliveryBasis::TrackingEvent => self.scans.insert(place),
            DeliveryBasis::Callback => self.callbacks.insert(place.0),
        };
    }

    fn refute(&mut self, place: Place) {
        self.refuted = self.refuted.max(Some(place));
        self.scans.retain(|told| *told > place);
        self.callbacks.retain(|told| (*told, BESIDE_SCANS) > place);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is heard of a delivery.
    #[derive(Clone, Copy, Debug)]
    enum Report {
        Scan(ScanClass),
        Callback,
    }

    fn instant(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + second, 0).expect("the instant is in range")
    }

    fn after<'a>(told: impl IntoIterator<Item = &'a (usize, i64, Report)>) -> Deliveries {
        let mut deliveries = Deliveries::default();
        for &(number, second, what) in told {
            match what {
                Report::Scan(class) => {
                    let place = (instant(second), i64::try_from(number).expect("they are few"));
                    deliveries.note_scan(place, Some(class), false);
                }
                Report::Callback => {
                    deliveries.note_told(instant(second), DeliveryBasis::Callback);
                }
            }
        }
        deliveries
    }

    fn reports() -> impl Strategy<Value = Vec<(usize, i64, Report)>> {
        let scan = |phase| Report::Scan(ScanClass { phase, sub: 1 });
        let what = prop::sample::select(vec![
            Report::Callback,
            scan(CarrierPhase::Delivered),
            scan(CarrierPhase::Delivered),
            scan(CarrierPhase::AttemptFail),
            scan(CarrierPhase::InTransit),
        ]);
        prop::collection::vec((0i64..12, what), 0..12).prop_map(|told| {
            told.into_iter().enumerate().map(|(number, (second, what))| (number, second, what)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_first_delivery_since_the_last_refutation_stands_in_whatever_order_they_come(
            (told, shuffled) in reports().prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
        ) {
            let phase = |what: Report| match what {
                Report::Scan(class) => Some(class.phase),
                Report::Callback => None,
            };
            let refuted = told
                .iter()
                .filter(|(_, _, what)| phase(*what) == Some(CarrierPhase::AttemptFail))
                .map(|(number, second, _)| (*second, Some(*number)))
                .max();
            let since = |wanted: Option<CarrierPhase>| {
                told.iter()
                    .filter(|(_, _, what)| phase(*what) == wanted)
                    .map(|(number, second, _)| (*second, wanted.map(|_| *number)))
                    .filter(|place| refuted.is_none_or(|refuted| *place > refuted))
                    .map(|(second, _)| instant(second))
                    .min()
            };
            let (in_turn, in_another) = (after(&told), after(&shuffled));
            prop_assert_eq!(in_turn.at(), since(Some(CarrierPhase::Delivered)).or_else(|| since(None)));
            prop_assert_eq!(in_turn, in_another);
        }
    }
}
