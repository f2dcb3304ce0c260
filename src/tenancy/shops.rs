//! The secrets that sign a shop's webhooks. A replaced one is good for two more days, so that deliveries which were
//! signed before the change, and are sent again, still arrive.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{Tenancy, TenancyError};

/// How long a replaced secret is still good; no shop repeats a delivery for longer.
const OVERLAP: TimeDelta = TimeDelta::hours(48);

/// The most secrets that are good at once, and the longest one in characters.
const SECRETS_MAX: usize = 4;
const LENGTH_MAX: usize = 512;

/// A kind of shop that sends webhooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShopPlatform {
    /// Shopify.
    Shopify,
    /// WooCommerce.
    Woocommerce,
}

impl ShopPlatform {
    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Woocommerce => "woocommerce",
        }
    }
}

impl FromStr for ShopPlatform {
    type Err = TenancyError;

    fn from_str(text: &str) -> Result<Self, TenancyError> {
        match text {
            "shopify" => Ok(Self::Shopify),
            "woocommerce" => Ok(Self::Woocommerce),
            _ => Err(TenancyError::invalid("platform", "give shopify or woocommerce")),
        }
    }
}

/// A shop as it is shown: everything but its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shop {
    /// The tenant whose shop it is.
    pub tenant_id: i64,
    /// The kind of shop.
    pub platform: ShopPlatform,
    /// When the newest secret was given (UTC).
    pub set_at: DateTime<Utc>,
    /// Who gave the secret, or ended older ones, last: `user:<id>`, `key:<id>`, or `operator` for the command line;
    /// null where that is not known.
    pub updated_by: Option<String>,
    /// How many replaced secrets are still good.
    pub older_secrets: usize,
    /// When the last of the replaced secrets stops working (UTC); null where none works.
    pub older_until: Option<DateTime<Utc>>,
    /// When the shop last sent something that was proven (UTC).
    pub last_delivery_at: Option<DateTime<Utc>>,
    /// How many requests to the shop's address were turned away in the last seven days: they proved nothing, or their bodies
    /// took too long.
    pub rejected_7_days: i64,
    /// When a request to the shop's address was last turned away so (UTC), however long ago.
    pub last_rejected_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct ShopRow {
    platform: String,
    webhook_secrets_sealed: Vec<u8>,
    set_at: DateTime<Utc>,
    updated_by: Option<String>,
    last_delivery_at: Option<DateTime<Utc>>,
    rejected_7_days: i64,
    last_rejected_at: Option<DateTime<Utc>>,
}

/// A secret as it is sealed; `until` is when a replaced one ends.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    secret: Zeroizing<String>,
    until: Option<DateTime<Utc>>,
}

