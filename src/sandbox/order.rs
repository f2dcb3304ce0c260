//! What the sandbox knows of one order. Absent: its JSON form (`wire`) and the rules of its moves (`moves`).

use std::fmt;

use chrono::{DateTime, Utc};

/// An order of the warehouse. Tests may change any field through `WorldHandle::edit`.
#[derive(Clone, Debug)]
pub struct Order {
    /// Upstream's id.
    pub id: i64,
    /// The client of the warehouse.
    pub client_id: i64,
    /// `OrderNumber`; shared by the parts of a split order.
    pub number: String,
    /// `ExternalOrderReference`.
    pub external_reference: Option<String>,
    /// `OrderDate`, UTC.
    pub order_date: DateTime<Utc>,
    /// `DespatchDate`, UTC.
    pub despatch_date: Option<DateTime<Utc>>,
    /// `AtNewDate`, UTC.
    pub at_new_date: Option<DateTime<Utc>>,
    /// `RequiredDespatchDate`, UTC.
    pub required_despatch_date: Option<DateTime<Utc>>,
    /// `RequiredDeliveryDate`, UTC.
    pub required_delivery_date: Option<DateTime<Utc>>,
    /// Who gets the parcel.
    pub recipient: Recipient,
    /// `Source`.
    pub source: Option<String>,
    /// `Comments`, the single string on the order.
    pub comments: Option<String>,
    /// `DeliveryNotes`.
    pub delivery_notes: Option<String>,
    /// `OrderStatusId`.
    pub status: i32,
    /// The status to go back to when a query or a hold ends.
    pub previous_status: Option<i32>,
    /// `NumberOfParcels`.
    pub parcels: i32,
    /// `Part`, counted from 1.
    pub part: i32,
    /// `NumberOfParts`.
    pub parts: i32,
    /// `CourierServiceId`.
    pub courier_service_id: i32,
    /// `TrackingNumber`.
    pub tracking_number: Option<String>,
    /// `PIIRemoved`.
    pub pii_removed: bool,
    /// `WarehouseId`.
    pub warehouse_id: i32,
    /// `ChannelId`.
    pub channel_id: i32,
    /// The code of its currency, as in `GBP`.
    pub currency: String,
    /// `DespatchedByUser`.
    pub despatched_by: Option<String>,
    /// `OrderLock`.
    pub lock: bool,
    /// `Tags`, comma-separated.
    pub tags: Option<String>,
    /// The lines.
    pub items: Vec<Item>,
    /// `OrderNameValues`: a list, since names repeat.
    pub name_values: Vec<NameValue>,
    /// `LastUpdated`, UTC.
    pub last_updated: DateTime<Utc>,
    /// `LastUpdatedByUser`.
    pub last_updated_by: Option<String>,
    pub(super) notes: Vec<Note>,
    pub(super) documents: Vec<Document>,
    pub(super) shipments: Vec<Shipment>,
    pub(super) actions: Vec<ActionRow>,
    pub(super) splits: Vec<SplitRow>,
}

impl Order {
    /// An order that just arrived, whole and without lines.
    pub(super) fn blank(id: i64, at: DateTime<Utc>, recipient: Recipient, by: &str) -> Self {
        Self {
            id,
            client_id: 0,
            number: String::new(),
            external_reference: None,
            order_date: at,
            despatch_date: None,
            at_new_date: Some(at),
            required_despatch_date: None,
            required_delivery_date: None,
            recipient,
            source: None,
            comments: None,
            delivery_notes: None,
            status: 1,
            previous_status: None,
            parcels: 1,
            part: 1,
            parts: 1,
            courier_service_id: 0,
            tracking_number: None,
            pii_removed: false,
            warehouse_id: 3,
            channel_id: 9,
            currency: String::new(),
            despatched_by: None,
            lock: false,
            tags: None,
            items: Vec::new(),
            name_values: Vec::new(),
            last_updated: at,
            last_updated_by: Some(by.to_owned()),
            notes: Vec::new(),
            documents: Vec::new(),
            shipments: Vec::new(),
            actions: Vec::new(),
            splits: Vec::new(),
        }
    }

    /// Forgets what hangs on an order: a copy or a part starts without it.
    pub(super) fn shed(&mut self) {
        self.despatch_date = None;
        self.despatched_by = None;
        self.tracking_number = None;
        self.previous_status = None;
        self.name_values.clear();
        self.notes.clear();
        self.documents.clear();
        self.shipments.clear();
        self.actions.clear();
        self.splits.clear();
    }
}

