//! Rehearsing a change of configuration: everything that storing it would do and refuse, taken back, so that the
//! connection can be tried before anything is stored and no transaction is open while the network is spoken to. What
//! was rehearsed is then stored for the very account that was tried, or refused if it would land elsewhere by now.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use sqlx::PgConnection;

use super::config_change::{ConfigPatch, NewConfig, Place};
use super::{LogisticsConfig, Tenancy, TenancyError};
use crate::clock;
use crate::mintsoft::{AccountAccess, Credentials};

/// Where a configuration would land, and how that account would be called.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// What calls to the account would need, credentials included.
    pub access: AccountAccess,
    /// Whether the account would be made for it; nothing else knows its id yet.
    pub is_fresh: bool,
    /// Whether anything that the connection depends on would change.
    pub changes_access: bool,
}

impl Rehearsal {
    /// The account.
    pub const fn account(&self) -> AccountId {
        AccountId(self.access.account_id)
    }

    fn place(&self) -> Place {
        Place { fresh: self.account(), expected: Some(self.account()) }
    }
}

impl Tenancy {
    /// What giving this configuration would come to.
    pub async fn rehearse_create(
        &self,
        tenant: TenantId,
        given: &NewConfig,
        now: DateTime<Utc>,
    ) -> Result<Rehearsal, TenancyError> {
        let place = Place { fresh: AccountId(clock::new_id()), expected: None };
        let mut transaction = self.begin().await?;
        let landed = self.create_in(&mut transaction, tenant, given, place, now).await?;
        let rehearsal = self.rehearsed(&mut transaction, tenant, &landed, place.fresh, None).await?;
        transaction.rollback().await?;
        Ok(rehearsal)
    }

    /// What this change would come to; `None` where there is nothing to change.
    pub async fn rehearse_patch(
        &self,
        tenant: TenantId,
        patch: &ConfigPatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Rehearsal>, TenancyError> {
        let place = Place { fresh: AccountId(clock::new_id()), expected: None };
        let mut transaction = self.begin().await?;
        let Some(present) = super::find_config(&mut *transaction, tenant).await? else { return Ok(None) };
        let before = self.access(&mut transaction, present.account_id, tenant).await?;
        let Some(landed) = self.patch_in(&mut transaction, tenant, patch, place, now).await? else {
            return Ok(None);
        };
        let rehearsal = self.rehearsed(&mut transaction, tenant, &landed, place.fresh, Some(&before)).await?;
        transaction.rollback().await?;
        Ok(Some(rehearsal))
    }

    /// Gives the configuration that was rehearsed.
    pub async fn create_rehearsed(
        &self,
        tenant: TenantId,
        given: &NewConfig,
        rehearsal: &Rehearsal,
        now: DateTime<Utc>,
    ) -> Result<LogisticsConfig, TenancyError> {
        let mut transaction = self.begin().await?;
        let shown = self.create_in(&mut transaction, tenant, given, rehearsal.place(), now).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    /// Changes the configuration as it was rehearsed.
    pub async fn patch_rehearsed(
        &self,
        tenant: TenantId,
        patch: &ConfigPatch,
        rehearsal: &Rehearsal,
        now: DateTime<Utc>,
    ) -> Result<Option<LogisticsConfig>, TenancyError> {
        let mut transaction = self.begin().await?;
        let shown = self.patch_in(&mut transaction, tenant, patch, rehearsal.place(), now).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    async fn rehearsed(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        landed: &LogisticsConfig,
        fresh: AccountId,
        before: Option<&AccountAccess>,
    ) -> Result<Rehearsal, TenancyError> {
        let access = self.access(connection, landed.account_id, tenant).await?;
        let same = |before: &AccountAccess| {
            before.account_id == access.account_id
                && before.api_url == access.api_url
                && before.client_id == access.client_id
                && are_the_same(&before.credentials, &access.credentials)
        };
        let changes_access = !before.is_some_and(same);
        Ok(Rehearsal { is_fresh: landed.account_id == fresh, changes_access, access })
    }

    async fn access(
        &self,
        connection: &mut PgConnection,
        account: AccountId,
        tenant: TenantId,
    ) -> Result<AccountAccess, TenancyError> {
        let access = self.load_account_from(connection, account, Some(tenant)).await?;
        access.ok_or(TenancyError::Unreadable { what: "the account of a configuration" })
    }
}

fn are_the_same(one: &Credentials, other: &Credentials) -> bool {
    match (one, other) {
        (Credentials::Login { password: one_password, .. }, Credentials::Login { password, .. }) => {
            one.identity() == other.identity() && one_password == password
        }
        (Credentials::ApiKey(one), Credentials::ApiKey(other)) => one == other,
        _ => false,
    }
}
