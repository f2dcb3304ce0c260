//! Giving and changing a configuration: which account it joins, makes, keeps or leaves.
//!
//! Credentials alone replace those of the account, for every tenant that shares it, and the account keeps its id: so is
//! a password renewed once for all. Unless another account has exactly these credentials: then the tenant joins that one,
//! since configurations that have all in common share an account. Another address or client id takes the tenant to the
//! account that fits, or to a fresh one, and leaves the others where they are; a tenant that is alone and keeps its
//! credentials takes its account along, so that its orders keep their streams. Not to another host, though, once anything
//! was read: the order 2207 of a test system is not the order 2207 of the real one. On the same host it is, so there the
//! orders stay where they stand in the ledger, whichever account they are read by (see `home`). Whatever makes other
//! orders be found has the account read from the beginning.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};

use super::accounts::{self, Identity};
use super::config::{self, AccountType, LogisticsConfig};
use super::config_rows::{
    Places, Wanted, insert, require_room, require_room_for_others, require_unconfigured, update,
};
use super::credentials;
use super::home::{home_of, same_host};
use super::seen::require;
use super::tenants::zone;
use super::{Tenancy, TenancyError};
use crate::clock;
use crate::jobs::{NewJob, enqueue};
use crate::mintsoft::{Credentials, callable_api_url};
use crate::sync::links::REFRESH_CANDIDATES;

/// Held while a configuration is given or changed; it happens a few times a month.
const CONFIGURING: i64 = 0x6c6f_675f_636f_6e66;

/// The longest prefix, in letters.
const PREFIX_MAX: usize = 40;

/// A configuration to be given, as a person wrote it.
#[derive(Clone, Debug)]
pub struct NewConfig {
    /// Whether the account holds other tenants' orders too.
    pub account_type: AccountType,
    /// The root of the service, with or without `/api`.
    pub api_url: String,
    /// How the account lets us in.
    pub credentials: Credentials,
    /// What the tenant's SKUs and order numbers begin with; needed on a shared account.
    pub sku_prefix: Option<String>,
    /// The warehouse's client whose orders are asked for.
    pub shared_client_id: Option<i64>,
    /// The IANA zone of upstream's wall clock; none keeps the account's, or takes `Europe/London`.
    pub timezone: Option<String>,
    /// Whether the tenant's orders are read in the background.
    pub sync_enabled: bool,
}

/// What is to be changed; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ConfigPatch {
    /// Whether the account holds other tenants' orders too.
    pub account_type: Option<AccountType>,
    /// The root of the service.
    pub api_url: Option<String>,
    /// How the account lets us in.
    pub credentials: Option<Credentials>,
    /// The prefix, or none for a dedicated account.
    pub sku_prefix: Option<Option<String>>,
    /// The warehouse's client, or none for all.
    pub shared_client_id: Option<Option<i64>>,
    /// The zone of upstream's wall clock.
    pub timezone: Option<String>,
    /// Whether the tenant's orders are read in the background.
    pub sync_enabled: Option<bool>,
    /// What it was to whoever changes it ([`LogisticsConfig::in_short`]); where it is something else by now, nothing is changed.
    pub seen: Option<String>,
}

/// Where a configuration may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The id of the account, should a fresh one be made.
    pub(super) fresh: AccountId,
    /// The account that was tried; another one is refused.
    pub(super) expected: Option<AccountId>,
}

impl Place {
    /// Wherever it fits.
    pub(super) fn any() -> Self {
        Self { fresh: AccountId(clock::new_id()), expected: None }
    }

    fn require(self, account: AccountId) -> Result<(), TenancyError> {
        match self.expected {
            Some(expected) if expected != account => Err(TenancyError::ChangedMeanwhile),
            _ => Ok(()),
        }
    }
}

impl Tenancy {
    /// Gives a tenant its first configuration.
    pub async fn create_config(
        &self,
        tenant: TenantId,
        given: &NewConfig,
        now: DateTime<Utc>,
    ) -> Result<LogisticsConfig, TenancyError> {
        let mut transaction = self.begin().await?;
        let shown = self.create_in(&mut transaction, tenant, given, Place::any(), now).await?;
        transaction.commit().await?;
        Ok(shown)
    }

