//! Accounts: found or made for what configurations have in common, and opened for those who call Mintsoft.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_domain::{AccountId, TenantId};
use sqlx::{FromRow, PgConnection, PgExecutor};

use super::config::AccountType;
use super::credentials::{self, CredentialsKind};
use super::{Tenancy, TenancyError};
use crate::mintsoft::{AccountAccess, Credentials};

/// A tenant whose orders come from an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The tenant.
    pub tenant: TenantId,
    /// What its SKUs and order numbers begin with; always there on a shared account.
    pub sku_prefix: Option<String>,
    /// Whether the account holds other tenants' orders too.
    pub account_type: AccountType,
    /// The warehouse's client whose orders are asked for.
    pub client_id: Option<i64>,
    /// Whether the tenant's orders are to be read in the background.
    pub sync_enabled: bool,
    /// Whether the tenant may be used at all.
    pub is_active: bool,
    /// The account under which its orders stand in the ledger.
    pub home: AccountId,
}

/// What makes two configurations share an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) api_url: String,
    pub(super) kind: CredentialsKind,
    pub(super) name: String,
    pub(super) client_id: Option<i64>,
}

#[derive(FromRow)]
struct AccessRow {
    api_url: String,
    client_id: Option<i64>,
    timezone: String,
    credentials_sealed: Vec<u8>,
}

#[derive(FromRow)]
struct MemberRow {
    tenant_id: i64,
    sku_prefix: Option<String>,
    account_type: String,
    shared_client_id: Option<i64>,
    sync_enabled: bool,
    is_active: bool,
    home: uuid::Uuid,
}

impl Tenancy {
    /// What a call to the account needs, credentials opened. `on_behalf_of` is the tenant that the call is made for, or
    /// none for the account's own work, such as the poll.
    pub async fn load_account(
        &self,
        account: AccountId,
        on_behalf_of: Option<TenantId>,
    ) -> Result<Option<AccountAccess>, TenancyError> {
        self.load_account_from(&self.pool, account, on_behalf_of).await
    }

    /// [`Tenancy::load_account`], inside a transaction too.
    pub(super) async fn load_account_from(
        &self,
        database: impl PgExecutor<'_>,
        account: AccountId,
        on_behalf_of: Option<TenantId>,
    ) -> Result<Option<AccountAccess>, TenancyError> {
        let row: Option<AccessRow> = sqlx::query_as(
            "select api_url, client_id, timezone, credentials_sealed from mintsoft_accounts where id = $1",
        )
        .bind(account.0)
        .fetch_optional(database)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let time_zone =
            row.timezone.parse().map_err(|_| TenancyError::Unreadable { what: "an account's timezone" })?;
        Ok(Some(AccountAccess {
            account_id: account.0,
            api_url: row.api_url,
            credentials: credentials::open(&self.ring, &owner(account), &row.credentials_sealed)?,
            client_id: row.client_id,
            time_zone,
            tenant_id: on_behalf_of.map(|tenant| tenant.0),
        }))
    }

