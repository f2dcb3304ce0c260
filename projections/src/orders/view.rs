//! An order as an answer shows it. Its names are the names of the read table's columns.

use chrono::{DateTime, Utc};
use logistics_domain::Source;
use logistics_domain::order::facts::Shipment;
use logistics_domain::status::{Promise, WarehouseClock, promise_of};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::Row;
use sqlx::postgres::PgRow;
use utoipa::ToSchema;

use uuid::Uuid;

use super::freshness::{Freshness, ReadAt, freshness};
use super::row::AlsoFulfilled;
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
    /// When the order was delivered (UTC), by a courier's scan or by Mintsoft's word.
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
    /// The last cancellation that was asked for: `request_id`, `state`, `message`, `requested_by`, `requested_at`.
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
    #[schema(value_type = Option<Value>)]
    pub last_scan: Option<RawJson>,
    /// The lines, from `order_data_json`.
    #[schema(value_type = Value)]
    pub items: RawJson,
    /// Everything else that Mintsoft tells of the order: `external_reference`, `client_id`, `items`, `shipments`,
    /// `details`. No personal data.
    #[schema(value_type = Value)]
    pub order_data_json: RawJson,
    /// When the ledger first saw the order (UTC).
    pub created_at: DateTime<Utc>,
    /// When what is shown of the order last changed (UTC).
    pub updated_at: DateTime<Utc>,
    /// How fresh what is shown of the order is.
    pub freshness: Freshness,
}

/// What a query selects for a view, of the tables `o` (orders), `c` (checks) and `m` (the tenant's configuration).
pub(crate) const SELECTED: &str = "o.id, o.tenant_id, o.account_id, o.order_id, o.shop_order_name, o.link_basis, \
     o.mintsoft_order_id, o.mintsoft_order_number, o.status, o.status_id, o.courier_service, \
     o.courier_service_id, o.tracking_number, o.tracking_url, o.dispatched_at, o.estimated_delivery, \
     o.delivered_at, o.num_parcels, o.weight::float8 as weight, o.part, o.number_of_parts, o.ordered_at, \
     o.vanished_at, o.cancellation, o.warehouse_phase, o.carrier_phase, o.must_act, o.attention, o.tab, \
     o.due_at, o.mapping_version, o.order_data_json, o.created_at, o.updated_at, o.observed_at, \
     o.observed_via, c.answered_at as check_answered_at, c.via as check_via, m.last_synced_at";

/// Joins what is known of an order beside its history. The configuration's poll counts and not the account's, since a poll
/// of an account passes over the orders of tenants that take no part in it.
pub(crate) const JOINED: &str = "left join order_checks c on c.stream_id = o.id \
     left join logistics_config m on m.tenant_id = o.tenant_id \
       and coalesce(m.home_account_id, m.account_id) = o.account_id";

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

    /// Reads a row of [`SELECTED`].
    pub(crate) fn read(row: &PgRow, read: ReadAt) -> sqlx::Result<Self> {
        let order_data_json = RawJson::column(row, "order_data_json")?;
        let data: Data<'_> = order_data_json.read().unwrap_or_default();
        let (tab, due_at): (String, Option<DateTime<Utc>>) = (row.try_get("tab")?, row.try_get("due_at")?);
        let estimated_delivery = row.try_get("estimated_delivery")?;
        let clock = data.clock();
        let last_scan = data.last_scan.map(RawJson::part);
        let items = data.items.map_or_else(RawJson::empty_list, RawJson::part);
        Ok(Self {
            id: row.try_get("id")?,
            tenant_id: row.try_get("tenant_id")?,
            account_id: row.try_get("account_id")?,
            order_id: row.try_get("order_id")?,
            shop_order_name: row.try_get("shop_order_name")?,
            link_basis: row.try_get("link_basis")?,
            mintsoft_order_id: row.try_get("mintsoft_order_id")?,
            mintsoft_order_number: row.try_get("mintsoft_order_number")?,
            status: row.try_get("status")?,
            status_id: row.try_get("status_id")?,
            courier_service: row.try_get("courier_service")?,
            courier_service_id: row.try_get("courier_service_id")?,
            tracking_number: row.try_get("tracking_number")?,
            tracking_url: web_address(row.try_get("tracking_url")?),
            dispatched_at: row.try_get("dispatched_at")?,
            estimated_delivery,
            delivered_at: row.try_get("delivered_at")?,
            num_parcels: row.try_get("num_parcels")?,
            weight: row.try_get("weight")?,
            part: row.try_get("part")?,
            number_of_parts: row.try_get("number_of_parts")?,
            ordered_at: row.try_get("ordered_at")?,
            vanished_at: row.try_get("vanished_at")?,
            cancellation: row.try_get("cancellation")?,
            warehouse_phase: row.try_get("warehouse_phase")?,
            carrier_phase: row.try_get("carrier_phase")?,
            must_act: row.try_get("must_act")?,
            attention: row.try_get("attention")?,
            due: promise_of(&tab, due_at, estimated_delivery, clock).map(Promise::as_str).map(str::to_owned),
            tab,
            late: due_at.is_some_and(|end| end <= read.now),
            due_at,
            mapping_version: row.try_get("mapping_version")?,
            last_scan,
            items,
            order_data_json,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            freshness: freshness_of(row, read)?,
        })
    }
}

/// What is looked at of `order_data_json`; the rest is passed through unseen.
#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    last_scan: Option<&'a RawValue>,
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
    let is_of_the_web = |told: &String| {
        let scheme = told.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
    };
    told.filter(is_of_the_web)
}

/// The newest of: the answer behind the row, a check that changed nothing, the account's poll with the tenant in it.
fn freshness_of(row: &PgRow, read: ReadAt) -> sqlx::Result<Freshness> {
    let observed = (row.try_get("observed_at")?, row.try_get("observed_via")?);
    let check_via: Option<String> = row.try_get("check_via")?;
    let checked = row.try_get::<Option<DateTime<Utc>>, _>("check_answered_at")?.zip(check_via);
    let polled: Option<DateTime<Utc>> = row.try_get("last_synced_at")?;
    let polled = polled.map(|at| (at, Source::Poll.as_str().to_owned()));
    Ok(freshness(observed, [checked, polled], read))
}
