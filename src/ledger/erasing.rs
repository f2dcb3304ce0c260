//! What an erasure of an order's personal data removes, in the statement that inserts the event: the key, and personal data outside
//! the read tables.
//!
//! Whichever account read the order, its host has it under one number, and every account of the host may have parked it: also
//! where the order only begins, without a person.

use std::fmt::Write as _;
use std::sync::Arc;

use logistics_projections::tracking;

use super::{Ledger, LedgerError, OrderAddress};

/// How many parameters [`sql`] takes.
pub(super) const PARAMS: usize = 4;

/// A stream that begins with its erasure has no key, and is not visible yet.
const DESTROYED_KEYS: &str = "
  update order_streams s set sealed_key = null, key_destroyed_at = d.at
  from unnest($1::uuid[], $2::timestamptz[]) as d(stream_id, at)
  where s.stream_id = d.stream_id and s.sealed_key is not null";

/// The orders, each by the account that it stands under, and every account of their hosts.
const READERS: &str = "
  select e.mintsoft_order_id, reader.id as account_id, reader.host
  from unnest($1::uuid[], $2::bigint[]) as e(account_id, mintsoft_order_id)
  join mintsoft_accounts home on home.id = e.account_id
  join mintsoft_accounts reader on reader.host = home.host";

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

/// The parts of a `with`, their parameters numbered from `first`: streams, when, accounts, Mintsoft's ids.
pub(super) fn sql(first: usize) -> String {
    let shown = tracking::text_erasure_sql(first);
    let mut sql = format!("erased_texts as ({shown})");
    let parts = [
        ("destroyed", DESTROYED_KEYS, first),
        ("readers", READERS, first + 2),
        ("forgotten", FORGOTTEN_ROWS, first),
        ("waiting_texts", WAITING_TEXTS, first),
    ];
    for (name, text, first) in parts {
        let _infallible = write!(sql, ", {name} as ({})", super::parts::numbered(text, first));
    }
    sql
}

impl Ledger {
    /// Forgets again what stands beside the read tables of a person that is erased already: a row that was parked just while
    /// that was committed was not seen then.
    pub async fn forget_again(&self, address: OrderAddress) -> Result<(), LedgerError> {
        let sql = format!("with readers as ({READERS}), forgotten as ({FORGOTTEN_ROWS}) {WAITING_TEXTS}");
        sqlx::query(&sql)
            .bind(vec![address.account.0])
            .bind(vec![address.mintsoft_order_id])
            .execute(&self.shared.pool)
            .await
            .map(drop)
            .map_err(|error| LedgerError::Unavailable(Arc::new(error)))
    }
}