impl Tenancy {
    /// Gives the secret that signs the webhooks of a tenant's shop, and answers since when it stands. Giving the same
    /// again changes nothing.
    pub async fn put_shop_secret(
        &self,
        tenant: TenantId,
        platform: ShopPlatform,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, TenancyError> {
        let blank = |letter: char| letter.is_whitespace() || letter.is_control();
        if secret.is_empty()
            || secret.chars().count() > LENGTH_MAX
            || secret.starts_with(blank)
            || secret.ends_with(blank)
        {
            return Err(TenancyError::invalid(
                "webhook_secret",
                "give 1 to 512 characters without blanks around them",
            ));
        }
        let mut transaction = self.pool.begin().await?;
        require_tenant(&mut transaction, tenant).await?;
        let before = match load(&mut transaction, tenant, platform).await? {
            Some((sealed, set_at)) => {
                let before = self.open_secrets(tenant, platform, &sealed)?;
                if before.first().is_some_and(|newest| newest.secret.as_str() == secret) {
                    return Ok(set_at);
                }
                before
            }
            None => Vec::new(),
        };
        let sealed = self.seal_secrets(tenant, platform, &replaced(before, secret, now));
        sqlx::query(
            "insert into shops (tenant_id, platform, webhook_secrets_sealed, set_at, updated_by) values ($1, $2, $3, $4, $5)
             on conflict (tenant_id, platform)
             do update set webhook_secrets_sealed = excluded.webhook_secrets_sealed, set_at = excluded.set_at,
                           updated_by = excluded.updated_by",
        )
        .bind(tenant.0)
        .bind(platform.as_str())
        .bind(sealed)
        .bind(now)
        .bind(&*self.actor)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(now)
    }

    /// The secrets that are good now, newest first. Empty: no webhook of this shop can be genuine.
    pub async fn shop_secrets(
        &self,
        tenant: TenantId,
        platform: ShopPlatform,
        now: DateTime<Utc>,
    ) -> Result<Vec<Zeroizing<String>>, TenancyError> {
        let mut connection = self.pool.acquire().await?;
        let Some((sealed, _)) = load(&mut connection, tenant, platform).await? else { return Ok(Vec::new()) };
        let kept = self.open_secrets(tenant, platform, &sealed)?;
        Ok(kept.into_iter().filter(|one| one.is_good(now)).map(|one| one.secret).collect())
    }

    /// Ends the replaced secrets of a shop at once, before their overlap is over; false where there is no such shop.
    pub async fn end_older_shop_secrets(
        &self,
        tenant: TenantId,
        platform: ShopPlatform,
    ) -> Result<bool, TenancyError> {
        let mut transaction = self.pool.begin().await?;
        require_tenant(&mut transaction, tenant).await?;
        let Some((sealed, _)) = load(&mut transaction, tenant, platform).await? else { return Ok(false) };
        let mut kept = self.open_secrets(tenant, platform, &sealed)?;
        kept.truncate(1);
        sqlx::query(
            "update shops set webhook_secrets_sealed = $3, updated_by = $4 where tenant_id = $1 and platform = $2",
        )
        .bind(tenant.0)
        .bind(platform.as_str())
        .bind(self.seal_secrets(tenant, platform, &kept))
        .bind(&*self.actor)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The tenant's shops, without any secret, in a steady order.
    pub async fn list_shops(&self, tenant: TenantId, now: DateTime<Utc>) -> Result<Vec<Shop>, TenancyError> {
        let rows: Vec<ShopRow> = sqlx::query_as(
            "select s.platform, s.webhook_secrets_sealed, s.set_at, s.updated_by,
               (select max(received_at) from inbox_deliveries d
                where d.tenant_id = s.tenant_id and d.source = s.platform) as last_delivery_at,
               (select coalesce(sum(count), 0)::bigint from inbox_rejections r
                where r.tenant_id = s.tenant_id and r.source = s.platform and r.day > ($2::timestamptz at time zone 'UTC')::date - 7) as rejected_7_days,
               (select max(last_at) from inbox_rejections r
                where r.tenant_id = s.tenant_id and r.source = s.platform) as last_rejected_at
             from shops s where s.tenant_id = $1 order by s.platform",
        )
        .bind(tenant.0)
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| self.shown(tenant, row, now)).collect()
    }

    fn shown(&self, tenant: TenantId, row: &ShopRow, now: DateTime<Utc>) -> Result<Shop, TenancyError> {
        let platform: ShopPlatform = row.platform.parse()?;
        let kept = self.open_secrets(tenant, platform, &row.webhook_secrets_sealed)?;
        let older: Vec<_> = kept.iter().filter(|one| one.is_good(now)).filter_map(|one| one.until).collect();
        Ok(Shop {
            tenant_id: tenant.0,
            platform,
            set_at: row.set_at,
            updated_by: row.updated_by.clone(),
            older_secrets: older.len(),
            older_until: older.into_iter().max(),
            last_delivery_at: row.last_delivery_at,
            rejected_7_days: row.rejected_7_days,
            last_rejected_at: row.last_rejected_at,
        })
    }

    fn seal_secrets(&self, tenant: TenantId, platform: ShopPlatform, kept: &[Kept]) -> Vec<u8> {
        let plain = Zeroizing::new(serde_json::to_vec(kept).expect("texts always have a JSON form"));
        self.ring.seal(&owner(tenant, platform), &plain)
    }

    fn open_secrets(
        &self,
        tenant: TenantId,
        platform: ShopPlatform,
        sealed: &[u8],
    ) -> Result<Vec<Kept>, TenancyError> {
        let plain = self.ring.open(&owner(tenant, platform), sealed)?;
        serde_json::from_slice(&plain)
            .map_err(|_| TenancyError::Unreadable { what: "a shop's sealed webhook secrets" })
    }
}

impl Kept {
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// The secrets once `secret` is the newest; whatever was good before is good for the overlap at most.
fn replaced(before: Vec<Kept>, secret: &str, now: DateTime<Utc>) -> Vec<Kept> {
    let newest = Kept { secret: Zeroizing::new(secret.to_owned()), until: None };
    let older =
        before.into_iter().filter(|one| one.is_good(now) && one.secret.as_str() != secret).map(|one| {
            let until = one.until.unwrap_or(now + OVERLAP);
            Kept { until: Some(until), ..one }
        });
    std::iter::once(newest).chain(older).take(SECRETS_MAX).collect()
}

/// The tenant's row is held meanwhile, so that two secrets given at once do not lose each other.
async fn require_tenant(connection: &mut PgConnection, tenant: TenantId) -> Result<(), TenancyError> {
    let found: Option<i64> = sqlx::query_scalar("select id from tenants where id = $1 for no key update")
        .bind(tenant.0)
        .fetch_optional(connection)
        .await?;
    found.map(drop).ok_or(TenancyError::UnknownTenant)
}

async fn load(
    connection: &mut PgConnection,
    tenant: TenantId,
    platform: ShopPlatform,
) -> Result<Option<(Vec<u8>, DateTime<Utc>)>, TenancyError> {
    let kept = sqlx::query_as(
        "select webhook_secrets_sealed, set_at from shops where tenant_id = $1 and platform = $2",
    )
    .bind(tenant.0)
    .bind(platform.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(kept)
}

fn owner(tenant: TenantId, platform: ShopPlatform) -> String {
    format!("shops/{tenant}/{}", platform.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(kept: &[Kept], now: DateTime<Utc>) -> Vec<&str> {
        kept.iter().filter(|one| one.is_good(now)).map(|one| one.secret.as_str()).collect()
    }

    #[test]
    fn a_replaced_secret_ends_after_the_overlap_and_no_later_change_prolongs_it() {
        let start = DateTime::UNIX_EPOCH;
        let first = replaced(Vec::new(), "a", start);
        let second = replaced(first, "b", start);
        assert_eq!(names(&second, start), ["b", "a"]);
        let third = replaced(second, "c", start + TimeDelta::hours(47));
        assert_eq!(names(&third, start + TimeDelta::hours(47)), ["c", "b", "a"]);
        assert_eq!(names(&third, start + TimeDelta::hours(48)), ["c", "b"]);
    }

    #[test]
    fn a_secret_that_comes_back_stands_once_and_has_no_end() {
        let start = DateTime::UNIX_EPOCH;
        let back = replaced(replaced(replaced(Vec::new(), "a", start), "b", start), "a", start);
        assert_eq!(names(&back, start), ["a", "b"]);
        assert_eq!(names(&back, start + OVERLAP), ["a"]);
    }
}
