//! The read table of orders to answers, one order at a time. What is withheld is never answered.

use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

use super::freshness::ReadAt;
use super::view::{JOINED, OrderView, SELECTED};
use crate::scope::TenantScope;

/// The most orders that are answered for a list of numbers.
const FOUND_MAX: i64 = 200;

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

/// An order that has one of the numbers looked for.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct NumberMatch {
    /// The place of the number in the list that was given, from 0.
    pub candidate: i64,
    /// The stream of the order.
    pub id: Uuid,
    /// The account it lives in.
    pub account_id: Uuid,
    /// Mintsoft's number of it.
    pub mintsoft_order_id: i64,
    /// Its number, as upstream writes it.
    pub mintsoft_order_number: String,
    /// The shop order it is linked to already.
    pub order_id: Option<i64>,
    /// Which part of a split order it is; all parts have the same number.
    pub part: i32,
    /// How many parts there are.
    pub number_of_parts: i32,
    /// Since when upstream no longer has it (UTC).
    pub vanished_at: Option<DateTime<Utc>>,
}

/// The tenant's orders that have one of the numbers, compared whole and in any case, in the order of the list.
pub async fn find_by_number(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    candidates: &[String],
) -> sqlx::Result<Vec<NumberMatch>> {
    sqlx::query_as(
        "select given.place - 1 as candidate, o.id, o.account_id, o.mintsoft_order_id, o.mintsoft_order_number, \
                o.order_id, o.part, o.number_of_parts, o.vanished_at \
         from unnest($2::text[]) with ordinality as given(number, place) \
         join logistics_orders o on o.tenant_id = $1 and lower(o.mintsoft_order_number) = lower(given.number) \
         where o.withheld_reason is null \
         order by given.place, o.part, o.mintsoft_order_id limit $3",
    )
    .bind(scope.tenant().0)
    .bind(candidates)
    .bind(FOUND_MAX)
    .fetch_all(executor)
    .await
}
