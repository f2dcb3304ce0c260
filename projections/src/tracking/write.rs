//! Scans to SQL: the columns of many rows as arrays, and the insert that takes them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::row::TrackingRow;
use crate::columns::{Binder, Column, Held, json, upsert};
use crate::tables::Tables;

/// The columns in the order in which [`TrackingColumns::bind`] binds them.
const COLUMNS: [Column; 9] = [
    Column::plain("id", "uuid"),
    Column::plain("tenant_id", "bigint"),
    Column::plain("logistics_order_id", "uuid"),
    Column::plain("event_status", "text"),
    Column::plain("event_description", "text"),
    Column::plain("event_date", "timestamptz"),
    Column::plain("location", "text"),
    Column::computed("raw_data_json", "text", "given.raw_data_json::jsonb"),
    Column::plain("created_at", "timestamptz"),
];

/// A rebuild may have written a scan before its order's person was erased.
const LOSES_TEXT: Held = Held::Yields {
    columns: &["event_description", "raw_data_json"],
    condition: "excluded.event_description is null and held.event_description is not null",
};

/// How many parameters the insert takes.
pub const PARAMS: usize = COLUMNS.len();

/// The insert of many scans, its parameters numbered from `first_param`. It returns nothing, so it stands alone
/// or in a `with`. A scan that is there already stays as it is, but for the courier's text where that was erased.
pub fn upsert_sql(tables: Tables, first_param: usize) -> String {
    upsert(tables.tracking_events(), &COLUMNS, first_param, &LOSES_TEXT)
}

/// Takes the couriers' texts out of the scans of the orders whose ids are the parameter.
pub fn text_erasure_sql(param: usize) -> String {
    format!(
        "update {} set event_description = null, raw_data_json = jsonb_set(raw_data_json, '{{description}}', 'null') \
         where logistics_order_id = any(${param}::uuid[]) and event_description is not null",
        Tables::Live.tracking_events()
    )
}

/// The columns of many rows.
#[derive(Default)]
pub struct TrackingColumns<'a> {
    id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    logistics_order_id: Vec<Uuid>,
    event_status: Vec<Option<&'a str>>,
    event_description: Vec<Option<&'a str>>,
    event_date: Vec<Option<DateTime<Utc>>>,
    location: Vec<Option<&'a str>>,
    raw_data_json: Vec<String>,
    created_at: Vec<DateTime<Utc>>,
}

impl<'a> FromIterator<&'a TrackingRow> for TrackingColumns<'a> {
    fn from_iter<T: IntoIterator<Item = &'a TrackingRow>>(rows: T) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }
}

impl<'a> TrackingColumns<'a> {
    fn push(&mut self, row: &'a TrackingRow) {
        self.id.push(row.id);
        self.tenant_id.push(row.tenant_id.0);
        self.logistics_order_id.push(row.logistics_order_id.0);
        self.event_status.push(row.event_status.as_deref());
        self.event_description.push(row.event_description.as_deref());
        self.event_date.push(row.event_date);
        self.location.push(row.location.as_deref());
        self.raw_data_json.push(json(&row.scan));
        self.created_at.push(row.created_at);
    }

    /// Binds the parameters of [`upsert_sql`], [`PARAMS`] of them.
    pub fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.id)
            .bind(&self.tenant_id)
            .bind(&self.logistics_order_id)
            .bind(&self.event_status)
            .bind(&self.event_description)
            .bind(&self.event_date)
            .bind(&self.location)
            .bind(&self.raw_data_json)
            .bind(&self.created_at)
    }
}
