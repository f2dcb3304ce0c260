//! An order as an answer shows it. Its names are the names of the read table's columns.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::Shipment;
use logistics_domain::status::WarehouseClock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::postgres::PgRow;
use utoipa::ToSchema;

use uuid::Uuid;

use super::described::ItemView;
use super::freshness::{Freshness, ReadAt, freshness};
use super::seen::{BESIDE_AT, Seen, heard_beside, is_late};
use crate::orders::rows::row::{AlsoFulfilled, Cancellation, OrderData};
use crate::orders::rows::scans::LastScan;
use crate::raw_json::RawJson;

/// An order as the API answers it. All instants are in UTC; `weight` is in kilograms.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OrderView {
    /// The ledger's id of the order, for addresses and for the history.
    pub id: Uuid,
    /// The tenant whose order it is.
    pub tenant_id: i64,
    /// For those who go on to ask upstream; callers are not shown it.
    #[serde(skip)]
    pub account_id: Uuid,
    /// The shop order that the order fulfils; null while none is linked.
    pub order_id: Option<i64>,
    /// The name of that shop order, as `#1001`.
    pub shop_order_name: Option<String>,
    /// By what the shop order was found: `name`, `order_number`, `host` or `manual`.
    pub link_basis: Option<String>,
    /// Mintsoft's id of the order, unique in its account.
    pub mintsoft_order_id: i64,
    /// The order number that people know; the parts of a split order share it.
    pub mintsoft_order_number: String,
    /// Mintsoft's name of the order's status.
    pub status: Option<String>,
    /// Mintsoft's id of the order's status.
    pub status_id: Option<i32>,
    /// The name of the courier's service.
    pub courier_service: Option<String>,
    /// Mintsoft's id of the courier's service.
    pub courier_service_id: Option<i64>,
    /// The tracking number as Mintsoft has it; several parcels may be joined in it.
    pub tracking_number: Option<String>,
    /// The courier's page for the tracking number.
    pub tracking_url: Option<String>,
    /// When the order left the warehouse (UTC).
    pub dispatched_at: Option<DateTime<Utc>>,
    /// When the order should arrive (UTC).
    pub estimated_delivery: Option<DateTime<Utc>>,
    /// When the order was delivered (UTC), by a courier's scan or by Mintsoft's word; null where a later scan refutes that.
    pub delivered_at: Option<DateTime<Utc>>,
    /// How many parcels the order has.
    pub num_parcels: Option<i32>,
    /// The weight of all parcels, in kilograms.
    pub weight: Option<f64>,
    /// Which part of a split order this is, from 1.
    pub part: i32,
    /// How many parts the order has; 1 when it is whole.
    pub number_of_parts: i32,
    /// When the order was placed, by Mintsoft's order date (UTC).
    pub ordered_at: Option<DateTime<Utc>>,
    /// Since when Mintsoft no longer has the order (UTC); null while it does.
    pub vanished_at: Option<DateTime<Utc>>,
    /// The last cancellation that was asked for: `request_id`, `state`, `message`, `requested_by`, `requested_at`. Its `state`
    /// tells what became of the wish: an order whose cancellation is `confirmed` may have been taken up again since, and
    /// `warehouse_phase` tells whether it is cancelled now.
    #[schema(value_type = Option<Cancellation>)]
    pub cancellation: Option<Value>,
    /// Where the order is in the warehouse, by the mapping of statuses: `received`, `waiting`, `preparing`, `packed`,
    /// `stopped`, `dispatched`, `cancelled` or `unknown`.
    pub warehouse_phase: String,
    /// Where the goods are with the carrier: `none`, `unknown`, or AfterShip's tag in small letters.
    pub carrier_phase: String,
    /// Whose move it is: `nobody`, `warehouse`, `brand`, `carrier`, `recipient` or `platform`.
    pub must_act: String,
    /// Why the order needs attention, as a code; null where it needs none.
    pub attention: Option<String>,
    /// The tab of a list that the order stands under: `in_warehouse`, `on_the_way`, `delivered` or `closed`.
    pub tab: String,
    /// When the open promise about the order ends (UTC); null where none is open.
    pub due_at: Option<DateTime<Utc>>,
    /// Which promise is open: `dispatch`, `delivery` or `news` (of a parcel that was scanned).
    pub due: Option<String>,
    /// Whether the open promise has ended without being kept.
    pub late: bool,
    /// The version of the mapping of statuses by which the phases, `must_act`, `attention`, `tab` and `due_at` were
    /// told.
    pub mapping_version: i32,
    /// The newest scan in the courier's words, from `order_data_json`.
    #[schema(value_type = Option<LastScan>)]
    pub last_scan: Option<RawJson>,
    /// The lines, from `order_data_json`.
    #[schema(value_type = Vec<ItemView>)]
    pub items: RawJson,
    /// Everything else that Mintsoft tells of the order. No personal data.
    #[schema(value_type = OrderData)]
    pub order_data_json: RawJson,
    /// When the ledger first saw the order (UTC).
    pub created_at: DateTime<Utc>,
    /// When what is shown of the order last changed (UTC).
    pub updated_at: DateTime<Utc>,
    /// How fresh what is shown of the order is.
    pub freshness: Freshness,
}

