//! An order as it stands in a row of the read table, with its texts left where they are. An [`OrderView`](crate::orders::OrderView) is
//! made of it; a list is written straight from it ([`OrderLine`](crate::orders::OrderLine)).

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use logistics_domain::Source;
use logistics_domain::status::{Promise, Tab, WarehouseClock, promise_of};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::cells::Cells;
use super::freshness::{Heard, ReadAt};
use super::view::is_web_address;
use crate::instant;
use crate::raw_json;

/// The text of [`BESIDE`], which [`SELECTED`] ends with. A poll says nothing of an order that vanished: no list shows what is not there,
/// and whether it is there all the same only a question tells.
macro_rules! beside {
    () => {
        "c.answered_at as check_answered_at, c.via as check_via, \
         case when o.vanished_at is null then m.last_synced_at end as last_synced_at"
    };
}

/// What a query selects of what was heard of an order beside its history, of the tables `c` (checks) and `m` (the tenant's configuration).
pub(in crate::orders) const BESIDE: &str = beside!();

/// What a query selects for it, of the tables `o` (orders), `c` (checks) and `m` (the tenant's configuration). It is read by
/// place, since names would be looked up for each order anew.
pub(crate) const SELECTED: &str = concat!(
    "o.id, o.tenant_id, o.account_id, o.order_id, o.shop_order_name, o.link_basis, \
     o.mintsoft_order_id, o.mintsoft_order_number, o.status, o.status_id, o.courier_service, \
     o.courier_service_id, o.tracking_number, o.tracking_url, o.dispatched_at, o.estimated_delivery, \
     o.delivered_at, o.num_parcels, o.weight::float8 as weight, o.part, o.number_of_parts, o.ordered_at, \
     o.vanished_at, o.cancellation, o.warehouse_phase, o.carrier_phase, o.must_act, o.attention, o.tab, \
     o.due_at, o.mapping_version, o.order_data_json, o.created_at, o.updated_at, o.observed_at, \
     o.observed_via, ",
    beside!()
);

/// Where the columns of the answers beside an order's history stand among those.
pub(in crate::orders) const BESIDE_AT: usize = 36;

/// Joins what is known of an order beside its history. The configuration's poll counts and not the account's, since a poll
/// of an account passes over the orders of tenants that take no part in it.
pub(crate) const JOINED: &str = "left join order_checks c on c.stream_id = o.id \
     left join logistics_config m on m.tenant_id = o.tenant_id \
       and coalesce(m.home_account_id, m.account_id) = o.account_id";

/// An order of a row.
pub(in crate::orders) struct Seen<'r> {
    pub(in crate::orders) account_id: Uuid,
    pub(in crate::orders) head: Head<'r>,
    /// The newest scan; null where there is none.
    pub(in crate::orders) last_scan: Option<&'r str>,
    pub(in crate::orders) items: Option<&'r str>,
    pub(in crate::orders) order_data_json: &'r str,
    pub(in crate::orders) mapping_version: i32,
    pub(in crate::orders) tail: Tail,
    /// The answer behind the row.
    pub(in crate::orders) observed: Heard<'r>,
}

/// The fields of a view up to the first that goes by the clock.
#[derive(Serialize)]
pub(in crate::orders) struct Head<'r> {
    pub(in crate::orders) id: Uuid,
    pub(in crate::orders) tenant_id: i64,
    pub(in crate::orders) order_id: Option<i64>,
    pub(in crate::orders) shop_order_name: Option<&'r str>,
    pub(in crate::orders) link_basis: Option<&'r str>,
    pub(in crate::orders) mintsoft_order_id: i64,
    pub(in crate::orders) mintsoft_order_number: &'r str,
    pub(in crate::orders) status: Option<&'r str>,
    pub(in crate::orders) status_id: Option<i32>,
    pub(in crate::orders) courier_service: Option<&'r str>,
    pub(in crate::orders) courier_service_id: Option<i64>,
    pub(in crate::orders) tracking_number: Option<&'r str>,
    pub(in crate::orders) tracking_url: Option<&'r str>,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) dispatched_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) estimated_delivery: Option<DateTime<Utc>>,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) delivered_at: Option<DateTime<Utc>>,
    pub(in crate::orders) num_parcels: Option<i32>,
    pub(in crate::orders) weight: Option<f64>,
    pub(in crate::orders) part: i32,
    pub(in crate::orders) number_of_parts: i32,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) ordered_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) vanished_at: Option<DateTime<Utc>>,
    pub(in crate::orders) cancellation: Option<Value>,
    pub(in crate::orders) warehouse_phase: &'r str,
    pub(in crate::orders) carrier_phase: &'r str,
    pub(in crate::orders) must_act: &'r str,
    pub(in crate::orders) attention: Option<&'r str>,
    pub(in crate::orders) tab: &'r str,
    #[serde(serialize_with = "instant::optional")]
    pub(in crate::orders) due_at: Option<DateTime<Utc>>,
    pub(in crate::orders) due: Option<&'static str>,
}

