//! Where an order stands: both axes together, whose move it is, what needs attention, the tab, and the end of the
//! promise that is open.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::days::WarehouseClock;
use super::mapping::Mapping;
use super::read::{ScanClass, WarehouseStanding};
use super::words::{Attention, CarrierPhase, MustAct, Promise, Tab, WarehousePhase};

/// A parcel that left, or was scanned, and then not for so long is overdue, where no day of delivery was promised:
/// AfterShip calls it expired.
const SILENCE: TimeDelta = TimeDelta::days(30);

/// AfterShip's sub-status of a parcel that is back at the sender.
const BACK_AT_SENDER: ScanClass = ScanClass { phase: CarrierPhase::Exception, sub: 11 };

/// A promise, and when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPromise {
    /// What is promised.
    pub promise: Promise,
    /// When it ends (UTC).
    pub due_at: DateTime<Utc>,
}

/// What is known of an order, as far as its standing depends on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Mintsoft's number of the status.
    pub status_id: Option<i32>,
    /// Mintsoft's name of the status.
    pub status: Option<&'a str>,
    /// The name that Mintsoft shows to clients, where it differs.
    pub external_status: Option<&'a str>,
    /// When it left the warehouse.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// By when it must leave.
    pub required_dispatch_at: Option<DateTime<Utc>>,
    /// When it should arrive.
    pub estimated_delivery: Option<DateTime<Utc>>,
    /// Whether there is a tracking number.
    pub is_tracked: bool,
    /// Whether Mintsoft no longer has it.
    pub is_vanished: bool,
    /// What the newest scan that was understood means, by the courier's clock.
    pub scan: Option<ScanClass>,
    /// When the newest scan was made, understood or not.
    pub scanned_at: Option<DateTime<Utc>>,
    /// The clock by which upstream tells days.
    pub clock: WarehouseClock,
    /// The promise that the history noted last as not kept.
    pub missed: Option<OpenPromise>,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Where it is in the warehouse.
    pub warehouse: WarehousePhase,
    /// Where it is with the carrier.
    pub carrier: CarrierPhase,
    /// Whose move it is.
    pub must_act: MustAct,
    /// Why it needs attention, if it does.
    pub attention: Option<Attention>,
    /// Under which tab it stands.
    pub tab: Tab,
    /// The promise that is open.
    pub promise: Option<Promise>,
    /// When it ends (UTC): from then on the order is late.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the history says that it was not kept.
    pub is_missed: bool,
    /// The version of the mapping that says so.
    pub mapping_version: i32,
}

impl Mapping {
    /// Where the order stands.
    pub fn standing(&self, known: &Known<'_>) -> Standing {
        let mut warehouse = self.warehouse_standing(known.status_id, known.status, known.external_status);
        if known.dispatched_at.is_some() && warehouse.phase != WarehousePhase::Cancelled {
            warehouse = self.dispatched();
        }
        let carrier = carrier_phase(known, warehouse.phase);
        let tab = tab(known, warehouse.phase, carrier);
        let (must_act, attention) = self.next_move(known, warehouse, carrier, tab);
        let open = promise(known, tab);
        let missed = open.filter(|open| known.missed == Some(*open));
        Standing {
            warehouse: warehouse.phase,
            carrier,
            must_act,
            // What somebody tells of the order says more than that it is late.
            attention: attention.or(missed.map(|missed| missed.promise.missed())),
            tab,
            promise: open.map(|open| open.promise),
            due_at: open.map(|open| open.due_at),
            is_missed: missed.is_some(),
            mapping_version: self.version,
        }
    }

    /// Whose move it is: the warehouse's words count until a carrier has the goods.
    fn next_move(
        &self,
        known: &Known<'_>,
        warehouse: WarehouseStanding,
        carrier: CarrierPhase,
        tab: Tab,
    ) -> (MustAct, Option<Attention>) {
        let by_carrier = || known.scan.map_or((MustAct::Carrier, None), |class| self.carrier_standing(class));
        match tab {
            Tab::Delivered => (MustAct::Nobody, None),
            Tab::InWarehouse => (warehouse.must_act, warehouse.attention),
            Tab::OnTheWay => by_carrier(),
            Tab::Closed if known.scan == Some(BACK_AT_SENDER) => by_carrier(),
            Tab::Closed => {
                let left = known.dispatched_at.is_some() || carrier.proves_handover();
                if warehouse.phase == WarehousePhase::Cancelled && left && !known.is_vanished {
                    (MustAct::Brand, Some(Attention::CancelledAfterDispatch))
                } else {
                    (MustAct::Nobody, None)
                }
            }
        }
    }
}

