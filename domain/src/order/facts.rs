//! What is known of an order: values in the ledger's own words, in UTC, trimmed, without floating point.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything that upstream has told of one order, as it is known now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// Mintsoft's order number, such as `ladore-1001`. Parts of a split order share it.
    pub number: String,
    /// The reference that the shop's connector wrote; it may be absent or wrong.
    pub external_reference: Option<String>,
    /// The client of the warehouse account that the order is booked under.
    pub client_id: Option<i64>,
    /// When the order was placed, by upstream's order date (UTC).
    pub ordered_at: Option<DateTime<Utc>>,
    /// Which part of a split order this is.
    pub part: Part,
    /// Where the order is in the warehouse.
    pub status: Option<Status>,
    /// Who carries it.
    pub courier: Option<Courier>,
    /// The tracking number, once there is one.
    pub tracking: Option<Tracking>,
    /// When it left the warehouse (UTC). A date here proves dispatch, whatever the status says.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// When it should arrive (UTC): upstream's required delivery date.
    pub estimated_delivery: Option<DateTime<Utc>>,
    /// How many parcels, and how heavy.
    pub parcels: Parcels,
    /// The consignments that were booked with a courier.
    pub shipments: Vec<Shipment>,
    /// What is in the order.
    pub items: Vec<Item>,
    /// Whom it goes to, sealed.
    pub recipient: Option<Sealed>,
    /// The rest that lists and pages show.
    pub details: Details,
}

/// A piece of personal data, sealed with the key of its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// A keyed fingerprint of the plain content, so that equal content is recognised without opening it.
    /// It proves nothing once the order's key is destroyed.
    pub fingerprint: String,
    /// The sealed bytes in base64.
    pub sealed: String,
}

/// Which part of a split order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1.
    pub number: i32,
    /// How many parts there are; 1 for an order that is whole.
    pub of: i32,
}

impl Default for Part {
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

/// A warehouse status, always with upstream's own number and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Upstream's number, 1 to 23 today; more appear over time.
    pub id: i32,
    /// Upstream's name, such as `DESPATCHED`; `STATUS 24` where its list does not have the number yet.
    pub name: String,
    /// The name upstream shows to clients, where it differs (INVOICED is shown as DESPATCHED).
    pub external_name: Option<String>,
}

/// A courier's service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Courier {
    /// Upstream's number of the service.
    pub service_id: Option<i64>,
    /// The service's name.
    pub name: Option<String>,
}

/// How to follow the goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracking {
    /// As upstream wrote it; several parcels may be joined in one text.
    pub number: String,
    /// The courier's page. Upstream fills it even without a number; it is kept only beside one.
    pub url: Option<String>,
}

/// Count and weight of the parcels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcels {
    /// How many parcels.
    pub count: Option<i32>,
    /// Total weight in grams; upstream states kilograms.
    pub weight_grams: Option<i64>,
}

/// A consignment booked with a courier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Upstream's number of the shipment; tracking events refer to it.
    pub id: i64,
    /// The consignment or tracking number.
    pub number: Option<String>,
    /// The courier integration that booked it.
    pub courier_type: Option<String>,
    /// One number for each parcel.
    pub parcel_numbers: Vec<String>,
    /// When it was booked (UTC).
    pub shipped_at: Option<DateTime<Utc>>,
    /// Whether upstream follows the parcel, so that tracking events can be expected.
    pub followed: bool,
}

/// A line of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Upstream's number of the line.
    pub id: Option<i64>,
    /// The stock-keeping unit.
    pub sku: Option<String>,
    /// Units ordered.
    pub quantity: i64,
    /// Units reserved from stock.
    pub allocated: i64,
    /// Units waiting for stock.
    pub on_back_order: i64,
}

/// What else is told of an order; none of it personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The warehouse that keeps it.
    pub warehouse_id: Option<i64>,
    /// The sales channel's name.
    pub channel: Option<String>,
    /// ISO 4217 code of the amounts.
    pub currency: Option<String>,
    /// The order's gross total in hundredths of the currency's unit.
    pub total_hundredths: Option<i64>,
    /// The recipient's country (ISO 3166 alpha-2).
    pub country: Option<String>,
    /// Tags, in upstream's order.
    pub tags: Vec<String>,
    /// By when it must leave the warehouse (UTC).
    pub required_dispatch_at: Option<DateTime<Utc>>,
    /// The zone of the warehouse's clock, where it is not London's: a promised instant that is a midnight there is a day.
    #[serde(default)]
    pub zone: Option<String>,
    /// Whether other orders were merged into this one; its number then joins theirs with `+`.
    pub merged: bool,
}

/// One scan by the courier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingEvent {
    /// Upstream's number of the event: unique, and the key by which a repetition is known.
    pub id: i64,
    /// The shipment it belongs to.
    pub shipment_id: Option<i64>,
    /// Upstream's number of the tracking status.
    pub status_id: Option<i64>,
    /// Upstream's name of the tracking status, such as `OutForDelivery`.
    pub status: Option<String>,
    /// The courier's text for the customer, or its own wording where there is none.
    pub description: Option<String>,
    /// The courier's stage code.
    pub stage_code: Option<String>,
    /// The courier's own id of the scan.
    pub courier_event_id: Option<String>,
    /// When the courier scanned it (UTC, taken in the account's zone).
    pub happened_at: Option<DateTime<Utc>>,
    /// Whether it says that the goods were delivered.
    pub delivered: bool,
}

impl TrackingEvent {
    /// The same without what the courier wrote, which may name a person.
    #[must_use]
    pub fn without_text(&self) -> Self {
        Self { description: None, ..self.clone() }
    }
}

/// The shop order that a warehouse order fulfils.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopOrder {
    /// The host's number, or the ledger's own where the host said none.
    pub order_id: i64,
    /// The name the customer sees, such as `#1001`.
    pub name: String,
}

impl ShopOrder {
    /// Whether both carry the same name.
    pub fn is_named_as(&self, other: &Self) -> bool {
        comparable_name(&self.name) == comparable_name(&other.name)
    }
}

/// A shop order's name as names are compared: without the leading `#`, without blanks around it, in lower case.
pub fn comparable_name(name: &str) -> String {
    let name = name.trim();
    name.strip_prefix('#').unwrap_or(name).trim().to_lowercase()
}

/// By what a link was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkBasis {
    /// The whole shop order name.
    Name,
    /// The shop's order number.
    OrderNumber,
    /// The host platform said so.
    Host,
    /// A person said so.
    Manual,
}

impl LinkBasis {
    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::OrderNumber => "order_number",
            Self::Host => "host",
            Self::Manual => "manual",
        }
    }
}

/// On what grounds an order counts as delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryBasis {
    /// A courier's scan said so.
    TrackingEvent,
    /// Upstream's delivered callback said so, and no scan did, or none any more.
    Callback,
}
