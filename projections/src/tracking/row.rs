//! A row of `logistics_tracking_events`.

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::TrackingEvent;
use logistics_domain::{OrderStreamId, TenantId};
use uuid::Uuid;

/// One scan by the courier. All instants are in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingRow {
    /// UUID version 5 of upstream's number of the event, in the namespace of the order's stream.
    pub id: Uuid,
    /// Whose order it is.
    pub tenant_id: TenantId,
    /// The order it belongs to.
    pub logistics_order_id: OrderStreamId,
    /// Upstream's name of the tracking status.
    pub event_status: Option<String>,
    /// The courier's text.
    pub event_description: Option<String>,
    /// When the courier scanned it.
    pub event_date: Option<DateTime<Utc>>,
    /// Where; upstream tells no place today.
    pub location: Option<String>,
    /// Everything that the scan told; the column `raw_data_json`.
    pub scan: TrackingEvent,
    /// When upstream gave the answer it was read from.
    pub created_at: DateTime<Utc>,
}

impl TrackingRow {
    /// Takes out what the courier wrote, which may name a person.
    pub fn erase_text(&mut self) {
        self.event_description = None;
        self.scan = self.scan.without_text();
    }
}
