//! The read table of orders to answers, one order at a time. What is withheld is never answered.

use logistics_domain::{AccountId, OrderStreamId};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::freshness::ReadAt;
use super::seen::{JOINED, SELECTED};
use super::view::OrderView;
use crate::scope::TenantScope;

/// The order, unless it is another tenant's, withheld or unknown.
pub async fn find_order(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
    read: ReadAt,
) -> sqlx::Result<Option<OrderView>> {
    let sql = format!(
        "select {SELECTED} from logistics_orders o {JOINED} \
         where o.id = $1 and o.tenant_id = $2 and o.withheld_reason is null"
    );
    let row = sqlx::query(&sql).bind(id.0).bind(scope.tenant().0).fetch_optional(executor).await?;
    row.map(|row| OrderView::read(&row, read)).transpose()
}

/// In which account the order lives and what Mintsoft calls it, unless it is another tenant's, withheld or unknown.
pub async fn account_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<(AccountId, i64)>> {
    let found: Option<(Uuid, i64)> = sqlx::query_as(
        "select account_id, mintsoft_order_id from logistics_orders
         where id = $1 and tenant_id = $2 and withheld_reason is null",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await?;
    Ok(found.map(|(account, order)| (AccountId(account), order)))
}

/// How many events made the order what it is, and of how many parts it is one, unless it is another tenant's, withheld or
/// unknown.
pub async fn version_and_parts_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<(i64, i32)>> {
    sqlx::query_as(
        "select version, number_of_parts from logistics_orders
         where id = $1 and tenant_id = $2 and withheld_reason is null",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await
}
