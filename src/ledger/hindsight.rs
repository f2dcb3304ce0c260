//! What was known of an order at an instant: the history up to it, folded as the read table is. No SQL, no keys.

use chrono::DateTime;
use cqrs_es::Aggregate;
use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use logistics_domain::framework::{require_known_shape, upcast, upcasters};
use logistics_domain::{LogisticsOrder, OrderEvent, OrderStreamId, Source, TenantId};
use logistics_projections::event_log::LoggedEvent;
use logistics_projections::orders::{self, OrderRow};
use logistics_projections::{EventPlace, TenantScope};
use serde_json::Value;

use super::error::LedgerError;

/// Folds one order's history, event after event from its first.
pub struct Hindsight {
    tenant: TenantId,
    stream: OrderStreamId,
    upcasters: Vec<Box<dyn EventUpcaster>>,
    row: Option<OrderRow>,
    version: i64,
}

impl Hindsight {
    /// Nothing is known yet.
    pub fn of(scope: &TenantScope, stream: OrderStreamId) -> Self {
        Self { tenant: scope.tenant(), stream, upcasters: upcasters(), row: None, version: 0 }
    }

    /// A logged event in today's shape.
    pub fn event_of(stream: OrderStreamId, logged: &LoggedEvent) -> Result<OrderEvent, LedgerError> {
        let what = |error| format!("event {}: {error}", logged.sequence);
        let read = event(stream, &upcasters(), logged);
        read.map_err(|error| LedgerError::Corrupt { stream, what: what(error) })
    }

    /// Takes the next event.
    pub fn take(&mut self, logged: &LoggedEvent) -> Result<(), LedgerError> {
        self.version += 1;
        if logged.sequence != self.version {
            return Err(self.corrupt(format!("event {} is missing", self.version)));
        }
        let place = self
            .place(logged)
            .ok_or_else(|| self.corrupt(format!("event {} does not say where it came from", self.version)))?;
        let event = event(self.stream, &self.upcasters, logged)
            .map_err(|error| self.corrupt(format!("event {}: {error}", self.version)))?;
        self.row = orders::apply(self.row.take(), &place, &event);
        Ok(())
    }

    /// What is known after the events that were taken; none before the order was discovered.
    pub const fn known(&self) -> Option<&OrderRow> {
        self.row.as_ref()
    }

    fn place(&self, logged: &LoggedEvent) -> Option<EventPlace> {
        let observed_at = DateTime::parse_from_rfc3339(logged.observed_at.as_deref()?).ok()?.to_utc();
        let source: Source = logged.source.as_deref()?.parse().ok()?;
        let (tenant, stream, sequence) = (self.tenant, self.stream, logged.sequence);
        Some(EventPlace { tenant, stream, sequence, observed_at, source })
    }

    fn corrupt(&self, what: String) -> LedgerError {
        LedgerError::Corrupt { stream: self.stream, what }
    }
}

/// The event in today's shape, or why it cannot be read.
fn event(
    stream: OrderStreamId,
    upcasters: &[Box<dyn EventUpcaster>],
    logged: &LoggedEvent,
) -> Result<OrderEvent, String> {
    let stored = SerializedEvent::new(
        stream.to_string(),
        usize::try_from(logged.sequence).unwrap_or_default(),
        LogisticsOrder::TYPE.to_owned(),
        logged.name.clone(),
        logged.version.clone(),
        logged.payload.clone(),
        Value::Null,
    );
    let payload = upcast(stored, upcasters).payload;
    let event = serde_json::from_value(payload).map_err(|error| error.to_string())?;
    require_known_shape(&event, &logged.version).map_err(|later| later.to_string())?;
    Ok(event)
}
