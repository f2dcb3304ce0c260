//! Order rows to SQL: the columns of many rows as arrays, and the upsert that takes them.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::LinkBasis;
use logistics_domain::status::Attention;
use uuid::Uuid;

use super::row::OrderRow;
use crate::columns::{Binder, Column, Held, json, upsert};
use crate::tables::Tables;

/// The columns in the order in which [`OrderColumns::bind`] binds them.
const COLUMNS: [Column; 42] = [
    Column::plain("id", "uuid"),
    Column::plain("tenant_id", "bigint"),
    Column::plain("account_id", "uuid"),
    Column::plain("version", "bigint"),
    Column::plain("order_id", "bigint"),
    Column::plain("shop_order_name", "text"),
    Column::plain("link_basis", "text"),
    Column::plain("mintsoft_order_id", "bigint"),
    Column::plain("mintsoft_order_number", "text"),
    Column::plain("number_key", "text"),
    Column::plain("status", "text"),
    Column::plain("status_id", "int"),
    Column::plain("courier_service", "text"),
    Column::plain("courier_service_id", "bigint"),
    Column::plain("tracking_number", "text"),
    Column::plain("tracking_url", "text"),
    Column::plain("dispatched_at", "timestamptz"),
    Column::plain("estimated_delivery", "timestamptz"),
    Column::plain("delivered_at", "timestamptz"),
    Column::plain("num_parcels", "int"),
    Column::computed("weight", "bigint", "given.weight::numeric / 1000"),
    Column::plain("part", "int"),
    Column::plain("number_of_parts", "int"),
    Column::plain("ordered_at", "timestamptz"),
    Column::plain("vanished_at", "timestamptz"),
    Column::plain("withheld_reason", "text"),
    Column::computed("cancellation", "text", "given.cancellation::jsonb"),
    Column::plain("warehouse_phase", "text"),
    Column::plain("carrier_phase", "text"),
    Column::plain("must_act", "text"),
    Column::plain("attention", "text"),
    Column::plain("tab", "text"),
    Column::plain("facet", "bigint"),
    Column::plain("due_at", "timestamptz"),
    Column::plain("lateness_noted", "boolean"),
    Column::plain("mapping_version", "int"),
    Column::computed("order_data_json", "text", "given.order_data_json::json"),
    Column::plain("search_text", "text"),
    Column::plain("observed_at", "timestamptz"),
    Column::plain("observed_via", "text"),
    Column::plain("created_at", "timestamptz"),
    Column::plain("updated_at", "timestamptz"),
];

/// How many parameters the upsert takes.
pub const PARAMS: usize = COLUMNS.len();

/// The upsert of many rows, its parameters numbered from `first_param`. It returns nothing, so it stands alone
/// or in a `with`. A row of an earlier or equal version changes nothing. One statement may name a row once.
pub fn upsert_sql(tables: Tables, first_param: usize) -> String {
    upsert(tables.orders(), &COLUMNS, first_param, &Held::YieldsToLater)
}

/// The upsert of many rows of the live table, and beside it the notes for the counters. Each is a named part of a `with`, and
/// this is both of them. Takes what [`upsert_sql`] takes.
///
/// The orders as they were are those of the statement's snapshot. Nobody can have changed one since, or the order's next
/// event, which the same statement inserts, is refused; so the upsert replaces every one of them.
pub fn commit_sql(first_param: usize) -> String {
    let (upsert, orders) = (upsert_sql(Tables::Live, first_param), Tables::Live.orders());
    let counted_by = "tenant_id, facet, ordered_at, dispatched_at, created_at, updated_at";
    format!(
        "rows as ({upsert} returning {counted_by}, withheld_reason), \
         counted as (insert into logistics_order_count_changes ({counted_by}, step) \
           select {counted_by}, -1 from {orders} \
           where id = any(${first_param}::uuid[]) and withheld_reason is null \
           union all \
           select {counted_by}, 1 from rows where withheld_reason is null)"
    )
}

/// The columns of many rows.
#[derive(Default)]
pub struct OrderColumns<'a> {
    id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    account_id: Vec<Uuid>,
    version: Vec<i64>,
    order_id: Vec<Option<i64>>,
    shop_order_name: Vec<Option<&'a str>>,
    link_basis: Vec<Option<&'static str>>,
    mintsoft_order_id: Vec<i64>,
    mintsoft_order_number: Vec<&'a str>,
    number_key: Vec<String>,
    status: Vec<Option<&'a str>>,
    status_id: Vec<Option<i32>>,
    courier_service: Vec<Option<&'a str>>,
    courier_service_id: Vec<Option<i64>>,
    tracking_number: Vec<Option<&'a str>>,
    tracking_url: Vec<Option<&'a str>>,
    dispatched_at: Vec<Option<DateTime<Utc>>>,
    estimated_delivery: Vec<Option<DateTime<Utc>>>,
    delivered_at: Vec<Option<DateTime<Utc>>>,
    num_parcels: Vec<Option<i32>>,
    weight_grams: Vec<Option<i64>>,
    part: Vec<i32>,
    number_of_parts: Vec<i32>,
    ordered_at: Vec<Option<DateTime<Utc>>>,
    vanished_at: Vec<Option<DateTime<Utc>>>,
    withheld_reason: Vec<Option<&'a str>>,
    cancellation: Vec<Option<String>>,
    warehouse_phase: Vec<&'static str>,
    carrier_phase: Vec<&'static str>,
    must_act: Vec<&'static str>,
    attention: Vec<Option<&'static str>>,
    tab: Vec<&'static str>,
    facet: Vec<i64>,
    due_at: Vec<Option<DateTime<Utc>>>,
    lateness_noted: Vec<bool>,
    mapping_version: Vec<i32>,
    order_data_json: Vec<String>,
    search_text: Vec<String>,
    observed_at: Vec<DateTime<Utc>>,
    observed_via: Vec<&'static str>,
    created_at: Vec<DateTime<Utc>>,
    updated_at: Vec<DateTime<Utc>>,
}