/// Who gets the parcel, and where. `None` and `""` both occur upstream; `None` lets the seed choose.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Recipient {
    /// `Title`.
    pub title: Option<String>,
    /// `FirstName`.
    pub first_name: Option<String>,
    /// `LastName`.
    pub last_name: Option<String>,
    /// `CompanyName`.
    pub company: Option<String>,
    /// `Address1`.
    pub address1: Option<String>,
    /// `Address2`.
    pub address2: Option<String>,
    /// `Address3`.
    pub address3: Option<String>,
    /// `Town`.
    pub town: Option<String>,
    /// `County`.
    pub county: Option<String>,
    /// `PostCode`.
    pub post_code: Option<String>,
    /// `Phone`.
    pub phone: Option<String>,
    /// `Mobile`.
    pub mobile: Option<String>,
    /// `Email`.
    pub email: Option<String>,
    /// The two-letter code of the country; unknown ones count as the United Kingdom.
    pub country: String,
}

/// A line of an order.
#[derive(Clone, Debug)]
pub struct Item {
    /// Upstream's id of the line.
    pub id: i64,
    /// `ProductId`.
    pub product_id: i64,
    /// `SKU`.
    pub sku: String,
    /// `Quantity`.
    pub quantity: i32,
    /// `OnBackOrder`.
    pub on_back_order: i32,
    /// Price of one with tax, in the order's currency.
    pub price: f64,
    /// Weight of one, kg.
    pub weight: f64,
    /// When the line was made, UTC.
    pub last_updated: DateTime<Utc>,
}

/// One of the free name and value pairs of an order.
#[derive(Clone, Debug)]
pub struct NameValue {
    /// Upstream's id of the pair; 0 gets one when the edit is done.
    pub id: i64,
    /// The name; may repeat within an order.
    pub name: String,
    /// The value.
    pub value: String,
    /// When it was written, UTC.
    pub last_updated: DateTime<Utc>,
    /// Who wrote it.
    pub by: String,
}

/// A comment row.
#[derive(Clone, Debug)]
pub struct Note {
    pub id: i64,
    pub status: i32,
    pub text: String,
    /// Internal to the warehouse: kept, never returned, and hidden from client users.
    pub admin: bool,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// A document row; its bytes are made when they are asked for.
#[derive(Clone, Debug)]
pub struct Document {
    pub id: i64,
    pub type_id: i32,
    pub file_name: String,
    pub title: String,
    pub paper: &'static str,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// A shipment row.
#[derive(Clone, Debug)]
pub struct Shipment {
    pub id: i64,
    pub order_id: i64,
    pub document_id: Option<i64>,
    pub courier_type: String,
    pub number: String,
    pub parcel_numbers: Vec<String>,
    pub download_tracking_events: bool,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// What a caller registers to be called back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConnectAction {
    /// `Type`: `API` for callbacks, other words belong to shop connectors.
    pub kind: String,
    /// `SourceOrderId`, unique per client.
    pub source_order_id: String,
    /// `ExtraCode1`: called when despatched.
    pub despatched_url: Option<String>,
    /// `ExtraCode2`: called when cancelled.
    pub cancelled_url: Option<String>,
    /// `ExtraCode3`: called when delivered.
    pub delivered_url: Option<String>,
    /// `ExtraCode4`: the `Authorization` header of the callback.
    pub authorization: Option<String>,
    /// `ExtraCode5`: called when split.
    pub split_url: Option<String>,
    /// `Complete`: true once a callback was taken.
    pub complete: bool,
    /// `Messages`: what became of the last callback.
    pub messages: Option<String>,
}

/// A registered action with its row's own columns.
#[derive(Clone, Debug)]
pub struct ActionRow {
    pub id: i64,
    pub action: ConnectAction,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// The trace of a split: the part that left this order.
#[derive(Clone, Debug)]
pub struct SplitRow {
    pub id: i64,
    pub order_id: i64,
    pub split_order_id: i64,
    pub at: DateTime<Utc>,
    pub by: String,
}

impl fmt::Debug for Recipient {
    /// The country alone: names and addresses do not belong into output.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("country", &self.country).finish_non_exhaustive()
    }
}

impl fmt::Debug for ConnectAction {
    /// Without the URLs and the header, which carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectAction")
            .field("kind", &self.kind)
            .field("source_order_id", &self.source_order_id)
            .field("complete", &self.complete)
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
