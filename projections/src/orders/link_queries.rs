//! What links by hand need to know of the rows: what fulfils a shop order, and which orders a person means by a
//! number or an id. It never feeds a decision about an order: that is made on its history.

use logistics_domain::{AccountId, OrderStreamId, TenantId};
use sqlx::{FromRow, PgExecutor, PgPool};
use uuid::Uuid;

use crate::TenantScope;

/// The most orders that are told of one number.
const CARRYING_MAX: i64 = 50;

/// What a person may choose among: orders that are withheld are told to nobody.
const SELECT_CHOSEN: &str = "select account_id, mintsoft_order_id, part, vanished_at is not null as vanished \
     from logistics_orders where tenant_id = $1 and withheld_reason is null";

/// That an order fulfils further shop orders, as few do. It is seen in the text of the order's data, before that is taken apart, and
/// has to be the condition of the index `logistics_orders_also_fulfil` word for word, or all orders of the tenant are read.
const ALSO_FULFILS: &str = r#"order_data_json::text like '%"also_fulfils"%'"#;

/// The id of a further shop order, as [`also_fulfilling`] has it.
pub(super) const ALSO_FULFILLED_ID: &str = "(also->>'order_id')::bigint";

/// The orders of the tenant `$1` that fulfil further shop orders and meet a condition, as `o`: a row for each of those shop
/// orders, as `also`.
pub(super) fn also_fulfilling(condition: &str) -> String {
    format!(
        "(select * from logistics_orders where tenant_id = $1 and {condition} and {ALSO_FULFILS} offset 0) o
         cross join json_array_elements(coalesce(o.order_data_json->'also_fulfils', '[]')) also"
    )
}

/// An order that is tied to a shop order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TiedOrder {
    /// The account under which it stands.
    pub account: AccountId,
    /// Mintsoft's id of it.
    pub mintsoft_order_id: i64,
    /// The id of the shop order.
    pub shop_order_id: i64,
    /// Its number, in lower case, where it is a part of a split order; parts of one number fulfil it together.
    pub part_of: Option<String>,
}

/// Every order of the tenant that is tied to one of these shop orders, whatever became of it: those that vanished or are
/// withheld, too, and survivors of merges that fulfil others besides.
pub async fn tied_to(
    pool: &PgPool,
    tenant: TenantId,
    shop_order_ids: &[i64],
) -> Result<Vec<TiedOrder>, sqlx::Error> {
    let also = also_fulfilling("order_id is not null");
    let found: Vec<(Uuid, i64, i64, Option<String>)> = sqlx::query_as(&format!(
        "select account_id, mintsoft_order_id, order_id, case when number_of_parts > 1 then number_key end
         from logistics_orders
         where tenant_id = $1 and order_id = any($2)
         union all
         select account_id, mintsoft_order_id, {ALSO_FULFILLED_ID}, case when number_of_parts > 1 then number_key end
         from {also}
         where {ALSO_FULFILLED_ID} = any($2)
         order by 2, 3",
    ))
    .bind(tenant.0)
    .bind(shop_order_ids)
    .fetch_all(pool)
    .await?;
    let tied = |(account, mintsoft_order_id, shop_order_id, part_of)| TiedOrder {
        account: AccountId(account),
        mintsoft_order_id,
        shop_order_id,
        part_of,
    };
    Ok(found.into_iter().map(tied).collect())
}

/// An order that a person named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct ChosenOrder {
    /// The account under which it stands.
    pub account_id: Uuid,
    /// Mintsoft's id of it.
    pub mintsoft_order_id: i64,
    /// Which part of a split order it is.
    pub part: i32,
    /// Whether it is gone from the warehouse.
    pub vanished: bool,
}

/// The tenant's orders that carry a number, written in any case, by their parts.
pub async fn carrying_number(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    number: &str,
) -> Result<Vec<ChosenOrder>, sqlx::Error> {
    sqlx::query_as(&format!("{SELECT_CHOSEN} and number_key = $2 order by part, id limit {CARRYING_MAX}"))
        .bind(scope.tenant().0)
        .bind(number.trim().to_lowercase())
        .fetch_all(executor)
        .await
}

/// The tenant's order of this id.
pub async fn chosen_by_id(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    id: OrderStreamId,
) -> Result<Vec<ChosenOrder>, sqlx::Error> {
    sqlx::query_as(&format!("{SELECT_CHOSEN} and id = $2"))
        .bind(scope.tenant().0)
        .bind(id.0)
        .fetch_all(executor)
        .await
}
