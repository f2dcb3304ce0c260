//! Courier scans: rows of their own, tenant-wide, only for shipments that upstream follows. Absent: any
//! delivered state on the order, which upstream does not have either.

use chrono::{DateTime, SubsecRound, Utc};

use super::callbacks::Occasion;
use super::error::WorldError;
use super::order::Shipment;
use super::reference;
use super::world::{Kind, World};

/// A courier scan as upstream keeps it.
#[derive(Clone, Debug)]
pub struct TrackingEvent {
    pub id: i64,
    pub order_id: i64,
    pub client_id: i64,
    pub shipment: Shipment,
    pub status_id: i32,
    pub text: String,
    pub external_text: Option<String>,
    pub stage: Option<&'static str>,
    pub courier_time: DateTime<Utc>,
    pub last_updated: DateTime<Utc>,
}

impl World {
    /// Adds a scan to the newest shipment of an order; `false` when upstream does not follow that parcel.
    /// The order's `LastUpdated` does not move.
    pub fn add_tracking_event(
        &mut self,
        id: i64,
        status: &str,
        text: Option<&str>,
        courier_time: Option<DateTime<Utc>>,
    ) -> Result<bool, WorldError> {
        let status_id = reference::tracking_status(status)
            .ok_or_else(|| WorldError::UnknownTrackingStatus(status.to_owned()))?;
        let order = self.order(id)?;
        let client_id = order.client_id;
        let shipment = order.shipments.last().cloned().ok_or(WorldError::NoShipment(id))?;
        if !shipment.download_tracking_events {
            return Ok(false);
        }
        let event_id = self.take_id(Kind::TrackingEvent);
        let (usual, external, stage) = usual_words(status_id);
        let event = TrackingEvent {
            id: event_id,
            order_id: id,
            client_id,
            shipment,
            status_id,
            text: text.unwrap_or(usual).to_owned(),
            external_text: external.map(str::to_owned),
            stage,
            courier_time: courier_time.unwrap_or_else(|| self.now()).trunc_subsecs(0),
            last_updated: self.stamp(),
        };
        self.events.push(event);
        if status_id == reference::DELIVERED {
            self.call_back(Occasion::Delivered, id);
        }
        Ok(true)
    }
}

/// What the courier says by default: to the customer, to the sender, and its stage code.
fn usual_words(status_id: i32) -> (&'static str, Option<&'static str>, Option<&'static str>) {
    match status_id {
        1 => ("We have been told about your parcel", None, Some("INF")),
        2 => ("Your parcel is on its way", Some("Departed hub"), Some("TRN")),
        3 => ("Out for delivery", Some("On vehicle"), Some("OFD")),
        4 => ("Delivered", Some("Signed by resident"), Some("DLV")),
        _ => ("Nobody was in, we will try again", Some(""), None),
    }
}