    /// Everything of giving a configuration but the commit.
    pub(super) async fn create_in(
        &self,
        transaction: &mut PgConnection,
        tenant: TenantId,
        given: &NewConfig,
        place: Place,
        now: DateTime<Utc>,
    ) -> Result<LogisticsConfig, TenancyError> {
        credentials::check(&given.credentials)?;
        let wanted = Wanted {
            account_type: given.account_type,
            identity: Identity {
                api_url: self.checked_url(&given.api_url)?,
                kind: credentials::kind(&given.credentials),
                name: given.credentials.identity(),
                client_id: checked_client(given.shared_client_id)?,
            },
            sku_prefix: checked_prefix(given.sku_prefix.as_deref(), given.account_type)?,
            timezone: given.timezone.as_deref().map(|name| zone("timezone", name)).transpose()?,
            sync_enabled: given.sync_enabled,
        };
        require_unconfigured(&mut *transaction, tenant).await?;
        let (identity, given) = (&wanted.identity, &given.credentials);
        let account = if let Some(fitting) = accounts::find(&mut *transaction, identity).await? {
            self.replace_credentials(&mut *transaction, fitting, given, now).await?;
            fitting
        } else {
            let zone = chrono_tz::Europe::London;
            self.make_account(&mut *transaction, place.fresh, identity, given, zone, now).await?
        };
        place.require(account)?;
        keep_timezone(&mut *transaction, account, &wanted).await?;
        require_room(&mut *transaction, tenant, &wanted).await?;
        let sealed = self.seal_for(tenant, given);
        let places = Places { account, home: home_of(&mut *transaction, tenant, account, None).await? };
        insert(&mut *transaction, tenant, places, &wanted, sealed, (&self.actor, now)).await?;
        Self::read_anew(&mut *transaction, account, now).await?;
        look_anew(&mut *transaction, tenant, now).await?;
        shown(transaction, tenant).await
    }

    /// Everything of changing a configuration but the commit.
    pub(super) async fn patch_in(
        &self,
        transaction: &mut PgConnection,
        tenant: TenantId,
        patch: &ConfigPatch,
        place: Place,
        now: DateTime<Utc>,
    ) -> Result<Option<LogisticsConfig>, TenancyError> {
        let Some(present) = config::find_config(&mut *transaction, tenant).await? else { return Ok(None) };
        require(patch.seen.as_deref(), &present.in_short())?;
        let held = self.credentials_of(&mut *transaction, present.account_id).await?;
        let wanted = self.patched(&present, &held, patch)?;
        let given = patch.credentials.as_ref();
        let account =
            self.place(&mut *transaction, &present, &wanted, (given, &held), place.fresh, now).await?;
        place.require(account)?;
        let reads_anew = wanted.finds_others_than(&present, &held) || account != present.account_id;
        // What was let in before it was looked at stays, and may at least be switched off.
        if reads_anew {
            require_room(&mut *transaction, tenant, &wanted).await?;
        }
        if account == present.account_id && wanted.identity.name != held.identity() {
            require_room_for_others(&mut *transaction, account, tenant, &wanted.identity).await?;
        }
        accounts::hold(&mut *transaction, account).await?;
        let credentials = self.credentials_of(&mut *transaction, account).await?;
        let sealed = self.seal_for(tenant, &credentials);
        let home = home_of(&mut *transaction, tenant, account, Some(&present)).await?;
        let places = Places { account, home };
        update(&mut *transaction, tenant, places, &wanted, sealed, (&self.actor, now)).await?;
        if reads_anew {
            Self::read_anew(&mut *transaction, account, now).await?;
            look_anew(&mut *transaction, tenant, now).await?;
        }
        shown(transaction, tenant).await.map(Some)
    }

    /// The configuration as the patch leaves it.
    fn patched(
        &self,
        present: &LogisticsConfig,
        held: &Credentials,
        patch: &ConfigPatch,
    ) -> Result<Wanted, TenancyError> {
        let given = patch.credentials.as_ref();
        given.map(credentials::check).transpose()?;
        let credentials = given.unwrap_or(held);
        let account_type = patch.account_type.unwrap_or(present.account_type);
        let prefix = patch.sku_prefix.as_ref().unwrap_or(&present.sku_prefix);
        let api_url = match &patch.api_url {
            Some(url) => self.checked_url(url)?,
            None => present.api_url.clone(),
        };
        Ok(Wanted {
            account_type,
            identity: Identity {
                api_url,
                kind: credentials::kind(credentials),
                name: credentials.identity(),
                client_id: checked_client(patch.shared_client_id.unwrap_or(present.shared_client_id))?,
            },
            sku_prefix: checked_prefix(prefix.as_deref(), account_type)?,
            timezone: patch.timezone.as_deref().map(|name| zone("timezone", name)).transpose()?,
            sync_enabled: patch.sync_enabled.unwrap_or(present.sync_enabled),
        })
    }

