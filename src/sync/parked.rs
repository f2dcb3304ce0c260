//! Rows that belong to no tenant for certain: kept for an operator with the reason, shown to no tenant.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::{AccountId, TenantId};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use super::attribution::Doubt;
use super::erasure;
use crate::secrets::KeyRing;

/// The purpose under which a parked row's bytes are sealed.
pub(crate) const SEALED_FOR: &str = "parked_orders/raw";

/// Why an order goes on waiting that was taken in for one tenant while an operator gave it to another.
const CROSSED: &str =
    "The order was taken in for one brand while it was given to another; it stays with the first.";

/// The most that the clocks of two instances may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(1);

/// A row to park.
#[derive(Clone, Debug)]
pub struct ParkedRow {
    /// Mintsoft's id, where it could be read.
    pub mintsoft_order_id: Option<i64>,
    /// The order's number, where it could be read.
    pub number: Option<String>,
    /// The client it is booked under.
    pub client_id: Option<i64>,
    /// The SKUs on its lines.
    pub skus: Vec<String>,
    /// Why.
    pub doubt: Doubt,
    /// More on the reason than its code says, without personal data.
    pub detail: Option<String>,
    /// The row as received.
    pub raw: String,
}

impl ParkedRow {
    fn key(&self) -> String {
        match self.mintsoft_order_id {
            Some(id) => order_key(id),
            None => format!("sha256:{}", hex::encode(Sha256::digest(self.raw.as_bytes()))),
        }
    }

    fn sentence(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.doubt.sentence()),
            None => self.doubt.sentence().to_owned(),
        }
    }
}

fn order_key(mintsoft_order_id: i64) -> String {
    format!("order:{mintsoft_order_id}")
}

/// The accounts under which the orders of a parked row may stand in the ledger: the one that it was read from, and those that its
/// brands brought along. In SQL, of the account that is named.
fn homes_of(account: &str) -> String {
    format!(
        "(select {account} union all select c.home_account_id from logistics_config c where c.account_id = {account})"
    )
}

/// Parks rows, or notes that they were seen again. One statement however many. What was received of an order whose person is
/// erased is not kept.
pub async fn park(
    pool: &PgPool,
    ring: &KeyRing,
    account: AccountId,
    rows: &[ParkedRow],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let skus: Vec<String> = rows.iter().map(|row| row.skus.join("\u{1f}")).collect();
    let (homes, is_erased) = (homes_of("$1"), erasure::is_erased("$1", "told.mintsoft_order_id"));
    sqlx::query(&format!(
        "insert into parked_orders (account_id, row_key, mintsoft_order_id, order_number, client_id, skus, reason,
                                    detail, raw_sealed, first_seen_at, last_seen_at)
         select distinct on (row_key) $1, row_key, mintsoft_order_id, order_number, client_id,
                case when skus = '' then '{{}}' else string_to_array(skus, E'\\x1f') end, reason, detail,
                case when {is_erased} then null else raw end, $10, $10
         from unnest($2::text[], $3::int8[], $4::text[], $5::int8[], $6::text[], $7::text[], $8::text[], $9::bytea[])
           as told (row_key, mintsoft_order_id, order_number, client_id, skus, reason, detail, raw)
         on conflict (account_id, row_key) do update set
           order_number = excluded.order_number, client_id = excluded.client_id, skus = excluded.skus,
           reason = excluded.reason, detail = excluded.detail, raw_sealed = excluded.raw_sealed,
           last_seen_at = excluded.last_seen_at,
           -- What an operator gave to a tenant is not doubtful any more, whatever an answer says that was asked for before.
           resolved_at = case when parked_orders.assigned_tenant_id is not null
                               and excluded.reason not in ('not_taken', 'wrong_shape') then parked_orders.resolved_at end,
           -- What an operator hid comes back once it says something else.
           dismissed_at = case when parked_orders.resolved_at is null and parked_orders.reason = excluded.reason
                                and parked_orders.order_number is not distinct from excluded.order_number
                                and parked_orders.client_id is not distinct from excluded.client_id
                                and parked_orders.skus = excluded.skus then parked_orders.dismissed_at end
         -- A row that is listed again as it was is not written again at every poll; but when an order with a history was
         -- last seen in doubt decides which answers may settle that.
         where parked_orders.resolved_at is not null or parked_orders.reason <> excluded.reason
            or parked_orders.order_number is distinct from excluded.order_number
            or parked_orders.skus <> excluded.skus
            or parked_orders.client_id is distinct from excluded.client_id
            or parked_orders.last_seen_at < excluded.last_seen_at - interval '1 hour'
            or exists (select from order_streams s
                       where s.account_id in {homes} and s.mintsoft_order_id = parked_orders.mintsoft_order_id)"
    ))
    .bind(account.0)
    .bind(rows.iter().map(ParkedRow::key).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.mintsoft_order_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.client_id).collect::<Vec<_>>())
    .bind(skus)
    .bind(rows.iter().map(|row| row.doubt.code()).collect::<Vec<_>>())
    .bind(rows.iter().map(ParkedRow::sentence).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| ring.seal(SEALED_FOR, row.raw.as_bytes())).collect::<Vec<_>>())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Which of these orders an operator gave to a tenant, and to which.
