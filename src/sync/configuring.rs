//! Giving and changing a configuration, tried first: rehearsed without a trace, tried upstream with no transaction open, and
//! stored for the very account that was tried. What does not let us in is not stored.

use logistics_domain::TenantId;

use super::connection::{Connection, ConnectionState, try_connection};
use super::{Sources, SyncError};
use crate::tenancy::{ConfigPatch, LogisticsConfig, NewConfig, Rehearsal, TenancyError};

/// Why a configuration was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot stand as it is.
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
    /// The trial let us not in, or could not be made.
    #[error("{}", .0.detail)]
    NotConnected(Connection),
    /// There is nothing to change.
    #[error("the tenant has no logistics configuration; make one with POST")]
    Missing,
}

impl Sources {
    /// Gives a tenant its configuration, in somebody's name. `unverified` stores it without a trial.
    pub async fn give_config(
        &self,
        tenant: TenantId,
        given: &NewConfig,
        by: String,
        unverified: bool,
    ) -> Result<(LogisticsConfig, Connection), ConfigError> {
        let rehearsal = self.tenancy.rehearse_create(tenant, given, self.clock.now()).await?;
        let connection = self.tried(&rehearsal, unverified).await?;
        let tenancy = self.tenancy.by(by);
        let stored = tenancy.create_rehearsed(tenant, given, &rehearsal, self.clock.now()).await;
        Ok((self.kept_or_forgotten(&rehearsal, stored).await?, connection))
    }

    /// Changes a tenant's configuration, in somebody's name; it is tried where the connection depends on what changes.
    pub async fn change_config(
        &self,
        tenant: TenantId,
        patch: &ConfigPatch,
        by: String,
        unverified: bool,
    ) -> Result<(LogisticsConfig, Connection), ConfigError> {
        let rehearsal = self.tenancy.rehearse_patch(tenant, patch, self.clock.now()).await?;
        let rehearsal = rehearsal.ok_or(ConfigError::Missing)?;
        let connection = if rehearsal.changes_access || patch.credentials.is_some() {
            self.tried(&rehearsal, unverified).await?
        } else {
            Connection::not_tested("Nothing that the connection depends on was changed.")
        };
        let tenancy = self.tenancy.by(by);
        let stored = tenancy.patch_rehearsed(tenant, patch, &rehearsal, self.clock.now()).await;
        let config = self.kept_or_forgotten(&rehearsal, stored).await?.ok_or(ConfigError::Missing)?;
        Ok((config, connection))
    }

    /// Tries the connection of a tenant's configuration as it is stored; none where there is none.
    pub async fn try_stored(&self, tenant: TenantId) -> Result<Option<Connection>, TenancyError> {
        let Some(config) = self.tenancy.find_config(tenant).await? else { return Ok(None) };
        let access = self.tenancy.load_account(config.account_id, Some(tenant)).await?;
        let Some(access) = access else { return Ok(None) };
        Ok(Some(try_connection(&self.mintsoft, access, &self.clock).await))
    }

    async fn tried(&self, rehearsal: &Rehearsal, unverified: bool) -> Result<Connection, ConfigError> {
        if unverified {
            return Ok(Connection::not_tested("It was stored without a trial, as was asked for."));
        }
        let connection = try_connection(&self.mintsoft, rehearsal.access.clone(), &self.clock).await;
        if matches!(connection.state, ConnectionState::Ok) {
            return Ok(connection);
        }
        self.forget(rehearsal).await;
        Err(ConfigError::NotConnected(connection))
    }

    /// The stored configuration; where it was not stored, what was learnt of a fresh login goes away.
    async fn kept_or_forgotten<T>(
        &self,
        rehearsal: &Rehearsal,
        stored: Result<T, TenancyError>,
    ) -> Result<T, ConfigError> {
        if stored.is_err() {
            self.forget(rehearsal).await;
        }
        Ok(stored?)
    }

    async fn forget(&self, rehearsal: &Rehearsal) {
        if let Err(error) = self.forget_login(rehearsal).await {
            // It holds nothing that works for anybody; it only lies there.
            tracing::warn!(%error, "what was learnt of an account that was not stored could not be forgotten");
        }
    }

    /// A login that a stored account has too is that account's: its key works.
    async fn forget_login(&self, rehearsal: &Rehearsal) -> Result<(), SyncError> {
        if rehearsal.is_fresh && !self.tenancy.has_login(&rehearsal.access).await? {
            self.mintsoft.forget(&rehearsal.access).await?;
        }
        Ok(())
    }
}