fn carrier_phase(known: &Known<'_>, warehouse: WarehousePhase) -> CarrierPhase {
    match (known.scan, known.scanned_at) {
        (Some(class), _) => class.phase,
        (None, Some(_)) => CarrierPhase::Unknown,
        (None, None) if known.is_tracked && warehouse == WarehousePhase::Dispatched => CarrierPhase::Pending,
        (None, None) => CarrierPhase::None,
    }
}

fn tab(known: &Known<'_>, warehouse: WarehousePhase, carrier: CarrierPhase) -> Tab {
    if carrier == CarrierPhase::Delivered {
        Tab::Delivered
    } else if known.is_vanished
        || warehouse == WarehousePhase::Cancelled
        || known.scan == Some(BACK_AT_SENDER)
    {
        Tab::Closed
    } else if warehouse == WarehousePhase::Dispatched || carrier.proves_handover() {
        Tab::OnTheWay
    } else {
        Tab::InWarehouse
    }
}

impl Standing {
    /// The promise that is open, with its end.
    pub fn open_promise(&self) -> Option<OpenPromise> {
        Some(OpenPromise { promise: self.promise?, due_at: self.due_at? })
    }
}

/// The promise that is open.
fn promise(known: &Known<'_>, tab: Tab) -> Option<OpenPromise> {
    let ends = |promise, due_at| OpenPromise { promise, due_at };
    let delivery = known.estimated_delivery.map(|at| ends(Promise::Delivery, known.clock.end_of(at)));
    match tab {
        Tab::InWarehouse => {
            let dispatch =
                known.required_dispatch_at.map(|at| ends(Promise::Dispatch, known.clock.end_of(at)));
            // Of two that end together the delivery counts, as it does for `promise_of`.
            delivery.into_iter().chain(dispatch).min_by_key(|open| open.due_at)
        }
        Tab::OnTheWay => {
            // A label may have been scanned before the goods left; a courier that never scans is silent since then.
            let heard_of = || known.scanned_at.max(known.dispatched_at);
            let news = || heard_of()?.checked_add_signed(SILENCE).map(|end| ends(Promise::News, end));
            delivery.or_else(news)
        }
        Tab::Delivered | Tab::Closed => None,
    }
}

/// Which promise is open, for an order whose standing is known.
pub fn promise_of(
    tab: &str,
    due_at: Option<DateTime<Utc>>,
    estimated_delivery: Option<DateTime<Utc>>,
    clock: WarehouseClock,
) -> Option<Promise> {
    let due_at = due_at?;
    Some(if estimated_delivery.is_some_and(|at| clock.end_of(at) == due_at) {
        Promise::Delivery
    } else if tab == Tab::InWarehouse.as_str() {
        Promise::Dispatch
    } else {
        Promise::News
    })
}

#[cfg(test)]
mod tests {
    use super::super::mapping::CURRENT;
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    const fn class(phase: CarrierPhase, sub: u8) -> ScanClass {
        ScanClass { phase, sub }
    }

    const LONDON: WarehouseClock = WarehouseClock::USUAL;

