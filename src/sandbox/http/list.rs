//! Order/List: filters, order, pages, and the faults that make rows move. Absent: search.

use super::query::Since;
use super::{Answer, Call};
use crate::sandbox::faults::Fault;
use crate::sandbox::keys::Caller;
use crate::sandbox::order::Order;
use crate::sandbox::settings::ListOrder;
use crate::sandbox::wire::{Lens, OrderRow};
use crate::sandbox::world::World;

/// Page and limit as asked: 500 for a page below 1, 400 for a limit above the greatest.
pub fn page(call: &Call, greatest: i64) -> Result<(usize, usize), Answer> {
    let page = call.parameters.int("PageNo", 1)?;
    let limit = call.parameters.int("Limit", greatest)?;
    let page = usize::try_from(page).ok().filter(|page| *page >= 1).ok_or_else(Answer::trouble)?;
    if limit > greatest {
        return Err(Answer::message(400, "The request is invalid."));
    }
    let limit = usize::try_from(limit).ok().filter(|limit| *limit >= 1).ok_or_else(Answer::trouble)?;
    Ok((page, limit))
}

struct Filter {
    status: Option<i64>,
    client: Option<i64>,
    channel: Option<i64>,
    courier: Option<i64>,
    warehouse: Option<i64>,
    since_date: Option<Since>,
    to_date: Option<Since>,
    since_updated: Option<Since>,
    since_despatch: Option<Since>,
    tags: Vec<String>,
    without_tags: Vec<String>,
}

impl Filter {
    fn of(world: &World, call: &Call) -> Result<Self, Answer> {
        let (asked, zone) = (&call.parameters, world.settings.time_zone);
        let tags = |name| {
            let list = asked.get(name).unwrap_or_default().split(',');
            list.map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty()).collect()
        };
        Ok(Self {
            status: asked.id("OrderStatusId")?,
            client: asked.id("ClientId")?,
            channel: asked.id("ChannelId")?,
            courier: asked.id("CourierServiceId")?,
            warehouse: asked.id("WarehouseId")?,
            since_date: asked.date("SinceDate", zone)?,
            to_date: asked.date("ToDate", zone)?,
            since_updated: asked.date("SinceLastUpdated", zone)?,
            since_despatch: asked.date("SinceDespatchDate", zone)?,
            tags: tags("IncludeTags"),
            without_tags: tags("ExcludeTags"),
        })
    }

    fn admits(&self, order: &Order) -> bool {
        let same = |wanted: Option<i64>, is: i64| wanted.is_none_or(|wanted| wanted == is);
        let tagged = |tag: &String| {
            let tags = order.tags.as_deref().unwrap_or_default();
            tags.split(',').any(|known| known.trim().eq_ignore_ascii_case(tag))
        };
        same(self.status, order.status.into())
            && same(self.client, order.client_id)
            && same(self.channel, order.channel_id.into())
            && same(self.courier, order.courier_service_id.into())
            && same(self.warehouse, order.warehouse_id.into())
            && self.since_updated.is_none_or(|since| since.admits(order.last_updated))
            && self.since_date.is_none_or(|since| since.admits(order.order_date))
            && self.to_date.is_none_or(|to| !to.admits(order.order_date))
            && self.since_despatch.is_none_or(|since| order.despatch_date.is_some_and(|at| since.admits(at)))
            && (self.tags.is_empty() || self.tags.iter().any(tagged))
            && !self.without_tags.iter().any(tagged)
    }
}

/// `GET /api/Order/List`.
pub fn orders(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    let (page, limit) = page(call, 100)?;
    let filter = Filter::of(world, call)?;
    let oldest_first = call.parameters.flag("SortOldestFirst")?;
    let items = call.parameters.flag("IncludeOrderItems")?;
    if call.parameters.flag("showB2BOnly")? {
        return Ok(Answer::json(&[(); 0]));
    }
    let mut found: Vec<&Order> =
        world.orders.values().filter(|order| caller.sees(order.client_id) && filter.admits(order)).collect();
    if world.settings.list_order == ListOrder::LastUpdated {
        found.sort_unstable_by_key(|order| (order.last_updated, order.id));
    }
    if !oldest_first {
        found.reverse();
    }
    let start = start(call, page, limit);
    let lens = Lens { zone: world.settings.time_zone, seed: world.settings.seed };
    let mut rows: Vec<OrderRow> =
        found.iter().skip(start).take(limit).map(|order| OrderRow::of(order, lens, items)).collect();
    let foreign = foreign_row(world, call, filter.client);
    if let Some(order) = foreign.as_ref().filter(|_| rows.len() < limit) {
        rows.push(OrderRow::of(order, lens, items));
    }
    Ok(Answer::json(&rows))
}

/// Where a page begins, one row off where such a fault was ordered.
pub fn start(call: &Call, page: usize, limit: usize) -> usize {
    let start = (page - 1).saturating_mul(limit);
    match call.fault {
        Some(Fault::RowRepeated) => start.saturating_sub(1),
        Some(Fault::RowSkipped) => start.saturating_add(1),
        _ => start,
    }
}

/// With the fault ordered: a row of another client, as a 3PL's filter might let slip.
pub fn foreign_row(world: &World, call: &Call, client: Option<i64>) -> Option<Order> {
    if call.fault != Some(Fault::ForeignRow) {
        return None;
    }
    let other = world.orders.values().rev().find(|order| Some(order.client_id) != client);
    let mut row = other.or_else(|| world.orders.values().next_back())?.clone();
    if Some(row.client_id) == client {
        row.client_id += 9_000;
        row.id += 5_000_000;
    }
    Some(row)
}
