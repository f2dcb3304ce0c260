//! The row of a configuration: what it shall be, what stands against it, and its being written.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_domain::{AccountId, TenantId};
use sqlx::PgConnection;

use super::TenancyError;
use super::accounts::Identity;
use super::config::{AccountType, LogisticsConfig};
use super::home::same_host;
use crate::mintsoft::Credentials;

/// A configuration as it shall be, checked.
pub(super) struct Wanted {
    pub(super) account_type: AccountType,
    pub(super) identity: Identity,
    pub(super) sku_prefix: Option<String>,
    pub(super) timezone: Option<Tz>,
    pub(super) sync_enabled: bool,
}

/// The account that a configuration reads, and the one under which its orders stand in the ledger.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) account: AccountId,
    pub(super) home: AccountId,
}

impl Wanted {
    /// Whether orders are found that were not found before, or their dates mean other instants. `held` are the
    /// credentials as they were.
    pub(super) fn finds_others_than(&self, present: &LogisticsConfig, held: &Credentials) -> bool {
        self.account_type != present.account_type
            || self.identity.api_url != present.api_url
            || self.identity.name != held.identity()
            || self.timezone.is_some_and(|zone| zone.name() != present.timezone)
            || self.sku_prefix != present.sku_prefix
            || self.identity.client_id != present.shared_client_id
            || (self.sync_enabled && !present.sync_enabled)
    }
}

pub(super) async fn require_unconfigured(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(), TenancyError> {
    let configured: Option<bool> = sqlx::query_scalar(
        "select exists (select from logistics_config c where c.tenant_id = t.id) from tenants t where t.id = $1",
    )
    .bind(tenant.0)
    .fetch_optional(connection)
    .await?;
    match configured {
        None => Err(TenancyError::UnknownTenant),
        Some(true) => Err(TenancyError::ConfigExists),
        Some(false) => Ok(()),
    }
}

/// Whether the login has room for this tenant: a dedicated configuration wants for itself all that it is shown, and a shared
/// one what bears its prefix. Without a client either is shown what every other account of the same login reads. The lock on
/// configuring is held, so that of two that come at once the second sees the first.
pub(super) async fn require_room(
    connection: &mut PgConnection,
    tenant: TenantId,
    wanted: &Wanted,
) -> Result<(), TenancyError> {
    let (account_type, prefix) = (wanted.account_type, wanted.sku_prefix.as_deref());
    require_room_at(connection, tenant, &wanted.identity, (account_type, prefix)).await
}

/// Whether the login has room for the other tenants of an account whose login becomes this one, since it becomes theirs too.
pub(super) async fn require_room_for_others(
    connection: &mut PgConnection,
    account: AccountId,
    tenant: TenantId,
    identity: &Identity,
) -> Result<(), TenancyError> {
    let others: Vec<(i64, bool, Option<String>)> = sqlx::query_as(
        "select tenant_id, account_type = 'dedicated', sku_prefix from logistics_config
         where account_id = $1 and tenant_id <> $2",
    )
    .bind(account.0)
    .bind(tenant.0)
    .fetch_all(&mut *connection)
    .await?;
    for (other, is_dedicated, prefix) in others {
        let account_type = if is_dedicated { AccountType::Dedicated } else { AccountType::Shared };
        require_room_at(&mut *connection, TenantId(other), identity, (account_type, prefix.as_deref()))
            .await?;
    }
    Ok(())
}

async fn require_room_at(
    connection: &mut PgConnection,
    tenant: TenantId,
    identity: &Identity,
    (account_type, sku_prefix): (AccountType, Option<&str>),
) -> Result<(), TenancyError> {
    // By another path of the same host the login sees the same orders.
    let is_here = |url: &String| same_host(url, &identity.api_url);
    let crowding: Vec<String> = sqlx::query_scalar(
        "select a.api_url from logistics_config c join mintsoft_accounts a on a.id = c.account_id
         where c.tenant_id <> $1 and a.credentials_kind = $2 and a.identity = $3
           and (($4 and ($5::bigint is null or c.shared_client_id = $5))
                or (c.account_type = 'dedicated' and (c.shared_client_id is null or c.shared_client_id = $5)))",
    )
    .bind(tenant.0)
    .bind(identity.kind.as_str())
    .bind(&identity.name)
    .bind(account_type == AccountType::Dedicated)
    .bind(identity.client_id)
    .fetch_all(&mut *connection)
    .await?;
    if crowding.iter().any(is_here) {
        return Err(TenancyError::AccountNotDedicated);
    }
    if account_type == AccountType::Dedicated {
        return Ok(());
    }
    let namesakes: Vec<String> = sqlx::query_scalar(
        "select a.api_url from logistics_config c join mintsoft_accounts a on a.id = c.account_id
         where c.tenant_id <> $1 and a.credentials_kind = $2 and a.identity = $3
           and c.account_type = 'shared' and lower(c.sku_prefix) = lower($4)
           and ($5::bigint is null or c.shared_client_id is null or c.shared_client_id = $5)",
    )
    .bind(tenant.0)
    .bind(identity.kind.as_str())
    .bind(&identity.name)
    .bind(sku_prefix)
    .bind(identity.client_id)
    .fetch_all(connection)
    .await?;
    if namesakes.iter().any(is_here) {
        return Err(TenancyError::PrefixTaken);
    }
    Ok(())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    place: Places,
    wanted: &Wanted,
    sealed: Vec<u8>,
    (by, now): (&str, DateTime<Utc>),
) -> Result<(), TenancyError> {
    sqlx::query(
        "insert into logistics_config
           (tenant_id, account_type, api_url, api_key_encrypted, sku_prefix, shared_client_id, sync_enabled, account_id,
            created_at, updated_at, updated_by, home_account_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, nullif($11, $8))",
    )
    .bind(tenant.0)
    .bind(wanted.account_type.as_str())
    .bind(&wanted.identity.api_url)
    .bind(sealed)
    .bind(&wanted.sku_prefix)
    .bind(wanted.identity.client_id)
    .bind(wanted.sync_enabled)
    .bind(place.account.0)
    .bind(now)
    .bind(by)
    .bind(place.home.0)
    .execute(connection)
    .await
    .map(drop)
    .map_err(prefix_taken)
}

pub(super) async fn update(
    connection: &mut PgConnection,
    tenant: TenantId,
    place: Places,
    wanted: &Wanted,
    sealed: Vec<u8>,
    (by, now): (&str, DateTime<Utc>),
) -> Result<(), TenancyError> {
    sqlx::query(
        "update logistics_config
         set account_type = $2, api_url = $3, api_key_encrypted = $4, sku_prefix = $5, shared_client_id = $6,
             sync_enabled = $7, account_id = $8, updated_at = $9, updated_by = $10, home_account_id = nullif($11, $8)
         where tenant_id = $1",
    )
    .bind(tenant.0)
    .bind(wanted.account_type.as_str())
    .bind(&wanted.identity.api_url)
    .bind(sealed)
    .bind(&wanted.sku_prefix)
    .bind(wanted.identity.client_id)
    .bind(wanted.sync_enabled)
    .bind(place.account.0)
    .bind(now)
    .bind(by)
    .bind(place.home.0)
    .execute(connection)
    .await
    .map(drop)
    .map_err(prefix_taken)
}

fn prefix_taken(error: sqlx::Error) -> TenancyError {
    match error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) {
        Some("logistics_config_one_prefix") => TenancyError::PrefixTaken,
        _ => TenancyError::Database(error),
    }
}
