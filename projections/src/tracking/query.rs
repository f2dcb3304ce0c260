//! Scans to answers: the path of one order's parcels.

use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgExecutor, Row};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::scope::TenantScope;

/// The most scans of one order that are answered.
const SCANS_MAX: i64 = 1000;

/// A scan as the API answers it. All instants are in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct TrackingView {
    /// The id of the scan.
    pub id: Uuid,
    /// The order that the scan belongs to.
    pub logistics_order_id: Uuid,
    /// Upstream's name of the tracking status.
    pub event_status: Option<String>,
    /// The courier's text.
    pub event_description: Option<String>,
    /// When the courier made the scan (UTC).
    pub event_date: Option<DateTime<Utc>>,
    /// Where; upstream tells no place today.
    pub location: Option<String>,
    /// Everything that the scan told.
    pub raw_data_json: Value,
    /// When Mintsoft gave the answer that the scan was read from (UTC).
    pub created_at: DateTime<Utc>,
}

/// The scans of an order, oldest first by the courier's clock, undated ones last; `None` when the order is
/// another tenant's, withheld or unknown.
pub async fn tracking_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<Vec<TrackingView>>> {
    let rows = sqlx::query(
        "select t.id, t.logistics_order_id, t.event_status, t.event_description, t.event_date, t.location, \
                t.raw_data_json, t.created_at, t.id is not null as is_scan \
         from logistics_orders o left join logistics_tracking_events t on t.logistics_order_id = o.id \
         where o.id = $1 and o.tenant_id = $2 and o.withheld_reason is null \
         order by t.event_date, (t.raw_data_json ->> 'id')::bigint limit $3",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .bind(SCANS_MAX)
    .fetch_all(executor)
    .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut scans = Vec::with_capacity(rows.len());
    for row in &rows {
        // An order without scans makes one row without a scan.
        if row.try_get("is_scan")? {
            scans.push(TrackingView::from_row(row)?);
        }
    }
    Ok(Some(scans))
}
