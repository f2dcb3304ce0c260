//! Orders with all that an answer about one of them shows, several in one look. What is withheld is never answered.

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{FromRow as _, PgExecutor, Row as _};
use uuid::Uuid;

use super::freshness::ReadAt;
use super::seen::{JOINED, SELECTED};
use super::view::OrderView;
use crate::recipients::{self, Recipient};
use crate::scope::TenantScope;

/// An order as it was found, with what stands beside it, which may be looked at later.
pub struct WholeOrder {
    row: PgRow,
    /// The order.
    pub id: OrderStreamId,
    /// How many events made it what it is.
    pub version: i64,
    /// Of how many parts it is one.
    pub number_of_parts: i32,
}

impl WholeOrder {
    fn of(row: PgRow) -> sqlx::Result<Self> {
        let (id, version) = (row.try_get("id")?, row.try_get("version")?);
        let number_of_parts = row.try_get("number_of_parts")?;
        Ok(Self { row, id: OrderStreamId(id), version, number_of_parts })
    }

    /// The order, with how old its data was at an instant.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn view(&self, read: ReadAt) -> sqlx::Result<OrderView> {
        OrderView::read(&self.row, read)
    }

    /// Whom it goes to; none where there is nobody, or the person was erased.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn recipient(&self) -> sqlx::Result<Option<Recipient>> {
        let is_there = self.row.try_get("has_recipient")?;
        if is_there { Recipient::from_row(&self.row).map(Some) } else { Ok(None) }
    }

    /// The platform of the shop order that it fulfils, and the id that the order has there, where they are known.
    ///
    /// # Errors
    ///
    /// Where the row is of another shape.
    pub fn placed(&self) -> sqlx::Result<Option<(String, String)>> {
        let platform: Option<String> = self.row.try_get("platform")?;
        Ok(platform.zip(self.row.try_get("external_id")?))
    }
}

/// Those of the orders that are there: none of another tenant, and none that is withheld.
pub async fn find_whole(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    ids: &[Uuid],
) -> sqlx::Result<Vec<WholeOrder>> {
    let sql = format!(
        "select {SELECTED}, o.version, r.logistics_order_id is not null as has_recipient, {}, s.platform, s.external_id \
         from logistics_orders o {JOINED} \
         left join logistics_order_recipients r on r.logistics_order_id = o.id \
         left join orders s on s.tenant_id = o.tenant_id and s.id = o.order_id \
         where o.id = any($1) and o.tenant_id = $2 and o.withheld_reason is null",
        recipients::SELECTED,
    );
    let rows = sqlx::query(&sql).bind(ids).bind(scope.tenant().0).fetch_all(executor).await?;
    rows.into_iter().map(WholeOrder::of).collect()
}
