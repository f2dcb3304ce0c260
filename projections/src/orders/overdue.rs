//! Which orders are late without their history saying so yet: what the look at the clock goes by. It never feeds a
//! decision about an order: that is made on its history.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// An order whose open promise has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverdueOrder {
    /// The account it lives in.
    pub account: AccountId,
    /// Mintsoft's id of the order.
    pub mintsoft_order_id: i64,
    /// Where the next portion goes on.
    pub place: OverduePlace,
}

/// A place in the list of overdue orders: the end of the promise, and the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverduePlace(DateTime<Utc>, Uuid);

#[derive(FromRow)]
struct Found {
    id: Uuid,
    account_id: Uuid,
    mintsoft_order_id: i64,
    due_at: DateTime<Utc>,
}

/// The active tenants that have overdue orders.
pub async fn tenants_with_overdue(pool: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<TenantId>> {
    let tenants: Vec<i64> = sqlx::query_scalar(
        "select t.id from tenants t where t.is_active and exists (
           select from logistics_orders o
           where o.tenant_id = t.id and o.withheld_reason is null and not o.lateness_noted and o.due_at <= $1)
         order by t.id",
    )
    .bind(now)
    .fetch_all(pool)
    .await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// A tenant's overdue orders, at most `limit`, those that became so last first: what was read by an older mapping, and is
/// not overdue by this one, keeps no fresh one waiting.
pub async fn overdue(
    pool: &PgPool,
    tenant: TenantId,
    now: DateTime<Utc>,
    after: Option<OverduePlace>,
    limit: i64,
) -> sqlx::Result<Vec<OverdueOrder>> {
    let found: Vec<Found> = sqlx::query_as(
        "select id, account_id, mintsoft_order_id, due_at from logistics_orders
         where tenant_id = $1 and withheld_reason is null and not lateness_noted and due_at <= $2
           and ($3::timestamptz is null or (due_at, id) < ($3, $4))
         order by due_at desc, id desc limit $5",
    )
    .bind(tenant.0)
    .bind(now)
    .bind(after.map(|place| place.0))
    .bind(after.map(|place| place.1))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let order = |found: Found| OverdueOrder {
        account: AccountId(found.account_id),
        mintsoft_order_id: found.mintsoft_order_id,
        place: OverduePlace(found.due_at, found.id),
    };
    Ok(found.into_iter().map(order).collect())
}