impl OrderView {
    /// The clock by which the warehouse tells days.
    pub fn clock(&self) -> WarehouseClock {
        self.data().clock()
    }

    /// By when it must leave the warehouse (UTC).
    pub fn required_dispatch_at(&self) -> Option<DateTime<Utc>> {
        self.data().details?.required_dispatch_at
    }

    /// The consignments, as upstream tells them.
    ///
    /// # Errors
    ///
    /// Where they are stored in another shape.
    pub fn shipments(&self) -> serde_json::Result<Vec<Shipment>> {
        self.data().shipments.map_or_else(|| Ok(vec![]), |text| serde_json::from_str(text.get()))
    }

    /// What a survivor of merges fulfils besides its first shop order.
    pub fn also_fulfils(&self) -> Vec<AlsoFulfilled> {
        self.data().also_fulfils
    }

    fn data(&self) -> Data<'_> {
        self.order_data_json.read().unwrap_or_default()
    }

    /// Reads a row that begins with what is [`SELECTED`](super::seen::SELECTED).
    pub(crate) fn read(row: &PgRow, read: ReadAt) -> sqlx::Result<Self> {
        let Seen { account_id, head, last_scan, items, order_data_json, mapping_version, tail, observed } =
            Seen::of(row)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let json = |text: &str| RawJson::written(text).map_err(|error| sqlx::Error::Decode(error.into()));
        Ok(Self {
            id: head.id,
            tenant_id: head.tenant_id,
            account_id,
            order_id: head.order_id,
            shop_order_name: owned(head.shop_order_name),
            link_basis: owned(head.link_basis),
            mintsoft_order_id: head.mintsoft_order_id,
            mintsoft_order_number: head.mintsoft_order_number.to_owned(),
            status: owned(head.status),
            status_id: head.status_id,
            courier_service: owned(head.courier_service),
            courier_service_id: head.courier_service_id,
            tracking_number: owned(head.tracking_number),
            tracking_url: owned(head.tracking_url),
            dispatched_at: head.dispatched_at,
            estimated_delivery: head.estimated_delivery,
            delivered_at: head.delivered_at,
            num_parcels: head.num_parcels,
            weight: head.weight,
            part: head.part,
            number_of_parts: head.number_of_parts,
            ordered_at: head.ordered_at,
            vanished_at: head.vanished_at,
            cancellation: head.cancellation,
            warehouse_phase: head.warehouse_phase.to_owned(),
            carrier_phase: head.carrier_phase.to_owned(),
            must_act: head.must_act.to_owned(),
            attention: owned(head.attention),
            tab: head.tab.to_owned(),
            due_at: head.due_at,
            due: owned(head.due),
            late: is_late(head.due_at, read),
            mapping_version,
            last_scan: last_scan.map(json).transpose()?,
            items: json(items.unwrap_or("[]"))?,
            order_data_json: json(order_data_json)?,
            created_at: tail.created_at,
            updated_at: tail.updated_at,
            freshness: freshness(observed, heard_beside(row, BESIDE_AT)?, read).into(),
        })
    }
}

/// What those who ask for it are told of `order_data_json`.
#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    shipments: Option<&'a RawValue>,
    #[serde(default)]
    also_fulfils: Vec<AlsoFulfilled>,
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    zone: Option<String>,
    required_dispatch_at: Option<DateTime<Utc>>,
}

impl Data<'_> {
    fn clock(&self) -> WarehouseClock {
        WarehouseClock::named(self.details.as_ref().and_then(|details| details.zone.as_deref()))
    }
}

/// An address that upstream told of, if it is one of the web: whatever else may stand there is made a link nowhere.
pub fn web_address(told: Option<String>) -> Option<String> {
    told.filter(|told| is_web_address(told))
}

/// Whether an address is one of the web.
pub(in crate::orders) fn is_web_address(told: &str) -> bool {
    let scheme = told.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)))
}
