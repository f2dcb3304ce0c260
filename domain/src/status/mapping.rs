//! The mapping: tables, and nothing else. Whoever changes a line raises [`VERSION`]; `ledger rebuild` then reads all
//! history by the new tables, and `UPDATE_DOCS=1 cargo test -p logistics-domain` tells them anew in `docs/status.md`.
//!
//! The longest of them, of what couriers write, stands in `texts.rs`; how the tables are read stands in `read.rs`.

use std::sync::OnceLock;

use super::text::TextIndex;
use super::texts::TEXTS;
use super::words::CarrierPhase::{
    AttemptFail, AvailableForPickup, Delivered, Exception, Expired, InTransit, InfoReceived, OutForDelivery,
    Pending,
};
use super::words::MustAct::{Brand, Carrier, Nobody, Platform, Recipient, Warehouse};
use super::words::WarehousePhase::{
    Cancelled, Dispatched, Packed, Preparing, Received, Stopped, Unknown, Waiting,
};
use super::words::{Attention as Why, CarrierPhase, MustAct, WarehousePhase};

/// The version of [`CURRENT`].
pub const VERSION: i32 = 2;

/// The mapping that is used.
pub static CURRENT: Mapping = Mapping {
    version: VERSION,
    warehouse: WAREHOUSE,
    warehouse_names: WAREHOUSE_NAMES,
    carrier: CARRIER,
    tracking_names: TRACKING_NAMES,
    texts: TEXTS,
    codes: CODES,
    index: OnceLock::new(),
};

/// Tables by which statuses and scans are read.
#[derive(Debug)]
pub struct Mapping {
    /// Stands beside every order that was read by it.
    pub version: i32,
    /// What each status number of Mintsoft means.
    pub warehouse: &'static [WarehouseRule],
    /// What a status name means whose number is not among those; the first that fits counts.
    pub warehouse_names: &'static [NameRule],
    /// Whose move it is with the carrier, and what needs attention; the first that fits counts.
    pub carrier: &'static [CarrierRule],
    /// What Mintsoft's tracking statuses are called, in the words of several systems.
    pub tracking_names: &'static [TrackingName],
    /// What couriers write; the first that fits counts.
    pub texts: &'static [TextRule],
    /// What couriers' codes mean, where there is no text.
    pub codes: &'static [CodeRule],
    /// Made of `texts` when first needed.
    pub(super) index: OnceLock<TextIndex>,
}

impl Mapping {
    /// The same tables with others for the warehouse, under another version: a door for tests of what a newer mapping does
    /// to a history that was read by an older one.
    pub const fn with_warehouse(version: i32, warehouse: &'static [WarehouseRule]) -> Self {
        Self {
            version,
            warehouse,
            warehouse_names: WAREHOUSE_NAMES,
            carrier: CARRIER,
            tracking_names: TRACKING_NAMES,
            texts: TEXTS,
            codes: CODES,
            index: OnceLock::new(),
        }
    }
}