    /// The account of a changed configuration: see the top of this file.
    async fn place(
        &self,
        connection: &mut PgConnection,
        present: &LogisticsConfig,
        wanted: &Wanted,
        (given, held): (Option<&Credentials>, &Credentials),
        fresh: AccountId,
        now: DateTime<Utc>,
    ) -> Result<AccountId, TenancyError> {
        let identity = &wanted.identity;
        let same_place =
            identity.api_url == present.api_url && identity.client_id == present.shared_client_id;
        let account = match accounts::find(connection, identity).await? {
            Some(fitting) => fitting,
            None if same_place => present.account_id,
            // Nobody shares it, and the login is the same: the address or the client was told wrongly or anew, so the
            // account stays and its orders keep their streams.
            None if given.is_none()
                && accounts::is_alone(connection, present.account_id).await?
                && (same_host(&identity.api_url, &present.api_url)
                    || accounts::is_unread(connection, present.account_id).await?) =>
            {
                accounts::move_in_place(connection, present.account_id, identity).await?;
                present.account_id
            }
            None => {
                // The zone of upstream's wall clock goes along; an account that is there keeps its own.
                let zone = zone("timezone", &present.timezone)?;
                self.make_account(connection, fresh, identity, given.unwrap_or(held), zone, now).await?
            }
        };
        if let Some(given) = given {
            self.replace_credentials(connection, account, given, now).await?;
        }
        keep_timezone(connection, account, wanted).await?;
        Ok(account)
    }

    /// The address, if calls may be made to it.
    fn checked_url(&self, text: &str) -> Result<String, TenancyError> {
        callable_api_url(text, self.allow_insecure_upstream).map_err(TenancyError::BadUrl)
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, TenancyError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("select pg_advisory_xact_lock($1)").bind(CONFIGURING).execute(&mut *transaction).await?;
        Ok(transaction)
    }
}

/// Has the tenant's paid orders that are not linked looked for under the numbers that its prefix gives now.
pub(super) async fn look_anew(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<(), TenancyError> {
    let job = NewJob::due(REFRESH_CANDIDATES, json!({"tenant_id": tenant}), now).tenant(tenant.0);
    enqueue(connection, &job).await?;
    Ok(())
}

async fn keep_timezone(
    connection: &mut PgConnection,
    account: AccountId,
    wanted: &Wanted,
) -> Result<(), TenancyError> {
    match wanted.timezone {
        Some(timezone) => accounts::set_timezone(connection, account, timezone).await,
        None => Ok(()),
    }
}

/// Shows what was written.
async fn shown(connection: &mut PgConnection, tenant: TenantId) -> Result<LogisticsConfig, TenancyError> {
    let shown = config::find_config(connection, tenant).await?;
    shown.ok_or(TenancyError::Unreadable { what: "the configuration just written" })
}

fn checked_prefix(prefix: Option<&str>, account_type: AccountType) -> Result<Option<String>, TenancyError> {
    let Some(prefix) = prefix.map(str::trim) else {
        return match account_type {
            AccountType::Dedicated => Ok(None),
            AccountType::Shared => {
                Err(TenancyError::invalid("sku_prefix", "a shared account needs one, as LADORE"))
            }
        };
    };
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if prefix.is_empty() || prefix.len() > PREFIX_MAX || !prefix.bytes().all(plain) {
        return Err(TenancyError::invalid(
            "sku_prefix",
            "give 1 to 40 letters, digits, '-' or '_', as LADORE",
        ));
    }
    Ok(Some(prefix.to_owned()))
}

fn checked_client(client: Option<i64>) -> Result<Option<i64>, TenancyError> {
    match client {
        Some(id) if !(1..=i64::from(i32::MAX)).contains(&id) => {
            Err(TenancyError::invalid("shared_client_id", "give the number that Mintsoft has for the client"))
        }
        fitting => Ok(fitting),
    }
}
