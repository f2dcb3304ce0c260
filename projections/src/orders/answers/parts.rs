//! The other parts of a split order, which share its number. They are looked for by the number, under the service's role,
//! and read under the reader's: no index serves letters in any case behind the wall between tenants.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgExecutor};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::OrderView;
use crate::scope::TenantScope;

/// The most parts that are shown.
const PARTS_MAX: i64 = 100;

/// Another part of a split order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct OrderPart {
    /// The ledger's id of the part.
    pub id: Uuid,
    /// Mintsoft's id of the part.
    pub mintsoft_order_id: i64,
    /// Which part, from 1.
    pub part: i32,
    /// How many parts the order has.
    pub number_of_parts: i32,
    /// Mintsoft's name of the part's status.
    pub status: Option<String>,
    /// Mintsoft's id of the part's status.
    pub status_id: Option<i32>,
    /// The part's tracking number.
    pub tracking_number: Option<String>,
    /// When the part left the warehouse (UTC).
    pub dispatched_at: Option<DateTime<Utc>>,
    /// When the part was delivered (UTC); null where a later scan refutes that.
    pub delivered_at: Option<DateTime<Utc>>,
}

/// The ids of the orders of the tenant's account that share the order's number, itself left out.
pub async fn ids_of_parts(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    order: &OrderView,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select id from logistics_orders
         where tenant_id = $1 and number_key = $2 and account_id = $3 and id <> $4
         order by id limit $5",
    )
    .bind(scope.tenant().0)
    .bind(order.mintsoft_order_number.to_lowercase())
    .bind(order.account_id)
    .bind(order.id)
    .bind(PARTS_MAX)
    .fetch_all(executor)
    .await
}

/// Those of the orders that the tenant may see, part after part.
pub async fn parts_among(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    ids: &[Uuid],
) -> sqlx::Result<Vec<OrderPart>> {
    sqlx::query_as(
        "select id, mintsoft_order_id, part, number_of_parts, status, status_id, tracking_number, dispatched_at,
           case when tab = 'delivered' then delivered_at end as delivered_at
         from logistics_orders where id = any($1) and tenant_id = $2 and withheld_reason is null
         order by part, mintsoft_order_id",
    )
    .bind(ids)
    .bind(scope.tenant().0)
    .fetch_all(executor)
    .await
}