    /// Whether an account lets itself in like this: at the same address, with the same user or key.
    pub async fn has_login(&self, access: &AccountAccess) -> Result<bool, TenancyError> {
        let held = sqlx::query_scalar(
            "select exists (select from mintsoft_accounts
                            where api_url = $1 and credentials_kind = $2 and identity = $3)",
        )
        .bind(&access.api_url)
        .bind(credentials::kind(&access.credentials).as_str())
        .bind(access.credentials.identity())
        .fetch_one(&self.pool)
        .await?;
        Ok(held)
    }

    /// Every tenant of the account, those that are switched off included: they still own their orders.
    pub async fn members(&self, account: AccountId) -> Result<Vec<Member>, TenancyError> {
        let rows: Vec<MemberRow> = sqlx::query_as(
            "select c.tenant_id, c.sku_prefix, c.account_type, c.shared_client_id, c.sync_enabled, t.is_active,
               coalesce(c.home_account_id, c.account_id) as home
             from logistics_config c join tenants t on t.id = c.tenant_id
             where c.account_id = $1 order by c.tenant_id",
        )
        .bind(account.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(MemberRow::read).collect()
    }

    /// The tenants that read another account than this one, and whose orders this one may show all the same: they read by one
    /// of these accounts, or their orders stand under one of them.
    pub async fn members_beside(
        &self,
        account: AccountId,
        homes: &[AccountId],
    ) -> Result<Vec<Member>, TenancyError> {
        let rows: Vec<MemberRow> = sqlx::query_as(
            "select c.tenant_id, c.sku_prefix, c.account_type, c.shared_client_id, c.sync_enabled, t.is_active,
               coalesce(c.home_account_id, c.account_id) as home
             from logistics_config c join tenants t on t.id = c.tenant_id
             where (c.account_id = any($2) or c.home_account_id = any($2)) and c.account_id <> $1
             order by c.tenant_id",
        )
        .bind(account.0)
        .bind(homes.iter().map(|home| home.0).collect::<Vec<_>>())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(MemberRow::read).collect()
    }

    /// The accounts that at least one active tenant wants to be read, in a steady order.
    pub async fn accounts_to_poll(&self) -> Result<Vec<AccountId>, TenancyError> {
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
            "select distinct c.account_id from logistics_config c join tenants t on t.id = c.tenant_id
             where c.sync_enabled and t.is_active order by c.account_id",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(AccountId).collect())
    }

    /// Whether the key ring opens what is stored: asked at start, since with the wrong one nothing would work and what
    /// it seals could not be opened together with the rest. An empty database asks for nothing.
    pub async fn check_ring(&self) -> Result<(), TenancyError> {
        let stored: Option<(uuid::Uuid, Vec<u8>)> = sqlx::query_as(
            "select id, credentials_sealed from mintsoft_accounts order by credentials_set_at desc limit 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        if let Some((id, sealed)) = stored {
            credentials::open(&self.ring, &owner(AccountId(id)), &sealed)?;
        }
        Ok(())
    }

    /// Makes a fresh account with this id.
    pub(super) async fn make_account(
        &self,
        connection: &mut PgConnection,
        account: AccountId,
        identity: &Identity,
        credentials: &Credentials,
        timezone: Tz,
        now: DateTime<Utc>,
    ) -> Result<AccountId, TenancyError> {
        sqlx::query(
            "insert into mintsoft_accounts
               (id, api_url, credentials_kind, identity, client_id, timezone, credentials_sealed, credentials_set_at,
                created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        )
        .bind(account.0)
        .bind(&identity.api_url)
        .bind(identity.kind.as_str())
        .bind(&identity.name)
        .bind(identity.client_id)
        .bind(timezone.name())
        .bind(credentials::seal(&self.ring, &owner(account), credentials))
        .bind(now)
        .execute(connection)
        .await?;
        Ok(account)
    }

    /// Gives the account, and each of its configurations, these credentials. Its id stays. What was refused to its user may be
    /// asked for again.
    pub(super) async fn replace_credentials(
        &self,
        connection: &mut PgConnection,
        account: AccountId,
        given: &Credentials,
        now: DateTime<Utc>,
    ) -> Result<(), TenancyError> {
        sqlx::query(
            "update mintsoft_accounts
             set credentials_kind = $2, identity = $3, credentials_sealed = $4, credentials_set_at = $5,
                 callbacks_refused_until = null, shipments_refused_until = null, scans_refused_until = null
             where id = $1",
        )
        .bind(account.0)
        .bind(credentials::kind(given).as_str())
        .bind(given.identity())
        .bind(credentials::seal(&self.ring, &owner(account), given))
        .bind(now)
        .execute(&mut *connection)
        .await?;
        let tenants: Vec<i64> =
            sqlx::query_scalar("select tenant_id from logistics_config where account_id = $1 for update")
                .bind(account.0)
                .fetch_all(&mut *connection)
                .await?;
        let sealed: Vec<Vec<u8>> =
            tenants.iter().map(|&tenant| self.seal_for(TenantId(tenant), given)).collect();
        sqlx::query(
            "update logistics_config c set api_key_encrypted = given.sealed
             from unnest($1::bigint[], $2::bytea[]) as given (tenant_id, sealed) where c.tenant_id = given.tenant_id",
        )
        .bind(tenants)
        .bind(sealed)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// The account's credentials as they are.
    pub(super) async fn credentials_of(
        &self,
        connection: &mut PgConnection,
        account: AccountId,
    ) -> Result<Credentials, TenancyError> {
        let sealed: Vec<u8> =
            sqlx::query_scalar("select credentials_sealed from mintsoft_accounts where id = $1")
                .bind(account.0)
                .fetch_one(connection)
                .await?;
        credentials::open(&self.ring, &owner(account), &sealed)
    }

    /// The credentials as a tenant's configuration keeps them.
    pub(super) fn seal_for(&self, tenant: TenantId, given: &Credentials) -> Vec<u8> {
        credentials::seal(&self.ring, &format!("logistics_config/{tenant}"), given)
    }
}

impl MemberRow {
    fn read(self) -> Result<Member, TenancyError> {
        Ok(Member {
            tenant: TenantId(self.tenant_id),
            sku_prefix: self.sku_prefix,
            account_type: AccountType::read(&self.account_type)?,
            client_id: self.shared_client_id,
            sync_enabled: self.sync_enabled,
            is_active: self.is_active,
            home: AccountId(self.home),
        })
    }
}

/// The account with exactly this identity.
pub(super) async fn find(
    connection: &mut PgConnection,
    wanted: &Identity,
) -> Result<Option<AccountId>, TenancyError> {
    let id: Option<uuid::Uuid> = sqlx::query_scalar(
        "select id from mintsoft_accounts
         where api_url = $1 and credentials_kind = $2 and identity = $3 and client_id is not distinct from $4",
    )
    .bind(&wanted.api_url)
    .bind(wanted.kind.as_str())
    .bind(&wanted.name)
    .bind(wanted.client_id)
    .fetch_optional(connection)
    .await?;
    Ok(id.map(AccountId))
}

/// Holds the account until the transaction ends. Whoever changes an account and its configurations takes the account first, so
/// that two who do never wait for each other.
pub(super) async fn hold(connection: &mut PgConnection, account: AccountId) -> Result<(), TenancyError> {
    sqlx::query("select from mintsoft_accounts where id = $1 for no key update")
        .bind(account.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether one configuration alone uses the account, and no other tenant's orders stand under it.
pub(super) async fn is_alone(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<bool, TenancyError> {
    let users: i64 =
        sqlx::query_scalar("select count(*) from logistics_config where $1 in (account_id, home_account_id)")
            .bind(account.0)
            .fetch_one(connection)
            .await?;
    Ok(users == 1)
}

/// Whether nothing is known yet of what the account holds: no order, no row of doubtful owner, no scan, and none of
/// upstream's lists. Nor is any of it on its way, by a run that began with the account as it is.
pub(super) async fn is_unread(
    connection: &mut PgConnection,
    account: AccountId,
) -> Result<bool, TenancyError> {
    let unread = sqlx::query_scalar(
        "select not exists (select from order_streams where account_id = $1)
            and not exists (select from sync_cursors where account_id = $1)
            and not exists (select from parked_orders where account_id = $1)
            and not exists (select from unplaced_scans where account_id = $1)
            and not exists (select from upstream_lists where account_id = $1)
            and not exists (select from sync_runs where account_id = $1 and state in ('queued', 'running'))",
    )
    .bind(account.0)
    .fetch_one(connection)
    .await?;
    Ok(unread)
}

/// Gives the account another address or client; its id stays.
pub(super) async fn move_in_place(
    connection: &mut PgConnection,
    account: AccountId,
    identity: &Identity,
) -> Result<(), TenancyError> {
    sqlx::query(
        "update mintsoft_accounts set api_url = $2, client_id = $3, callbacks_refused_until = null,
                                      shipments_refused_until = null, scans_refused_until = null
         where id = $1",
    )
    .bind(account.0)
    .bind(&identity.api_url)
    .bind(identity.client_id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the zone of upstream's wall clock, for all tenants of the account.
pub(super) async fn set_timezone(
    connection: &mut PgConnection,
    account: AccountId,
    timezone: Tz,
) -> Result<(), TenancyError> {
    sqlx::query("update mintsoft_accounts set timezone = $2 where id = $1")
        .bind(account.0)
        .bind(timezone.name())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose the account's sealed credentials are.
fn owner(account: AccountId) -> String {
    format!("mintsoft_accounts/{account}")
}