pub(super) async fn assigned(
    pool: &PgPool,
    account: AccountId,
    mintsoft_order_ids: &[i64],
) -> Result<HashMap<i64, TenantId>, sqlx::Error> {
    if mintsoft_order_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let decided: Vec<(i64, i64)> = sqlx::query_as(
        "select mintsoft_order_id, assigned_tenant_id from parked_orders
         where account_id = $1 and mintsoft_order_id = any($2) and assigned_tenant_id is not null",
    )
    .bind(account.0)
    .bind(mintsoft_order_ids)
    .fetch_all(pool)
    .await?;
    Ok(decided.into_iter().map(|(order, tenant)| (order, TenantId(tenant))).collect())
}

/// Which of these orders stand in a parked row of one of the accounts that waits and was seen after an answer was asked for:
/// that answer is too old to settle them.
pub(super) async fn seen_since(
    pool: &PgPool,
    accounts: &[Uuid],
    mintsoft_order_ids: &[i64],
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<HashSet<i64>, sqlx::Error> {
    if mintsoft_order_ids.is_empty() {
        return Ok(HashSet::new());
    }
    let keys: Vec<String> = mintsoft_order_ids.iter().map(|id| order_key(*id)).collect();
    let seen: Vec<i64> = sqlx::query_scalar(&format!(
        "select mintsoft_order_id from parked_orders
         where account_id = any($1) and row_key = any($2) and resolved_at is null and {SEEN_SINCE}"
    ))
    .bind(accounts)
    .bind(keys)
    .bind(asked_at)
    .bind(now + CLOCKS_DIFFER)
    .fetch_all(pool)
    .await?;
    Ok(seen.into_iter().collect())
}

/// Whether a row was seen after the answer that was asked for at `$3`. One that was seen later than now, which is at most `$4`, was
/// parked by a clock that was ahead; it proves no answer too old, else each would have the order read again until that clock
/// was right.
const SEEN_SINCE: &str = "last_seen_at > $3 and last_seen_at <= $4";

/// Whether the order of a row, given to one tenant by an operator, was taken in for another meanwhile. In SQL, over a row
/// of `parked_orders`.
pub(super) const OWNED_OTHERWISE: &str = "exists (select from order_streams s
  where s.account_id in (select parked_orders.account_id union all select c.home_account_id from logistics_config c
      where c.account_id = parked_orders.account_id)
    and s.mintsoft_order_id = parked_orders.mintsoft_order_id
    and s.tenant_id <> parked_orders.assigned_tenant_id)";

/// Notes that parked orders have found their tenant, whichever of the accounts parked them. One that an operator gave to another
/// tenant meanwhile goes on waiting: the decision came to nothing, and whoever took it shall see that. So does one that was seen
/// to be doubtful after the answer was asked for that settles the others.
pub async fn resolve(
    pool: &PgPool,
    accounts: &[Uuid],
    mintsoft_order_ids: &[i64],
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if mintsoft_order_ids.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = mintsoft_order_ids.iter().map(|id| order_key(*id)).collect();
    // Looked for first, since an update that hits nothing would still take a transaction id.
    let waiting: Vec<(Uuid, String, bool)> = sqlx::query_as(&format!(
        "select account_id, row_key, {OWNED_OTHERWISE} from parked_orders
         where account_id = any($1) and row_key = any($2) and resolved_at is null and not ({SEEN_SINCE})"
    ))
    .bind(accounts)
    .bind(&keys)
    .bind(asked_at)
    .bind(now + CLOCKS_DIFFER)
    .fetch_all(pool)
    .await?;
    let (crossed, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(.., crossed)| *crossed);
    let rows_of = |rows: Vec<(Uuid, String, bool)>| -> (Vec<Uuid>, Vec<String>) {
        rows.into_iter().map(|(account, key, _)| (account, key)).unzip()
    };
    if !crossed.is_empty() {
        let (accounts, keys) = rows_of(crossed);
        sqlx::query(
            "update parked_orders set reason = $3, detail = $4 from unnest($1::uuid[], $2::text[]) as found (account, key)
             where account_id = found.account and row_key = found.key and detail <> $4",
        )
        .bind(accounts)
        .bind(keys)
        .bind(Doubt::OwnerChanged.code())
        .bind(CROSSED)
        .execute(pool)
        .await?;
    }
    if !waiting.is_empty() {
        let (accounts, keys) = rows_of(waiting);
        sqlx::query(&format!(
            "update parked_orders set resolved_at = $5, raw_sealed = null
             from unnest($1::uuid[], $2::text[]) as found (account, key)
             where account_id = found.account and row_key = found.key and not ({SEEN_SINCE})"
        ))
        .bind(accounts)
        .bind(keys)
        .bind(asked_at)
        .bind(now + CLOCKS_DIFFER)
        .bind(now)
        .execute(pool)
        .await?;
    }
    Ok(())
}
