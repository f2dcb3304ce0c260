//! The recipient of one order, for those who may see the order.

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgExecutor, Row};

use super::row::Recipient;
use crate::scope::TenantScope;

/// The recipient of an order; `None` when there is none, when the person was erased, or when the order is
/// another tenant's, withheld or unknown.
pub async fn recipient_of(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> sqlx::Result<Option<Recipient>> {
    sqlx::query_as(
        "select r.name, r.company, r.address_lines, r.town, r.county, r.post_code, r.country, r.phone, r.mobile, \
                r.email, r.delivery_notes, r.comments \
         from logistics_orders o join logistics_order_recipients r on r.logistics_order_id = o.id \
         where o.id = $1 and o.tenant_id = $2 and o.withheld_reason is null",
    )
    .bind(id.0)
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await
}

impl FromRow<'_, PgRow> for Recipient {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            company: row.try_get("company")?,
            address_lines: row.try_get("address_lines")?,
            town: row.try_get("town")?,
            county: row.try_get("county")?,
            post_code: row.try_get("post_code")?,
            country: row.try_get("country")?,
            phone: row.try_get("phone")?,
            mobile: row.try_get("mobile")?,
            email: row.try_get("email")?,
            delivery_notes: row.try_get("delivery_notes")?,
            comments: row.try_get("comments")?,
        })
    }
}
