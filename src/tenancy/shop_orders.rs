//! Shop orders: as little of each as finding it in the warehouse needs, under the host's number or one of our own.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::{FromRow, PgConnection, PgExecutor};

use super::TenancyError;

/// Who told of a shop order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// A Shopify webhook.
    Shopify,
    /// A WooCommerce webhook.
    Woocommerce,
    /// The host platform, by an API call.
    Host,
}

impl Platform {
    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
            Self::Host => "host",
        }
    }
}

/// A shop order.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ShopOrder {
    /// The host's number, or the ledger's own from 1000000000.
    pub id: i64,
    /// The tenant's number.
    pub tenant_id: i64,
    /// `shopify`, `woocommerce` or `host`.
    pub platform: String,
    /// The platform's own id.
    pub external_id: String,
    /// What the customer sees, as `#1001`.
    pub name: String,
    /// The shop's running number, where it has one besides the name.
    pub order_number: Option<String>,
}

impl ShopOrder {
    /// Notes an order that a shop told of, and gives its id; a second telling finds the same one and takes over its name.
    pub async fn note_from_shop(
        connection: &mut PgConnection,
        tenant: TenantId,
        (platform, external_id): (Platform, &str),
        (name, order_number): (&str, Option<&str>),
        now: DateTime<Utc>,
    ) -> Result<i64, TenancyError> {
        let id = sqlx::query_scalar(
            "insert into orders (tenant_id, platform, external_id, name, order_number, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant_id, platform, external_id)
             do update set name = excluded.name, order_number = coalesce(excluded.order_number, orders.order_number)
             returning id",
        )
        .bind(tenant.0)
        .bind(platform.as_str())
        .bind(external_id)
        .bind(name)
        .bind(order_number)
        .bind(now)
        .fetch_one(connection)
        .await?;
        Ok(id)
    }

    /// Notes an order under the host's own number. The same number for another name is refused.
    pub async fn note_from_host(
        connection: &mut PgConnection,
        tenant: TenantId,
        id: i64,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<(), TenancyError> {
        let noted = sqlx::query(
            "insert into orders (id, tenant_id, platform, external_id, name, created_at)
             values ($1, $2, 'host', $1::text, $3, $4)
             on conflict (tenant_id, id) do update set name = excluded.name where orders.name = excluded.name",
        )
        .bind(id)
        .bind(tenant.0)
        .bind(name)
        .bind(now)
        .execute(connection)
        .await?;
        if noted.rows_affected() == 0 { Err(TenancyError::OrderIdTaken) } else { Ok(()) }
    }

    /// The order of this tenant with this number.
    pub async fn find(
        database: impl PgExecutor<'_>,
        tenant: TenantId,
        id: i64,
    ) -> Result<Option<Self>, TenancyError> {
        let found = sqlx::query_as(
            "select id, tenant_id, platform, external_id, name, order_number from orders
             where tenant_id = $1 and id = $2",
        )
        .bind(tenant.0)
        .bind(id)
        .fetch_optional(database)
        .await?;
        Ok(found)
    }
}