/// A status number of Mintsoft: number, Mintsoft's name, phase, whose move, what needs attention.
pub type WarehouseRule = (i32, &'static str, WarehousePhase, MustAct, Option<Why>);

/// Words of a status name, phase, whose move, what needs attention.
pub type NameRule = (&'static str, WarehousePhase, MustAct, Option<Why>);

/// A phase, AfterShip's sub-status in it (0: any), whose move, what needs attention.
pub type CarrierRule = (CarrierPhase, u8, MustAct, Option<Why>);

/// A name without case and points, its phase and AfterShip's sub-status.
pub type TrackingName = (&'static str, CarrierPhase, u8);

/// Words of couriers that mean one thing.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    /// The words, small and plain, with ` | ` between alternatives; a star passes over up to four words.
    pub patterns: &'static str,
    /// Counts only where the courier's name holds this word.
    pub courier: Option<&'static str>,
    /// The phase.
    pub phase: CarrierPhase,
    /// AfterShip's sub-status.
    pub sub: u8,
}

/// A word of the courier's name, its code in small letters, phase and sub-status.
pub type CodeRule = (&'static str, &'static str, CarrierPhase, u8);

const WAREHOUSE: &[WarehouseRule] = &[
    (1, "NEW", Received, Warehouse, None),
    (2, "PRINTED", Preparing, Warehouse, None),
    (3, "CANCELLED", Cancelled, Nobody, None),
    (4, "DESPATCHED", Dispatched, Carrier, None),
    (5, "INVOICED", Dispatched, Carrier, None),
    (6, "INVOICEFAILED", Dispatched, Carrier, None),
    (7, "HOLDING", Waiting, Brand, Some(Why::OnHold)),
    (8, "FAILED", Stopped, Platform, Some(Why::OrderFailed)),
    (9, "ONBACKORDER", Stopped, Brand, Some(Why::OutOfStock)),
    (10, "AWAITINGCONFIRMATION", Waiting, Brand, Some(Why::AwaitingConfirmation)),
    (11, "AWAITINGDOCUMENTATION", Waiting, Brand, Some(Why::AwaitingDocuments)),
    (12, "AWAITINGPAYMENT", Waiting, Brand, Some(Why::AwaitingPayment)),
    (13, "QUERYRAISED", Stopped, Brand, Some(Why::QueryRaised)),
    (14, "PACKANDHOLD", Waiting, Brand, None),
    (15, "AWAITINGPICKING", Preparing, Warehouse, None),
    (16, "PICKINGSTARTED", Preparing, Warehouse, None),
    (17, "PICKED", Preparing, Warehouse, None),
    (18, "FRAUDRISK", Stopped, Brand, Some(Why::FraudRisk)),
    (19, "PICKINGSKIPPED", Stopped, Warehouse, Some(Why::PickingSkipped)),
    (20, "PACKED", Packed, Warehouse, None),
    (21, "AWAITINGREPLEN", Stopped, Warehouse, Some(Why::AwaitingReplenishment)),
    (22, "PROCESSING", Preparing, Warehouse, None),
    (23, "REBINNED", Preparing, Warehouse, None),
];

/// Squashed names; `x*` fits what begins with x. A name from the table above fits by itself.
const WAREHOUSE_NAMES: &[NameRule] = &[
    ("awaitingadditionalitem", Waiting, Brand, Some(Why::AwaitingItem)),
    ("awaitingdespatch", Packed, Warehouse, None),
    ("awaitingdispatch", Packed, Warehouse, None),
    ("dispatched", Dispatched, Carrier, None),
    ("shipped", Dispatched, Carrier, None),
    ("canceled", Cancelled, Nobody, None),
    ("awaitingpick*", Preparing, Warehouse, None),
    ("awaitingpack*", Preparing, Warehouse, None),
    ("awaitingstock*", Stopped, Brand, Some(Why::OutOfStock)),
    ("backorder*", Stopped, Brand, Some(Why::OutOfStock)),
    ("awaiting*", Waiting, Brand, Some(Why::OnHold)),
    ("onhold*", Waiting, Brand, Some(Why::OnHold)),
    ("hold*", Waiting, Brand, Some(Why::OnHold)),
    ("query*", Stopped, Brand, Some(Why::QueryRaised)),
    ("pick*", Preparing, Warehouse, None),
    ("*", Unknown, Warehouse, None),
];

const CARRIER: &[CarrierRule] = &[
    (AvailableForPickup, 0, Recipient, None),
    (AttemptFail, 0, Brand, Some(Why::AttemptFailed)),
    (Exception, 2, Brand, Some(Why::RecipientMoved)),
    (Exception, 3, Brand, Some(Why::DeliveryRefused)),
    (Exception, 4, Brand, Some(Why::CustomsDelay)),
    (Exception, 5, Carrier, Some(Why::DeliveryDelayed)),
    (Exception, 6, Recipient, Some(Why::PaymentDue)),
    (Exception, 7, Brand, Some(Why::AddressIncorrect)),
    (Exception, 8, Brand, Some(Why::PickupMissed)),
    (Exception, 9, Warehouse, Some(Why::RejectedByCarrier)),
    (Exception, 10, Carrier, Some(Why::Returning)),
    (Exception, 11, Brand, Some(Why::Returned)),
    (Exception, 12, Brand, Some(Why::Damaged)),
    (Exception, 13, Brand, Some(Why::Lost)),
    (Exception, 0, Brand, Some(Why::DeliveryProblem)),
    (Expired, 0, Brand, Some(Why::CarrierSilent)),
    (Delivered, 0, Nobody, None),
];

/// Names of AfterShip, EasyPost, Shopify and karrio. EasyPost's and karrio's `unknown` say nothing.
const TRACKING_NAMES: &[TrackingName] = &[
    ("pending", Pending, 1),
    ("confirmed", Pending, 1),
    ("inforeceived", InfoReceived, 1),
    ("pretransit", InfoReceived, 1),
    ("labelpurchased", InfoReceived, 1),
    ("labelprinted", InfoReceived, 1),
    ("intransit", InTransit, 1),
    ("carrierpickedup", InTransit, 2),
    ("pickedup", InTransit, 2),
    ("outfordelivery", OutForDelivery, 1),
    ("attemptfail", AttemptFail, 1),
    ("attemptedfail", AttemptFail, 1),
    ("failedattempt", AttemptFail, 1),
    ("attempteddelivery", AttemptFail, 1),
    ("deliveryattempted", AttemptFail, 1),
    ("deliveryfailed", AttemptFail, 1),
    ("faileddelivery", AttemptFail, 1),
    ("notdelivered", AttemptFail, 1),
    ("undelivered", AttemptFail, 1),
    ("delivered", Delivered, 1),
    ("entregado", Delivered, 1),
    ("availableforpickup", AvailableForPickup, 1),
    ("availableforcollection", AvailableForPickup, 1),
    ("readyforpickup", AvailableForPickup, 1),
    ("readyforcollection", AvailableForPickup, 1),
    ("exception", Exception, 1),
    ("failure", Exception, 1),
    ("error", Exception, 1),
    ("onhold", Exception, 1),
    ("cancelled", Exception, 1),
    ("canceled", Exception, 1),
    ("delayed", Exception, 5),
    ("deliverydelayed", Exception, 5),
    ("returntosender", Exception, 10),
    ("returningtosender", Exception, 10),
    ("returned", Exception, 11),
    ("returnedtosender", Exception, 11),
    ("damaged", Exception, 12),
    ("lost", Exception, 13),
    ("expired", Expired, 1),
];

/// Codes of scans that come without a text.
const CODES: &[CodeRule] = &[
    ("dpd", "shipment", InfoReceived, 1),
    ("hermes", "5000", AvailableForPickup, 1),
    ("evri", "5000", AvailableForPickup, 1),
    ("dhl", "rw", InTransit, 1),
    ("dhl", "cc", InTransit, 1),
    ("dhl", "oh", Exception, 1),
    ("dhl", "nh", AttemptFail, 2),
    ("dhl", "rd", Exception, 3),
    ("dhl", "rt", Exception, 11),
    ("fedex", "cd", Exception, 4),
    ("fedex", "rs", Exception, 10),
    ("shalom", "demora", Exception, 5),
];