impl<'a> FromIterator<&'a OrderRow> for OrderColumns<'a> {
    fn from_iter<T: IntoIterator<Item = &'a OrderRow>>(rows: T) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }
}

impl<'a> OrderColumns<'a> {
    fn push(&mut self, row: &'a OrderRow) {
        self.id.push(row.id.0);
        self.tenant_id.push(row.tenant_id.0);
        self.account_id.push(row.account_id.0);
        self.version.push(row.version);
        self.order_id.push(row.order_id);
        self.shop_order_name.push(row.shop_order_name.as_deref());
        self.link_basis.push(row.link_basis.map(LinkBasis::as_str));
        self.mintsoft_order_id.push(row.mintsoft_order_id);
        self.mintsoft_order_number.push(&row.mintsoft_order_number);
        self.number_key.push(row.mintsoft_order_number.to_lowercase());
        self.status.push(row.status.as_deref());
        self.status_id.push(row.status_id);
        self.courier_service.push(row.courier_service.as_deref());
        self.courier_service_id.push(row.courier_service_id);
        self.tracking_number.push(row.tracking_number.as_deref());
        self.tracking_url.push(row.tracking_url.as_deref());
        self.dispatched_at.push(row.dispatched_at);
        self.estimated_delivery.push(row.estimated_delivery);
        self.delivered_at.push(row.delivered_at);
        self.num_parcels.push(row.num_parcels);
        self.weight_grams.push(row.weight_grams);
        self.part.push(row.part);
        self.number_of_parts.push(row.number_of_parts);
        self.ordered_at.push(row.ordered_at);
        self.vanished_at.push(row.vanished_at);
        self.withheld_reason.push(row.withheld_reason.as_deref());
        self.cancellation.push(row.cancellation.as_ref().map(json));
        self.warehouse_phase.push(row.standing.warehouse.as_str());
        self.carrier_phase.push(row.standing.carrier.as_str());
        self.must_act.push(row.standing.must_act.as_str());
        self.attention.push(row.standing.attention.map(Attention::as_str));
        self.tab.push(row.standing.tab.as_str());
        self.facet.push(row.facet());
        self.due_at.push(row.standing.due_at);
        self.lateness_noted.push(row.standing.is_missed);
        self.mapping_version.push(row.standing.mapping_version);
        self.order_data_json.push(json(&row.order_data));
        self.search_text.push(row.search_text());
        self.observed_at.push(row.observed_at);
        self.observed_via.push(row.observed_via.as_str());
        self.created_at.push(row.created_at);
        self.updated_at.push(row.updated_at);
    }

    /// The facets of the rows, in their order.
    pub fn facets(&self) -> &[i64] {
        &self.facet
    }

    /// Binds the parameters of [`upsert_sql`], [`PARAMS`] of them.
    pub fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.id)
            .bind(&self.tenant_id)
            .bind(&self.account_id)
            .bind(&self.version)
            .bind(&self.order_id)
            .bind(&self.shop_order_name)
            .bind(&self.link_basis)
            .bind(&self.mintsoft_order_id)
            .bind(&self.mintsoft_order_number)
            .bind(&self.number_key)
            .bind(&self.status)
            .bind(&self.status_id)
            .bind(&self.courier_service)
            .bind(&self.courier_service_id)
            .bind(&self.tracking_number)
            .bind(&self.tracking_url)
            .bind(&self.dispatched_at)
            .bind(&self.estimated_delivery)
            .bind(&self.delivered_at)
            .bind(&self.num_parcels)
            .bind(&self.weight_grams)
            .bind(&self.part)
            .bind(&self.number_of_parts)
            .bind(&self.ordered_at)
            .bind(&self.vanished_at)
            .bind(&self.withheld_reason)
            .bind(&self.cancellation)
            .bind(&self.warehouse_phase)
            .bind(&self.carrier_phase)
            .bind(&self.must_act)
            .bind(&self.attention)
            .bind(&self.tab)
            .bind(&self.facet)
            .bind(&self.due_at)
            .bind(&self.lateness_noted)
            .bind(&self.mapping_version)
            .bind(&self.order_data_json)
            .bind(&self.search_text)
            .bind(&self.observed_at)
            .bind(&self.observed_via)
            .bind(&self.created_at)
            .bind(&self.updated_at)
    }
}
