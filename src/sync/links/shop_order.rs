//! Which shop order a request means: one that is known, one that a host or a shop told of under another id, or a new one.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_domain::order::facts::comparable_name;
use sqlx::PgConnection;

use super::{LinkError, LinkRequest, Origin};
use crate::tenancy::{Platform, ShopOrder, ShopPlatform, TenancyError};

/// The ledger's own ids begin here.
const OWN_IDS_FROM: i64 = 1_000_000_000;

/// The shop order of a request.
#[derive(Debug)]
pub(super) struct Settled {
    /// The order as it is now noted.
    pub(super) order: ShopOrder,
    /// The ledger's id, if this very request put the host's in its place.
    pub(super) renamed_from: Option<i64>,
}

/// Finds or notes the order. The caller holds the tenant's lock.
pub(super) async fn settle_order(
    conn: &mut PgConnection,
    request: &LinkRequest,
    now: DateTime<Utc>,
) -> Result<Settled, LinkError> {
    let (id, renamed_from) = match &request.origin {
        Origin::Shop { platform, external_id } => {
            (settle_for_shop(conn, request, *platform, external_id, now).await?, None)
        }
        Origin::Host { order_id } | Origin::Chosen { order_id, .. } => {
            (*order_id, settle_for_host(conn, request, *order_id, now).await?)
        }
    };
    let found = ShopOrder::find(conn, request.tenant, id).await?;
    let order = found.ok_or(LinkError::Database(sqlx::Error::RowNotFound))?;
    Ok(Settled { order, renamed_from })
}

/// The id of the order that a shop told of.
async fn settle_for_shop(
    conn: &mut PgConnection,
    request: &LinkRequest,
    platform: ShopPlatform,
    external_id: &str,
    now: DateTime<Utc>,
) -> Result<i64, LinkError> {
    if !is_known(conn, request.tenant, platform, external_id).await?
        && let Some(id) = told_by_host(conn, request).await?
    {
        take_over(conn, request, platform, external_id, id).await?;
        return Ok(id);
    }
    let shop = match platform {
        ShopPlatform::Shopify => Platform::Shopify,
        ShopPlatform::Woocommerce => Platform::Woocommerce,
    };
    let named = (request.name.trim(), request.order_number.as_deref());
    Ok(ShopOrder::note_from_shop(conn, request.tenant, (shop, external_id), named, now).await?)
}

/// Sees that the order stands under the host's id; gives the ledger's, where it stood under that before.
async fn settle_for_host(
    conn: &mut PgConnection,
    request: &LinkRequest,
    order_id: i64,
    now: DateTime<Utc>,
) -> Result<Option<i64>, LinkError> {
    if let Some(held) = ShopOrder::find(&mut *conn, request.tenant, order_id).await? {
        let same = is_named(&held, &request.name);
        return if same { Ok(None) } else { Err(TenancyError::OrderIdTaken.into()) };
    }
    if !(1..OWN_IDS_FROM).contains(&order_id) {
        return Err(LinkError::OrderIdOutOfRange);
    }
    if let Some(known_as) = told_by_shop(conn, request).await? {
        rename(conn, request.tenant, known_as, order_id).await?;
        return Ok(Some(known_as));
    }
    ShopOrder::note_from_host(conn, request.tenant, order_id, request.name.trim(), now).await?;
    Ok(None)
}

/// Whether a host may mean this order by this name. A second request may spell it otherwise.
fn is_named(held: &ShopOrder, name: &str) -> bool {
    let name = comparable_name(name);
    comparable_name(&held.name) == name || held.order_number.as_deref().map(comparable_name) == Some(name)
}

async fn is_known(
    conn: &mut PgConnection,
    tenant: TenantId,
    platform: ShopPlatform,
    external_id: &str,
) -> Result<bool, LinkError> {
    let known = sqlx::query_scalar(
        "select exists (select from orders where tenant_id = $1 and platform = $2 and external_id = $3)",
    )
    .bind(tenant.0)
    .bind(platform.as_str())
    .bind(external_id)
    .fetch_one(conn)
    .await?;
    Ok(known)
}

/// The one order of this name that only the host has told of so far. Two of a name are left alone.
async fn told_by_host(conn: &mut PgConnection, request: &LinkRequest) -> Result<Option<i64>, LinkError> {
    let found: Vec<i64> = sqlx::query_scalar(
        "select id from orders
         where tenant_id = $1 and platform = 'host' and lower(btrim(regexp_replace(btrim(name), '^#', ''))) = $2 limit 2",
    )
    .bind(request.tenant.0)
    .bind(comparable_name(&request.name))
    .fetch_all(conn)
    .await?;
    Ok(only(&found))
}

/// The one order of this name that a shop has told of and the host not yet. Where no name fits, a number of WooCommerce
/// does, since its plugins show one of two; a number of Shopify may be another order's name.
async fn told_by_shop(conn: &mut PgConnection, request: &LinkRequest) -> Result<Option<i64>, LinkError> {
    let name = comparable_name(&request.name);
    let by_name: Vec<i64> = sqlx::query_scalar(
        "select id from orders
         where tenant_id = $1 and platform <> 'host' and id >= $2 and lower(btrim(regexp_replace(btrim(name), '^#', ''))) = $3
         limit 2",
    )
    .bind(request.tenant.0)
    .bind(OWN_IDS_FROM)
    .bind(&name)
    .fetch_all(&mut *conn)
    .await?;
    if !by_name.is_empty() {
        return Ok(only(&by_name));
    }
    let by_number: Vec<i64> = sqlx::query_scalar(
        "select id from orders
         where tenant_id = $1 and platform = 'woocommerce' and id >= $2 and lower(btrim(order_number)) = $3 limit 2",
    )
    .bind(request.tenant.0)
    .bind(OWN_IDS_FROM)
    .bind(&name)
    .fetch_all(conn)
    .await?;
    Ok(only(&by_number))
}

fn only(found: &[i64]) -> Option<i64> {
    if let [id] = found { Some(*id) } else { None }
}

/// Gives an order that a host told of to the shop that tells more of it; the host's id stays.
async fn take_over(
    conn: &mut PgConnection,
    request: &LinkRequest,
    platform: ShopPlatform,
    external_id: &str,
    id: i64,
) -> Result<(), LinkError> {
    sqlx::query(
        "update orders set platform = $3, external_id = $4, name = $5, order_number = coalesce($6, order_number)
         where tenant_id = $1 and id = $2",
    )
    .bind(request.tenant.0)
    .bind(id)
    .bind(platform.as_str())
    .bind(external_id)
    .bind(request.name.trim())
    .bind(&request.order_number)
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives the order the host's id. Order and link change in one statement, since one refers to the other.
async fn rename(
    conn: &mut PgConnection,
    tenant: TenantId,
    known_as: i64,
    order_id: i64,
) -> Result<(), LinkError> {
    sqlx::query(
        "with moved as (update shop_links set order_id = $3 where tenant_id = $1 and order_id = $2)
         update orders set id = $3 where tenant_id = $1 and id = $2",
    )
    .bind(tenant.0)
    .bind(known_as)
    .bind(order_id)
    .execute(conn)
    .await?;
    Ok(())
}
