//! What an erasure of an order's personal data removes, in the statement that inserts the event: the key, and personal data outside
//! the read tables. Each text takes the streams as its first parameter.
//!
//! Whichever account read the order, its host has it under one number, and every account of the host may have parked it.

use std::fmt::Write as _;

use logistics_projections::tracking;

/// How many parameters [`sql`] takes.
pub(super) const PARAMS: usize = 2;

const DESTROYED_KEYS: &str = "
  update order_streams s set sealed_key = null, key_destroyed_at = d.at
  from unnest($1::uuid[], $2::timestamptz[]) as d(stream_id, at)
  where s.stream_id = d.stream_id and s.sealed_key is not null";

/// The orders, and every account of their hosts.
const READERS: &str = "
  select s.mintsoft_order_id, reader.id as account_id, reader.host
  from order_streams s
  join mintsoft_accounts home on home.id = s.account_id
  join mintsoft_accounts reader on reader.host = home.host
  where s.stream_id = any($1::uuid[])";

/// Rows as they were received.
const FORGOTTEN_ROWS: &str = "
  update parked_orders p set raw_sealed = null from readers r
  where p.account_id = r.account_id and p.row_key = 'order:' || r.mintsoft_order_id and p.raw_sealed is not null";

/// Couriers' texts in scans that wait for the order, or for its shipment.
const WAITING_TEXTS: &str = "
  update unplaced_scans u set scan = jsonb_set(u.scan, '{description}', 'null')
  from (
    select w.account_id, w.scan_id from readers r
    join unplaced_scans w on w.account_id = r.account_id and w.mintsoft_order_id = r.mintsoft_order_id
    union
    select w.account_id, w.scan_id from readers r
    join known_shipments k on k.account_id = r.account_id and k.mintsoft_order_id = r.mintsoft_order_id
    join readers other on other.host = r.host and other.mintsoft_order_id = r.mintsoft_order_id
    join unplaced_scans w on w.account_id = other.account_id and w.shipment_id = k.shipment_id
    where w.mintsoft_order_id is null) as found
  where u.account_id = found.account_id and u.scan_id = found.scan_id and u.scan->>'description' is not null";

/// The parts of a `with`, their parameters numbered from `first`.
pub(super) fn sql(first: usize) -> String {
    let shown = tracking::text_erasure_sql(first);
    let mut sql = format!("erased_texts as ({shown})");
    let parts = [
        ("destroyed", DESTROYED_KEYS),
        ("readers", READERS),
        ("forgotten", FORGOTTEN_ROWS),
        ("waiting_texts", WAITING_TEXTS),
    ];
    for (name, text) in parts {
        let _infallible = write!(sql, ", {name} as ({})", super::parts::numbered(text, first));
    }
    sql
}
