//! The read table of orders to answers, one order at a time. What is withheld is never answered.

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};

use super::freshness::ReadAt;
use super::seen::{JOINED, SELECTED};
use super::view::OrderView;
use crate::scope::TenantScope;

/// An order as it was found, which may be looked at later.
pub struct FoundOrder {
    row: PgRow,
    /// How many events made it what it is.
    pub version: i64,
    /// Of how many parts it is one.
    pub number_of_parts: i32,
}

impl FoundOrder {
    fn of(row: PgRow) -> sqlx::Result<Self> {
        let (version, number_of_parts) = (row.try_get("version")?, row.try_get("number_of_parts")?);
        Ok(Self { row, version, number_of_parts })
    }

    /// The order, with how old its data was at an instant.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn view(&self, read: ReadAt) -> sqlx::Result<OrderView> {
        OrderView::read(&self.row, read)
    }
}

/// The order, unless it is another tenant's, withheld or unknown.
pub async fn find_order(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
    read: ReadAt,
) -> sqlx::Result<Option<OrderView>> {
    find_versioned(executor, scope, id).await?.map(|found| found.view(read)).transpose()
}

/// The same, with its version.
pub async fn find_versioned(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<FoundOrder>> {
    let sql = format!(
        "select {SELECTED}, o.version from logistics_orders o {JOINED} \
         where o.id = $1 and o.tenant_id = $2 and o.withheld_reason is null"
    );
    let row = sqlx::query(&sql).bind(id.0).bind(scope.tenant().0).fetch_optional(executor).await?;
    row.map(FoundOrder::of).transpose()
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

/// How many events made the order what it is, unless it is another tenant's, withheld or unknown.
pub async fn version_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "select version from logistics_orders where id = $1 and tenant_id = $2 and withheld_reason is null",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await
}
