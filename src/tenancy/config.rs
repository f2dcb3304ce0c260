//! The logistics configuration of a tenant, as it stands and as it may be shown.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgExecutor};
use utoipa::ToSchema;
use uuid::Uuid;

use super::credentials::CredentialsKind;
use super::tenants::Tenant;
use super::{Tenancy, TenancyError};

/// Whether an account holds the orders of several tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// Several tenants' orders, told apart by prefix and SKUs.
    Shared,
    /// Every order is the one tenant's.
    Dedicated,
}

impl AccountType {
    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Dedicated => "dedicated",
        }
    }

    pub(super) fn read(text: &str) -> Result<Self, TenancyError> {
        match text {
            "shared" => Ok(Self::Shared),
            "dedicated" => Ok(Self::Dedicated),
            _ => Err(TenancyError::Unreadable { what: "an account_type" }),
        }
    }
}

/// All that is ever shown of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CredentialsInfo {
    /// Whether a login or a fixed key is given.
    pub kind: CredentialsKind,
    /// When the credentials were last given (UTC).
    pub set_at: DateTime<Utc>,
}

/// How a tenant's orders are found in the warehouse. Serialised as the API answers it; it holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogisticsConfig {
    /// The tenant that is configured.
    #[schema(value_type = i64)]
    pub tenant_id: TenantId,
    /// The warehouse system; always `mintsoft`.
    pub provider: String,
    /// Whether the account holds other tenants' orders too.
    pub account_type: AccountType,
    /// The root of the service, without `/api`.
    pub api_url: String,
    /// What may be shown of the credentials.
    pub credentials: CredentialsInfo,
    /// What the tenant's SKUs and order numbers begin with.
    pub sku_prefix: Option<String>,
    /// The warehouse's client whose orders are asked for.
    pub shared_client_id: Option<i64>,
    /// The IANA zone of upstream's wall clock; the account's.
    pub timezone: String,
    /// Whether the tenant's orders are read in the background.
    pub sync_enabled: bool,
    /// When a poll last ended well while the tenant took part in it (UTC).
    pub last_synced_at: Option<DateTime<Utc>>,
    /// The account that the orders come from; tenants with the same one share its poll and its budget.
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// The account under which the orders stand in the ledger: the one that the tenant first had at this Mintsoft.
    #[serde(skip)]
    pub home_account_id: AccountId,
    /// When the tenant was first configured (UTC).
    pub created_at: DateTime<Utc>,
    /// When a person last changed the configuration (UTC).
    pub updated_at: DateTime<Utc>,
    /// Who changed the configuration last: `user:<id>`, `key:<id>`, or `operator` for the command line; null where
    /// that is not known.
    pub updated_by: Option<String>,
}

#[derive(FromRow)]
struct Row {
    tenant_id: i64,
    provider: String,
    account_type: String,
    api_url: String,
    credentials_kind: String,
    credentials_set_at: DateTime<Utc>,
    sku_prefix: Option<String>,
    shared_client_id: Option<i64>,
    timezone: String,
    sync_enabled: bool,
    last_synced_at: Option<DateTime<Utc>>,
    account_id: Uuid,
    home_account_id: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    updated_by: Option<String>,
}

impl Tenancy {
    /// The tenant's configuration.
    pub async fn find_config(&self, tenant: TenantId) -> Result<Option<LogisticsConfig>, TenancyError> {
        find_config(&self.pool, tenant).await
    }
}

/// [`Tenancy::find_config`], for those who hold no key ring: nothing that is shown of a configuration is secret.
pub async fn find_config(
    database: impl PgExecutor<'_>,
    tenant: TenantId,
) -> Result<Option<LogisticsConfig>, TenancyError> {
    let row: Option<Row> = sqlx::query_as(
        "select c.tenant_id, c.provider, c.account_type, c.api_url, a.credentials_kind, a.credentials_set_at,
                c.sku_prefix, c.shared_client_id, a.timezone, c.sync_enabled, c.last_synced_at, c.account_id,
                coalesce(c.home_account_id, c.account_id) as home_account_id, c.created_at, c.updated_at, c.updated_by
         from logistics_config c join mintsoft_accounts a on a.id = c.account_id where c.tenant_id = $1",
    )
    .bind(tenant.0)
    .fetch_optional(database)
    .await?;
    row.map(Row::read).transpose()
}

impl LogisticsConfig {
    /// Refuses where a reading of the account would take in nothing for the tenant, whose configuration this is.
    pub fn require_reading(&self, tenant: &Tenant) -> Result<(), TenancyError> {
        if !tenant.is_active {
            return Err(TenancyError::TenantOff);
        }
        if !self.sync_enabled {
            return Err(TenancyError::SyncOff);
        }
        Ok(())
    }
}

impl Row {
    fn read(self) -> Result<LogisticsConfig, TenancyError> {
        Ok(LogisticsConfig {
            tenant_id: TenantId(self.tenant_id),
            provider: self.provider,
            account_type: AccountType::read(&self.account_type)?,
            api_url: self.api_url,
            credentials: CredentialsInfo {
                kind: CredentialsKind::read(&self.credentials_kind)?,
                set_at: self.credentials_set_at,
            },
            sku_prefix: self.sku_prefix,
            shared_client_id: self.shared_client_id,
            timezone: self.timezone,
            sync_enabled: self.sync_enabled,
            last_synced_at: self.last_synced_at,
            account_id: AccountId(self.account_id),
            home_account_id: AccountId(self.home_account_id),
            created_at: self.created_at,
            updated_at: self.updated_at,
            updated_by: self.updated_by,
        })
    }
}
