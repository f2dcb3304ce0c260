//! A row of `logistics_orders`. No personal data is in it; that stands in a table of its own.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::{Details, Item, LinkBasis, Shipment};
use logistics_domain::status::{OpenPromise, Standing, WarehouseClock};
use logistics_domain::{AccountId, OrderStreamId, Source, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::scans::{LastScan, ScansSeen};
use crate::orders::answers::described::{ConsignmentView, DetailsView, ItemView};

/// What is shown of one order. All instants are in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The stream of the order.
    pub id: OrderStreamId,
    /// Whose order it is.
    pub tenant_id: TenantId,
    /// The Mintsoft account it lives in.
    pub account_id: AccountId,
    /// The number of the last event in its stream.
    pub version: i64,
    /// The shop order that it fulfils.
    pub order_id: Option<i64>,
    /// The name of that shop order, such as `#1001`.
    pub shop_order_name: Option<String>,
    /// By what the shop order was found.
    pub link_basis: Option<LinkBasis>,
    /// Mintsoft's number of the order.
    pub mintsoft_order_id: i64,
    /// The number that people know it by, such as `ladore-1001`; parts of a split order share it.
    pub mintsoft_order_number: String,
    /// Upstream's name of the status.
    pub status: Option<String>,
    /// Upstream's number of the status.
    pub status_id: Option<i32>,
    /// The courier's service.
    pub courier_service: Option<String>,
    /// Upstream's number of that service.
    pub courier_service_id: Option<i64>,
    /// The tracking number as upstream wrote it.
    pub tracking_number: Option<String>,
    /// The courier's page for it.
    pub tracking_url: Option<String>,
    /// When it left the warehouse.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// When it should arrive.
    pub estimated_delivery: Option<DateTime<Utc>>,
    /// When it was delivered, by a scan or by upstream's callback; none where a later scan refutes that.
    pub delivered_at: Option<DateTime<Utc>>,
    /// How many parcels.
    pub num_parcels: Option<i32>,
    /// How heavy, in grams; the table shows kilograms.
    pub weight_grams: Option<i64>,
    /// Which part of a split order, from 1.
    pub part: i32,
    /// How many parts there are.
    pub number_of_parts: i32,
    /// When it was placed, by upstream's order date.
    pub ordered_at: Option<DateTime<Utc>>,
    /// Since when upstream no longer has it.
    pub vanished_at: Option<DateTime<Utc>>,
    /// Why it is shown to no tenant, if so.
    pub withheld_reason: Option<String>,
    /// The last cancellation asked for, and what became of it.
    pub cancellation: Option<Cancellation>,
    /// Where it stands by the mapping of statuses.
    pub standing: Standing,
    /// The promise that was noted last as not kept; no column shows it.
    pub missed: Option<OpenPromise>,
    /// What the fold remembers of the scans; no column shows it.
    pub scans: ScansSeen,
    /// The rest, as JSON in the table.
    pub order_data: OrderData,
    /// When upstream gave the newest answer that left an event.
    pub observed_at: DateTime<Utc>,
    /// Which kind of source asked for that answer.
    pub observed_via: Source,
    /// When the order was first observed.
    pub created_at: DateTime<Utc>,
    /// When what the row shows last changed, by the instants of the events.
    pub updated_at: DateTime<Utc>,
}

impl OrderRow {
    /// The clock by which the warehouse tells days.
    pub fn clock(&self) -> WarehouseClock {
        WarehouseClock::named(self.order_data.details.zone.as_deref())
    }
}

/// What the column `order_data_json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderData {
    /// The reference of the shop's connector; it may be absent or wrong.
    pub external_reference: Option<String>,
    /// The client of the account that the order is booked under.
    pub client_id: Option<i64>,
    /// The name of the status that Mintsoft shows to clients, where it differs.
    #[serde(default)]
    pub external_status: Option<String>,
    /// The newest scan by the courier's clock, in the courier's words.
    #[serde(default)]
    pub last_scan: Option<LastScan>,
    /// What a survivor of merges fulfils besides its first shop order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_fulfils: Vec<AlsoFulfilled>,
    /// The lines of the order.
    #[schema(value_type = Vec<ItemView>)]
    pub items: Vec<Item>,
    /// The consignments of the order.
    #[schema(value_type = Vec<ConsignmentView>)]
    pub shipments: Vec<Shipment>,
    /// Warehouse, channel, amounts, tags and the like.
    #[schema(value_type = DetailsView)]
    pub details: Details,
}

/// A further shop order that a survivor of merges fulfils.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlsoFulfilled {
    /// The host's number of the shop order, or the ledger's own.
    pub order_id: i64,
    /// The name of that shop order, such as `#1001`.
    pub name: String,
    /// By what the shop order was found: `name`, `order_number`, `host` or `manual`.
    #[schema(value_type = String)]
    pub basis: LinkBasis,
}

/// The last cancellation that a person asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancellation {
    /// The id of the request.
    pub request_id: Uuid,
    /// What became of the request.
    pub state: CancellationState,
    /// Why it was refused, in the warehouse's words or the ledger's. Of an order that is asked for by its id: while the
    /// cancellation is `requested`, why a person has to look, if one has to.
    pub message: Option<String>,
    /// Who asked: `user:<id>` or `key:<id>`.
    pub requested_by: String,
    /// When the cancellation was asked for (UTC).
    pub requested_at: DateTime<Utc>,
}

/// What became of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CancellationState {
    /// Upstream has not answered yet.
    Requested,
    /// Upstream cancelled the order.
    Confirmed,
    /// Upstream refused, or we gave up.
    Refused,
}
