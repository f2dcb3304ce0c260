//! An order of a list as JSON, written straight from its row: the same bytes as those of an [`OrderView`](crate::orders::OrderView),
//! without one being made.
//!
//! All but what goes by the clock is written once ([`OrderText`]), and stays true for as long as the row is the one that it was
//! written of: who has memory for it keeps it, and a list asks no more of an order then than which row it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use logistics_domain::{OrderStreamId, TenantId};
use serde::Serialize;
use sqlx::postgres::PgRow;

use super::freshness::{ReadAt, freshness};
use super::seen::{Seen, heard_beside, is_late};
use crate::orders::listing::list::OrderList;
use crate::orders::listing::selection::{Selection, Stamp};

/// The size of a typical order as JSON, in bytes: the initial capacity of its buffer.
pub const ORDER_JSON_BYTES: usize = 2048;

/// An order as JSON, but for whether it is late and how fresh it is.
pub struct OrderText {
    /// The order.
    pub id: OrderStreamId,
    tenant: TenantId,
    /// Of which row it was written.
    stamp: Stamp,
    json: Box<[u8]>,
    /// Where in it stands whether the order is late.
    late_at: usize,
    due_at: Option<DateTime<Utc>>,
    observed_at: DateTime<Utc>,
    observed_via: Box<str>,
}

/// A cache of the texts of orders. That one is there does not say that it is still true, which its stamp tells.
pub trait OrderTextCache: Sync {
    /// The text of the order that was kept last.
    fn get(&self, id: OrderStreamId) -> Option<Arc<OrderText>>;
    /// Whether the orders of this page are kept, where few of pages like it were cached lately: to write and keep the text of each
    /// takes longer than to write the page.
    fn are_kept(&self) -> bool;
    /// Keeps a text, or not.
    fn keep(&self, text: &Arc<OrderText>);
    /// Whether so many orders of lists such as this one were cached lately that it is worth asking which rows they are first.
    fn are_likely(&self, list: &OrderList) -> bool;
    /// This many orders of a list were cached, and this many were not.
    fn note(&self, list: &OrderList, cached: usize, missing: usize);
}

impl OrderText {
    /// Of a row with [all of an order](Selection::Whole).
    pub(in crate::orders) fn of(row: &PgRow) -> sqlx::Result<Self> {
        let seen = Seen::of(row)?;
        let mut json = Vec::with_capacity(ORDER_JSON_BYTES);
        write_up_to_late(&mut json, &seen)?;
        let late_at = json.len();
        write_up_to_freshness(&mut json, &seen)?;
        let Seen { head, observed, .. } = seen;
        Ok(Self {
            id: OrderStreamId(head.id),
            tenant: TenantId(head.tenant_id),
            stamp: Selection::Whole.stamp_of(row)?,
            json: json.into_boxed_slice(),
            late_at,
            due_at: head.due_at,
            observed_at: observed.0,
            observed_via: observed.1.into(),
        })
    }

    /// Whether it was written of that row of an order of the tenant.
    pub(in crate::orders) fn is_of(&self, tenant: TenantId, stamp: Stamp) -> bool {
        (self.tenant, self.stamp) == (tenant, stamp)
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.json.len() + self.observed_via.len()
    }
}

/// An order of a list, to be written.
pub struct OrderLine {
    /// None where it is written straight from a row with all of it.
    text: Option<Arc<OrderText>>,
    row: PgRow,
    /// Where in the row what was heard beside the order's history stands.
    beside_at: usize,
    read: ReadAt,
}

impl OrderLine {
    /// The order of this text, if it has any, at this row of the list.
    pub(in crate::orders) const fn of(
        text: Option<Arc<OrderText>>,
        row: PgRow,
        selection: Selection,
        read: ReadAt,
    ) -> Self {
        Self { text, row, beside_at: selection.beside_at(), read }
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn write(&self, json: &mut Vec<u8>) -> sqlx::Result<()> {
        let beside = heard_beside(&self.row, self.beside_at)?;
        let late = |due_at| if is_late(due_at, self.read) { b"true".as_slice() } else { b"false" };
        let fresh = if let Some(text) = self.text.as_deref() {
            let (before, after) = text.json.split_at(text.late_at);
            json.extend_from_slice(before);
            json.extend_from_slice(late(text.due_at));
            json.extend_from_slice(after);
            freshness((text.observed_at, &text.observed_via), beside, self.read)
        } else {
            let seen = Seen::of(&self.row)?;
            write_up_to_late(json, &seen)?;
            json.extend_from_slice(late(seen.head.due_at));
            write_up_to_freshness(json, &seen)?;
            freshness(seen.observed, beside, self.read)
        };
        write(json, &fresh)?;
        json.push(b'}');
        Ok(())
    }
}

/// Writes what stands before whether the order is late.
fn write_up_to_late(json: &mut Vec<u8>, seen: &Seen<'_>) -> sqlx::Result<()> {
    begin_object(json, &seen.head)?;
    json.extend_from_slice(br#","late":"#);
    Ok(())
}

/// Writes what stands between that and how fresh the order is.
fn write_up_to_freshness(json: &mut Vec<u8>, seen: &Seen<'_>) -> sqlx::Result<()> {
    json.extend_from_slice(br#","mapping_version":"#);
    write(json, &seen.mapping_version)?;
    for (field, text) in [
        (r#","last_scan":"#, seen.last_scan.unwrap_or("null")),
        (r#","items":"#, seen.items.unwrap_or("[]")),
        (r#","order_data_json":"#, seen.order_data_json),
    ] {
        json.extend_from_slice(field.as_bytes());
        json.extend_from_slice(text.as_bytes());
    }
    end_object(json, &seen.tail)?;
    json.pop();
    json.extend_from_slice(br#","freshness":"#);
    Ok(())
}

/// Writes an object with at least one field, for more to follow.
///
/// # Errors
///
/// Where a field cannot be written.
pub fn begin_object(json: &mut Vec<u8>, fields: &impl Serialize) -> sqlx::Result<()> {
    write(json, fields)?;
    json.pop();
    Ok(())
}

/// Ends that object with more fields, at least one.
///
/// # Errors
///
/// Where a field cannot be written.
pub fn end_object(json: &mut Vec<u8>, fields: &impl Serialize) -> sqlx::Result<()> {
    let begin = json.len();
    write(json, fields)?;
    if let Some(brace) = json.get_mut(begin) {
        *brace = b',';
    }
    Ok(())
}

fn write(json: &mut Vec<u8>, value: &impl Serialize) -> sqlx::Result<()> {
    serde_json::to_writer(json, value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}
