//! Shipments of an order, and the scans of all orders. Absent: a filter of the scans by order, as upstream.

use super::order::{lens, seen};
use super::{Answer, Call, list};
use crate::sandbox::keys::Caller;
use crate::sandbox::wire::{ShipmentJson, TrackingEventJson};
use crate::sandbox::world::World;

/// `GET /api/Order/{id}/Shipments`.
pub fn shipments(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    let lens = lens(world);
    Ok(Answer::json(&order.shipments.iter().map(|row| ShipmentJson::of(row, lens)).collect::<Vec<_>>()))
}

/// `GET /api/Order/Shipments/TrackingEvents/List`: tenant-wide, 500 a page, oldest first.
pub fn events(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    let (page, limit) = list::page(call, 500)?;
    let status = call.parameters.id("TrackingStatusId")?;
    let since = call.parameters.date("SinceLastUpdated", world.settings.time_zone)?;
    let lens = lens(world);
    let rows = world
        .events
        .iter()
        .filter(|event| caller.sees(event.client_id))
        .filter(|event| status.is_none_or(|status| status == i64::from(event.status_id)))
        .filter(|event| since.is_none_or(|since| since.admits(event.last_updated)))
        .skip(list::start(call, page, limit))
        .take(limit);
    Ok(Answer::json(&rows.map(|event| TrackingEventJson::of(event, lens)).collect::<Vec<_>>()))
}
