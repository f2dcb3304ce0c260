//! What the sources of observations need to know of the rows to do their rounds. It never feeds a decision about an
//! order: that is made on its history.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, OrderStreamId, TenantId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::link_queries::{ALSO_FULFILLED_ID, also_fulfilling};

/// An order that carries a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct NumberedOrder {
    /// Mintsoft's id of the order.
    pub mintsoft_order_id: i64,
    /// Which part of a split order it is.
    pub part: i32,
    /// Whether it is withheld from its tenant, so that it fulfils nothing new.
    pub withheld: bool,
}

/// Which of the orders are withheld from their tenants.
pub async fn withheld_among(
    pool: &PgPool,
    streams: &[OrderStreamId],
) -> Result<HashSet<OrderStreamId>, sqlx::Error> {
    let ids: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
    let withheld: Vec<Uuid> = sqlx::query_scalar(
        "select id from logistics_orders where id = any($1) and withheld_reason is not null",
    )
    .bind(ids)
    .fetch_all(pool)
    .await?;
    Ok(withheld.into_iter().map(OrderStreamId).collect())
}

/// The orders in the warehouse that stand in the tenant's history and carry one of the numbers (lower case), those that are
/// withheld from it too.
pub async fn with_numbers(
    pool: &PgPool,
    account: AccountId,
    tenant: TenantId,
    numbers: &[String],
) -> Result<Vec<NumberedOrder>, sqlx::Error> {
    sqlx::query_as(
        "select mintsoft_order_id, part, withheld_reason is not null as withheld from logistics_orders
         where tenant_id = $1 and number_key = any($2) and account_id = $3 and vanished_at is null",
    )
    .bind(tenant.0)
    .bind(numbers)
    .bind(account.0)
    .fetch_all(pool)
    .await
}

/// Whether an order that is in the warehouse, and for certain the tenant's, is linked to the shop order, before any other or
/// beside others.
pub async fn is_fulfilled(pool: &PgPool, tenant: TenantId, order_id: i64) -> Result<bool, sqlx::Error> {
    let stands = "vanished_at is null and withheld_reason is null";
    let also = also_fulfilling(stands);
    sqlx::query_scalar(&format!(
        "select exists (select from logistics_orders where tenant_id = $1 and order_id = $2 and {stands})
         or exists (select from {also} where {ALSO_FULFILLED_ID} = $2)",
    ))
    .bind(tenant.0)
    .bind(order_id)
    .fetch_one(pool)
    .await
}

/// The number of an order.
pub async fn number_of(pool: &PgPool, stream: OrderStreamId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("select mintsoft_order_number from logistics_orders where id = $1")
        .bind(stream.0)
        .fetch_optional(pool)
        .await
}

/// Whether consignments of the order are known.
pub async fn has_consignments(pool: &PgPool, stream: OrderStreamId) -> Result<bool, sqlx::Error> {
    let known: Option<bool> = sqlx::query_scalar(
        "select coalesce(json_array_length(order_data_json->'shipments'), 0) > 0 from logistics_orders where id = $1",
    )
    .bind(stream.0)
    .fetch_optional(pool)
    .await?;
    Ok(known.unwrap_or(false))
}

/// A part of a split order that is not tied to the shop order that another part is tied to.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct LoosePart {
    /// Mintsoft's id of the loose part.
    pub mintsoft_order_id: i64,
    /// The shop order that the other part is tied to.
    pub order_id: i64,
    /// Its name.
    pub shop_order_name: String,
    /// By what the other part's shop order was found.
    pub link_basis: String,
}

/// Which of the orders are parts that are not tied to what another part of the same number is tied to.
pub async fn loose_parts(pool: &PgPool, streams: &[OrderStreamId]) -> Result<Vec<LoosePart>, sqlx::Error> {
    let ids: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
    sqlx::query_as(
        "select distinct on (o.id) o.mintsoft_order_id, tied.order_id, tied.shop_order_name, tied.link_basis
         from logistics_orders o
         join logistics_orders tied on tied.tenant_id = o.tenant_id
           and tied.number_key = o.number_key
         where o.id = any($1) and o.number_of_parts > 1 and o.order_id is null
           and tied.number_of_parts > 1 and tied.part <> o.part and tied.account_id = o.account_id
           and tied.order_id is not null and tied.shop_order_name is not null and tied.link_basis is not null
         order by o.id, tied.part",
    )
    .bind(ids)
    .fetch_all(pool)
    .await
}

/// Since when an order that ended may have done so to be asked about still.
#[derive(Clone, Copy, Debug)]
pub struct StillOpen {
    /// An order that left and does not stand as delivered counts as open unless it left before.
    pub dispatched_since: DateTime<Utc>,
    /// An order that vanished is asked about unless it vanished before.
    pub vanished_since: DateTime<Utc>,
}

/// The open orders of an account's active tenants that nobody asked about since `asked_before`, longest waiting first, at
/// most `limit`. Those that vanished come after all others: mostly they are gone.
pub async fn to_recheck(
    pool: &PgPool,
    account: AccountId,
    asked_before: DateTime<Utc>,
    still_open: StillOpen,
    limit: i64,
) -> Result<Vec<i64>, sqlx::Error> {
    // 3 is CANCELLED; an un-cancelled order shows in the next poll. One that vanished may show in none: not being there is
    // not being changed, so whatever it was before, only asking tells that it is there. A delivery that a later scan refutes
    // stays told, and the order is open again.
    sqlx::query_scalar(
        "select o.mintsoft_order_id from logistics_orders o left join order_checks c on c.stream_id = o.id
         left join recheck_attempts r on r.account_id = $1 and r.mintsoft_order_id = o.mintsoft_order_id
         join logistics_config m on m.tenant_id = o.tenant_id and m.account_id = $1 and m.sync_enabled
           and coalesce(m.home_account_id, m.account_id) = o.account_id
         join tenants t on t.id = o.tenant_id and t.is_active
         where o.account_id in (select coalesce(home_account_id, account_id) from logistics_config where account_id = $1)
           and o.withheld_reason is null
           and case when o.vanished_at is not null then o.vanished_at >= $5
               else (o.delivered_at is null or o.tab <> 'delivered') and o.status_id is distinct from 3
                 -- 4, 5 and 6 have left, with or without a date.
                 and ((o.dispatched_at is null and o.status_id not in (4, 5, 6))
                      or coalesce(o.dispatched_at, o.updated_at) >= $3)
               end
           and greatest(o.observed_at, c.answered_at, r.attempted_at) < $2
         order by o.vanished_at is not null, greatest(o.observed_at, c.answered_at, r.attempted_at), o.id limit $4",
    )
    .bind(account.0)
    .bind(asked_before)
    .bind(still_open.dispatched_since)
    .bind(limit)
    .bind(still_open.vanished_since)
    .fetch_all(pool)
    .await
}