    const PACKED: Known<'_> = Known {
        status_id: Some(20),
        status: Some("PACKED"),
        external_status: None,
        dispatched_at: None,
        required_dispatch_at: None,
        estimated_delivery: None,
        is_tracked: true,
        is_vanished: false,
        scan: None,
        scanned_at: None,
        clock: LONDON,
        missed: None,
    };

    #[test]
    fn an_order_walks_from_tab_to_tab() {
        let shown = |known: Known<'_>| {
            let standing = CURRENT.standing(&known);
            (standing.tab, standing.carrier, standing.must_act)
        };
        assert_eq!(shown(PACKED), (Tab::InWarehouse, CarrierPhase::None, MustAct::Warehouse));
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..PACKED };
        assert_eq!(shown(left), (Tab::OnTheWay, CarrierPhase::Pending, MustAct::Carrier));
        let waiting = Known { scan: Some(class(CarrierPhase::AvailableForPickup, 1)), ..left };
        assert_eq!(shown(waiting), (Tab::OnTheWay, CarrierPhase::AvailableForPickup, MustAct::Recipient));
        let over = Known { scan: Some(class(CarrierPhase::Delivered, 1)), ..left };
        assert_eq!(shown(over), (Tab::Delivered, CarrierPhase::Delivered, MustAct::Nobody));
        let back = Known { scan: Some(class(CarrierPhase::Exception, 11)), ..left };
        assert_eq!(shown(back), (Tab::Closed, CarrierPhase::Exception, MustAct::Brand));
    }

    #[test]
    fn a_carrier_that_has_the_goods_proves_that_they_left() {
        let scanned = Known { scan: Some(class(CarrierPhase::InTransit, 2)), ..PACKED };
        let standing = CURRENT.standing(&scanned);
        assert_eq!((standing.tab, standing.warehouse), (Tab::OnTheWay, WarehousePhase::Packed));
        let told = Known { scan: Some(class(CarrierPhase::InfoReceived, 1)), ..PACKED };
        assert_eq!(CURRENT.standing(&told).tab, Tab::InWarehouse);
    }

    #[test]
    fn a_date_of_dispatch_proves_it_whatever_the_status_says_and_a_cancellation_stands_beside_it() {
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..PACKED };
        for id in [None, Some(1), Some(9), Some(99)] {
            let standing = CURRENT.standing(&Known { status_id: id, ..left });
            assert_eq!(
                (standing.warehouse, standing.tab, standing.attention),
                (WarehousePhase::Dispatched, Tab::OnTheWay, None)
            );
        }
        let cancelled = CURRENT.standing(&Known { status_id: Some(3), ..left });
        assert_eq!((cancelled.warehouse, cancelled.tab), (WarehousePhase::Cancelled, Tab::Closed));
        assert_eq!(cancelled.attention, Some(Attention::CancelledAfterDispatch));
        assert_eq!(CURRENT.standing(&Known { status_id: Some(3), ..PACKED }).attention, None);
    }

    #[test]
    fn what_is_promised_for_a_day_is_late_when_the_day_is_over() {
        let winter = Known { required_dispatch_at: Some(at("2026-02-10T00:00:00Z")), ..PACKED };
        assert_eq!(CURRENT.standing(&winter).due_at, Some(at("2026-02-11T00:00:00Z")));
        let summer = Known { estimated_delivery: Some(at("2026-07-09T23:00:00Z")), ..PACKED };
        assert_eq!(CURRENT.standing(&summer).due_at, Some(at("2026-07-10T23:00:00Z")));
        let hour = Known { estimated_delivery: Some(at("2026-07-09T12:30:00Z")), ..PACKED };
        assert_eq!(CURRENT.standing(&hour).due_at, Some(at("2026-07-09T12:30:00Z")));
        let clock = WarehouseClock::named(Some("America/Lima"));
        let lima = Known { estimated_delivery: Some(at("2026-07-09T05:00:00Z")), clock, ..PACKED };
        assert_eq!(CURRENT.standing(&lima).due_at, Some(at("2026-07-10T05:00:00Z")));
    }

    #[test]
    fn a_parcel_that_nobody_ever_scanned_is_silent_since_it_left() {
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..PACKED };
        let standing = CURRENT.standing(&left);
        assert_eq!(standing.promise, Some(Promise::News));
        assert_eq!(standing.due_at, Some(at("2026-03-12T16:00:00Z")));
        // The label was made the day before; what counts is the last that was heard.
        let label = Known { scanned_at: Some(at("2026-02-09T08:00:00Z")), ..left };
        assert_eq!(CURRENT.standing(&label).due_at, standing.due_at);
        let scanned = Known { scanned_at: Some(at("2026-02-11T08:00:00Z")), ..left };
        assert_eq!(CURRENT.standing(&scanned).due_at, Some(at("2026-03-13T08:00:00Z")));
    }

    #[test]
    fn a_missed_promise_needs_attention_while_it_is_the_one_that_is_open() {
        let promised = Known { required_dispatch_at: Some(at("2026-02-10T15:00:00Z")), ..PACKED };
        let open = CURRENT.standing(&promised).open_promise();
        let late = Known { missed: open, ..promised };
        let told = |known: &Known<'_>| {
            let standing = CURRENT.standing(known);
            (standing.is_missed, standing.attention)
        };
        assert_eq!(told(&promised), (false, None));
        assert_eq!(told(&late), (true, Some(Attention::LateDispatch)));
        let held = Known { status_id: Some(7), ..late };
        assert_eq!(told(&held), (true, Some(Attention::OnHold)), "what is told counts first");
        let moved = Known { required_dispatch_at: Some(at("2026-02-11T15:00:00Z")), ..late };
        assert_eq!(told(&moved), (false, None));
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..late };
        assert_eq!(told(&left), (false, None));
        let silent = Known { missed: CURRENT.standing(&left).open_promise(), ..left };
        assert_eq!(told(&silent), (true, Some(Attention::LateNews)));
        let awaited = Known { estimated_delivery: Some(at("2026-02-12T15:00:00Z")), ..left };
        let overdue = Known { missed: CURRENT.standing(&awaited).open_promise(), ..awaited };
        assert_eq!(told(&overdue), (true, Some(Attention::LateDelivery)));
        let over = Known { scan: Some(class(CarrierPhase::Delivered, 1)), ..overdue };
        assert_eq!(told(&over), (false, None));
    }

    #[test]
    fn what_stands_against_what() {
        let scanned = |phase| Some(class(phase, 1));
        let cancelled = Known { status_id: Some(3), status: Some("CANCELLED"), ..PACKED };
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..cancelled };
        let arrived = Known { scan: scanned(CarrierPhase::Delivered), ..PACKED };
        let under_way = Known { scan: scanned(CarrierPhase::InTransit), ..cancelled };
        let after_all = Some(Attention::CancelledAfterDispatch);
        for (known, tab, must_act, attention, why) in [
            (
                Known { is_vanished: true, ..arrived },
                Tab::Delivered,
                MustAct::Nobody,
                None,
                "it is delivered",
            ),
            (
                Known { scan: arrived.scan, ..cancelled },
                Tab::Delivered,
                MustAct::Nobody,
                None,
                "it is delivered",
            ),
            (under_way, Tab::Closed, MustAct::Brand, after_all, "a carrier proves that it left"),
            (Known { is_vanished: true, ..left }, Tab::Closed, MustAct::Nobody, None, "nobody can act"),
        ] {
            let standing = CURRENT.standing(&known);
            let told = (standing.tab, standing.must_act, standing.attention);
            assert_eq!(told, (tab, must_act, attention), "{why}: {known:?}");
        }
        let day = Some(at("2026-02-10T15:00:00Z"));
        let both = Known { required_dispatch_at: day, estimated_delivery: day, ..PACKED };
        let Standing { tab, due_at, promise, .. } = CURRENT.standing(&both);
        assert_eq!(promise, promise_of(tab.as_str(), due_at, day, both.clock), "of two that end together");
    }

    #[test]
    fn the_promise_that_is_open_follows_the_order() {
        let promised = Known {
            required_dispatch_at: Some(at("2026-02-10T15:00:00Z")),
            estimated_delivery: Some(at("2026-02-12T15:00:00Z")),
            ..PACKED
        };
        let open = |known: Known<'_>| {
            let standing = CURRENT.standing(&known);
            promise_of(standing.tab.as_str(), standing.due_at, known.estimated_delivery, known.clock)
        };
        assert_eq!(open(promised), Some(Promise::Dispatch));
        let left = Known { dispatched_at: Some(at("2026-02-10T16:00:00Z")), ..promised };
        assert_eq!(open(left), Some(Promise::Delivery));
        let silent = Known { estimated_delivery: None, scanned_at: Some(at("2026-02-11T08:00:00Z")), ..left };
        assert_eq!(open(silent), Some(Promise::News));
        assert_eq!(open(Known { scan: Some(class(CarrierPhase::Delivered, 1)), ..left }), None);
        assert_eq!(open(Known { is_vanished: true, ..promised }), None);
    }
}
