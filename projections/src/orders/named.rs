//! The orders that a person means by an id or a number: of all tenants, withheld ones too. For the platform's staff alone.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

/// The most orders that are found; whoever gets as many asks more narrowly.
const FOUND_MAX: i64 = 50;

/// An order by its names.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct NamedOrder {
    /// The stream of the order.
    pub id: Uuid,
    /// Whose order it is.
    pub tenant_id: i64,
    /// Mintsoft's number of the order.
    pub mintsoft_order_id: i64,
    /// The number that people know it by.
    pub mintsoft_order_number: String,
    /// Which part of a split order, from 1.
    pub part: i32,
    /// How many parts there are.
    pub number_of_parts: i32,
    /// Since when upstream no longer has it (UTC).
    pub vanished_at: Option<DateTime<Utc>>,
    /// Why it is shown to no tenant, if so.
    pub withheld_reason: Option<String>,
}

/// The orders whose id is `named`, or whose number is, compared whole and in any case; of one tenant or of all.
pub async fn find_named(
    executor: impl PgExecutor<'_>,
    tenant: Option<TenantId>,
    named: &str,
) -> sqlx::Result<Vec<NamedOrder>> {
    sqlx::query_as(
        "select id, tenant_id, mintsoft_order_id, mintsoft_order_number, part, number_of_parts, vanished_at, \
                withheld_reason \
         from logistics_orders \
         where ($1::bigint is null or tenant_id = $1) and (id = $2 or number_key = $3) \
         order by tenant_id, part, mintsoft_order_id limit $4",
    )
    .bind(tenant.map(|tenant| tenant.0))
    .bind(Uuid::parse_str(named).ok())
    .bind(named.to_lowercase())
    .bind(FOUND_MAX)
    .fetch_all(executor)
    .await
}
