//! One order: reading it, cancelling it (a GET that changes data), and its splits. Absent: its sub-lists
//! (`parts`, `tracking`).

use super::Answer;
use crate::sandbox::keys::Caller;
use crate::sandbox::order::Order;
use crate::sandbox::reference::status;
use crate::sandbox::wire::{Lens, OrderRow, SplitJson, ToolkitResult};
use crate::sandbox::world::World;

/// The order, or 404 when it is unknown, merged away or another client's.
pub fn seen<'a>(world: &'a World, caller: &Caller, id: i64) -> Result<&'a Order, Answer> {
    let order = world.orders.get(&id).filter(|order| caller.sees(order.client_id));
    order.ok_or_else(|| Answer::no_order(id))
}

pub fn lens(world: &World) -> Lens {
    Lens { zone: world.settings.time_zone, seed: world.settings.seed }
}

/// `GET /api/Order/{id}`.
pub fn one(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    Ok(Answer::json(&OrderRow::of(order, lens(world), true)))
}

/// `GET /api/Order/{id}/Cancel`.
pub fn cancel(world: &mut World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    if !caller.can_cancel {
        return Err(Answer::status(401));
    }
    let order = seen(world, caller, id)?;
    if order.status == status::CANCELLED {
        return Ok(Answer::json(&ToolkitResult::refused("Order is already cancelled")));
    }
    if status::has_left(order.status) && world.settings.refuse_cancel_of_despatched {
        return Ok(Answer::json(&ToolkitResult::refused("Order cannot be cancelled")));
    }
    let outcome = world.cancel(id, &caller.signature());
    Ok(outcome.map_or_else(
        |refusal| Answer::json(&ToolkitResult::refused(refusal.to_string())),
        |()| Answer::json(&ToolkitResult::done(id)),
    ))
}

/// `GET /api/Order/{id}/Splits`: the splits that this order or its parts took part in.
pub fn splits(world: &World, caller: &Caller, id: i64) -> Result<Answer, Answer> {
    let order = seen(world, caller, id)?;
    let lens = lens(world);
    let siblings = world.numbered(order.client_id, &order.number);
    let rows = siblings
        .iter()
        .filter_map(|sibling| world.orders.get(sibling))
        .flat_map(|sibling| &sibling.splits)
        .filter(|row| row.order_id == id || row.split_order_id == id);
    let json = rows.map(|row| {
        SplitJson::of(row, world.orders.get(&row.order_id), world.orders.get(&row.split_order_id), lens)
    });
    Ok(Answer::json(&json.collect::<Vec<_>>()))
}
