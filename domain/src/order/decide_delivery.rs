//! What courier scans and the delivered callback add to the history. They are unordered, repeated and late by
//! nature, so nothing here depends on the order in which they come.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::event::OrderEvent;
use super::facts::{DeliveryBasis, TrackingEvent};
use super::observation::Observed;
use super::state::Order;
use crate::status::BESIDE_SCANS;

/// Records the scans that are new, oldest first by the courier's clock (those without a time last), and the
/// delivery they prove. Couriers write who signed: once the personal data is erased, their text is not recorded.
pub(super) fn record_tracking(
    order: &Order,
    scans: &[TrackingEvent],
    observed: &Observed,
) -> Vec<OrderEvent> {
    let by_id: BTreeMap<i64, &TrackingEvent> =
        scans.iter().filter(|scan| !order.scans.contains(&scan.id)).map(|scan| (scan.id, scan)).collect();
    let mut fresh: Vec<&TrackingEvent> = by_id.into_values().collect();
    fresh.sort_by_key(|scan| (scan.happened_at.is_none(), scan.happened_at, scan.id));
    let mut events: Vec<OrderEvent> = fresh
        .into_iter()
        .map(|scan| OrderEvent::TrackingEventRecorded {
            scan: if order.erased { scan.without_text() } else { scan.clone() },
            observed: observed.clone(),
        })
        .collect();
    events.extend(delivery_proved(order, scans, observed));
    events
}

/// The earliest delivery that the scans prove. Known scans are asked too: one may have been read before its status was
/// known to mean delivery. What a scan told already, or a later one refutes, is not told again.
fn delivery_proved(order: &Order, scans: &[TrackingEvent], observed: &Observed) -> Option<OrderEvent> {
    let proves = |scan: &&TrackingEvent| {
        let is_known = order.scans.contains(&scan.id);
        let tells_nothing_new = match scan.happened_at {
            Some(at) => {
                order.deliveries.is_refuted((at, scan.id)) || (is_known && order.deliveries.has_taken(at))
            }
            None => is_known && order.delivered_at.is_some(),
        };
        scan.delivered && !tells_nothing_new
    };
    let delivered = || scans.iter().filter(proves);
    let dated = delivered().filter_map(|scan| scan.happened_at).min();
    let at = dated.or_else(|| delivered().next().map(|_| observed.answered_at))?;
    better_proof(order, at, DeliveryBasis::TrackingEvent, observed)
}

/// The callback alone proves delivery only where no scan does, or none any more, and of nothing that the warehouse still has or
/// that is gone there: it is a hint, and the order as it was read is the fact.
pub(super) fn report_delivery(
    order: &Order,
    delivered_at: DateTime<Utc>,
    observed: &Observed,
) -> Vec<OrderEvent> {
    if !order.is_dispatched() || order.vanished {
        return vec![];
    }
    better_proof(order, delivered_at, DeliveryBasis::Callback, observed).into_iter().collect()
}

/// A scan proves more than a callback, and of the same kind the earlier one counts. Where the delivery that was told is
/// none any more, as a later scan refutes it or its scan is read otherwise by now, a callback tells of another.
fn better_proof(
    order: &Order,
    delivered_at: DateTime<Utc>,
    basis: DeliveryBasis,
    observed: &Observed,
) -> Option<OrderEvent> {
    let held = order.delivered_at.zip(order.delivery_basis);
    let better = match (held, basis) {
        (None, DeliveryBasis::TrackingEvent | DeliveryBasis::Callback)
        | (Some((_, DeliveryBasis::Callback)), DeliveryBasis::TrackingEvent) => true,
        (Some((at, DeliveryBasis::TrackingEvent)), DeliveryBasis::TrackingEvent) => delivered_at < at,
        (Some(_), DeliveryBasis::Callback) => {
            let is_better = match order.deliveries.standing() {
                None => true,
                Some((at, DeliveryBasis::Callback)) => delivered_at < at,
                Some((_, DeliveryBasis::TrackingEvent)) => false,
            };
            is_better && !order.deliveries.is_refuted((delivered_at, BESIDE_SCANS))
        }
    };
    better.then(|| OrderEvent::OrderDelivered { delivered_at, basis, observed: observed.clone() })
}
