//! Order/Search: by number or by reference, near or exact. Absent: paging and a client filter, as upstream.

use super::list::foreign_row;
use super::{Answer, Call};
use crate::sandbox::keys::Caller;
use crate::sandbox::order::Order;
use crate::sandbox::wire::{Lens, OrderRow};
use crate::sandbox::world::World;

/// How many near matches are given at most.
const ROWS_AT_MOST: usize = 100;

/// `GET /api/Order/Search`.
pub fn orders(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    let wanted = call
        .parameters
        .get("OrderNumber")
        .map(str::trim)
        .filter(|wanted| !wanted.is_empty())
        .ok_or_else(|| Answer::invalid("The parameter 'OrderNumber' is required."))?;
    let exact = call.parameters.flag("exactMatch")?;
    let items = exact && call.parameters.flag("includeOrderItems")?;
    let near = wanted.to_lowercase();
    let says = |text: &str| {
        if exact { text.eq_ignore_ascii_case(wanted) } else { text.to_lowercase().contains(&near) }
    };
    let matches = |order: &&Order| {
        caller.sees(order.client_id)
            && (says(&order.number) || order.external_reference.as_deref().is_some_and(says))
    };
    let lens = Lens { zone: world.settings.time_zone, seed: world.settings.seed };
    let mut rows: Vec<OrderRow> = world
        .orders
        .values()
        .filter(matches)
        .take(ROWS_AT_MOST)
        .map(|order| OrderRow::of(order, lens, items))
        .collect();
    let foreign = foreign_row(world, call, caller.client_id);
    rows.extend(foreign.iter().map(|order| OrderRow::of(order, lens, items)));
    Ok(Answer::json(&rows))
}