/// The fields after those that are passed through as they are, but for the freshness.
#[derive(Serialize)]
pub(in crate::orders) struct Tail {
    #[serde(serialize_with = "instant::plain")]
    pub(in crate::orders) created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant::plain")]
    pub(in crate::orders) updated_at: DateTime<Utc>,
}

/// What is looked at of `order_data_json`; the rest is passed through unseen.
#[derive(Default, Deserialize)]
struct Data<'r> {
    #[serde(borrow)]
    items: Option<&'r RawValue>,
    #[serde(borrow)]
    last_scan: Option<&'r RawValue>,
    #[serde(borrow)]
    details: Option<Details<'r>>,
}

#[derive(Deserialize)]
struct Details<'r> {
    #[serde(borrow)]
    zone: Option<Cow<'r, str>>,
}

impl<'r> Seen<'r> {
    /// Reads a row that begins with what is [`SELECTED`].
    pub(in crate::orders) fn of(row: &'r PgRow) -> sqlx::Result<Self> {
        let mut columns = Cells::of(row, 0);
        let (id, tenant_id, account_id) = (columns.next()?, columns.next()?, columns.next()?);
        let mut head = Head {
            id,
            tenant_id,
            order_id: columns.next()?,
            shop_order_name: columns.next()?,
            link_basis: columns.next()?,
            mintsoft_order_id: columns.next()?,
            mintsoft_order_number: columns.next()?,
            status: columns.next()?,
            status_id: columns.next()?,
            courier_service: columns.next()?,
            courier_service_id: columns.next()?,
            tracking_number: columns.next()?,
            tracking_url: columns.next::<Option<&str>>()?.filter(|told| is_web_address(told)),
            dispatched_at: columns.instant()?,
            estimated_delivery: columns.instant()?,
            delivered_at: columns.instant()?,
            num_parcels: columns.next()?,
            weight: columns.next()?,
            part: columns.next()?,
            number_of_parts: columns.next()?,
            ordered_at: columns.instant()?,
            vanished_at: columns.instant()?,
            cancellation: columns.next()?,
            warehouse_phase: columns.next()?,
            carrier_phase: columns.next()?,
            must_act: columns.next()?,
            attention: columns.next()?,
            tab: columns.next()?,
            due_at: columns.instant()?,
            due: None,
        };
        // A row that no event has reached of late may hold the date of a delivery that a later scan refuted.
        head.delivered_at = head.delivered_at.filter(|_| head.tab == Tab::Delivered.as_str());
        let mapping_version = columns.next()?;
        let order_data_json = raw_json::text_of(row, columns.skip())?;
        let data: Data<'r> = serde_json::from_str(order_data_json).unwrap_or_default();
        let tail = Tail { created_at: columns.given_instant()?, updated_at: columns.given_instant()? };
        let observed = (columns.given_instant()?, columns.next()?);
        if head.due_at.is_some() {
            let zone = data.details.as_ref().and_then(|details| details.zone.as_deref());
            let clock = WarehouseClock::named(zone);
            let due = promise_of(head.tab, head.due_at, head.estimated_delivery, clock);
            head.due = due.map(Promise::as_str);
        }
        let (last_scan, items) = (data.last_scan.map(RawValue::get), data.items.map(RawValue::get));
        Ok(Self { account_id, head, last_scan, items, order_data_json, mapping_version, tail, observed })
    }
}

/// Whether a promise that ends then has ended.
pub(in crate::orders) fn is_late(due_at: Option<DateTime<Utc>>, read: ReadAt) -> bool {
    due_at.is_some_and(|end| end <= read.now)
}

/// The answers beside an order's history, from the three columns at that place: a check that changed nothing, and the account's poll
/// with the tenant in it.
pub(in crate::orders) fn heard_beside(row: &PgRow, place: usize) -> sqlx::Result<[Option<Heard<'_>>; 2]> {
    let mut columns = Cells::of(row, place);
    let checked = columns.instant()?.zip(columns.next::<Option<&str>>()?);
    let polled = columns.instant()?.map(|at| (at, Source::Poll.as_str()));
    Ok([checked, polled])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_beside_the_history_stands_where_it_is_read() {
        let (row, _) = SELECTED.split_once(BESIDE).unwrap();
        assert_eq!(row.trim_end_matches(", ").split(", ").count(), BESIDE_AT);
    }
}
