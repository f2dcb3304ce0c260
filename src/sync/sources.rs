//! What every source works with, and an account as a source sees it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;
use logistics_domain::{AccountId, OrderStreamId, Provenance, Source, TenantId};
use sqlx::PgPool;
use uuid::Uuid;

use super::SyncError;
use super::attribution::Claimant;
use super::cursor::Beginning;
use super::links::LinkSettings;
use super::names::NamesCache;
use crate::clock::Clock;
use crate::ledger::{Ledger, OrderAddress};
use crate::mintsoft::{MintsoftAccount, MintsoftClient};
use crate::secrets::KeyRing;
use crate::tenancy::{AccountType, Member, Tenancy};

/// How the sources pace themselves.
#[derive(Clone, Debug)]
pub struct SyncSettings {
    /// How often an account is read.
    pub poll_interval: Duration,
    /// How far back the first reading of an account reaches.
    pub first_poll_reach: Duration,
    /// How far each later reading overlaps the one before; longer than the hour that autumn repeats.
    pub poll_overlap: Duration,
    /// How many pages of the couriers' scans one run reads at most; the next one goes on.
    pub scan_pages_max: u32,
    /// How often the open orders of an account are re-read by id.
    pub recheck_interval: Duration,
    /// From what age on an opened order is re-read first.
    pub refresh_after: Duration,
    /// How long a reader waits for that re-read.
    pub refresh_wait: Duration,
    /// How long the bodies of deliveries that were done with are kept.
    pub keep_bodies: Duration,
    /// How often, and for how long, a paid order is looked for.
    pub links: LinkSettings,
    /// The address under which Mintsoft can call back; without it no callbacks are registered.
    pub public_url: Option<String>,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_mins(15),
            first_poll_reach: Duration::from_hours(90 * 24),
            poll_overlap: Duration::from_hours(2),
            scan_pages_max: 1_000,
            recheck_interval: Duration::from_hours(1),
            refresh_after: Duration::from_mins(5),
            refresh_wait: Duration::from_secs(4),
            keep_bodies: Duration::from_hours(90 * 24),
            links: LinkSettings::default(),
            public_url: None,
        }
    }
}

/// The parts that every source works with. Cloning shares them.
#[derive(Clone)]
pub struct Sources {
    /// The database, for what the sources remember.
    pub pool: PgPool,
    /// The one write path.
    pub ledger: Ledger,
    /// The way to Mintsoft.
    pub mintsoft: MintsoftClient,
    /// Tenants and accounts.
    pub tenancy: Tenancy,
    /// Seals parked rows, and makes callback tokens.
    pub ring: KeyRing,
    /// The time.
    pub clock: Clock,
    /// The pace.
    pub settings: Arc<SyncSettings>,
    /// Upstream's lists.
    pub names: NamesCache,
}

/// An account, opened for reading.
#[derive(Clone)]
pub struct SourceAccount {
    /// Its id.
    pub id: AccountId,
    /// How often it was to be read from the beginning when it was opened.
    pub beginning: Beginning,
    /// Its calls.
    pub calls: MintsoftAccount,
    /// The zone of its wall clock.
    pub zone: Tz,
    /// Whose orders it may hold.
    pub members: Vec<Member>,
    /// Whose orders it may hold, as attribution wants them.
    pub claimants: Vec<Claimant>,
    /// The accounts under which the orders that it holds may stand in the ledger: itself, and where its members came from.
    pub homes: Vec<AccountId>,
    /// The brands that read by another account, and whose orders it may show: they stayed where its members came from, or left
    /// it, or left what its members left too.
    pub neighbours: Vec<Claimant>,
}

impl SourceAccount {
    /// Under which account a tenant's orders stand in the ledger.
    pub fn home_of(&self, tenant: TenantId) -> AccountId {
        self.members.iter().find(|member| member.tenant == tenant).map_or(self.id, |member| member.home)
    }

    /// The ids of its homes.
    pub(super) fn home_ids(&self) -> Vec<Uuid> {
        self.homes.iter().map(|home| home.0).collect()
    }

    /// Whether the tenant's orders are to be read in the background.
    pub fn reads_for(&self, tenant: TenantId) -> bool {
        self.tenants_read().any(|read| read == tenant)
    }

    /// The tenants whose orders are to be read in the background.
    pub fn tenants_read(&self) -> impl Iterator<Item = TenantId> {
        let read = self.members.iter().filter(|member| member.sync_enabled && member.is_active);
        read.map(|member| member.tenant)
    }
}

impl Sources {
    /// Opens an account. `on_behalf_of` is the tenant whose share of the budget is used; none for the account's own
    /// work. A tenant's orders may stand under an account that it has left since: then its present one is opened.
    pub async fn account(
        &self,
        id: AccountId,
        on_behalf_of: Option<TenantId>,
    ) -> Result<SourceAccount, SyncError> {
        let id = match on_behalf_of {
            Some(tenant) => self.reader_of(tenant, id).await?,
            None => id,
        };
        // Before all else of the account: what is loaded then is at least as new.
        let beginning = Beginning::of(&self.pool, id).await?.ok_or(SyncError::UnknownAccount)?;
        let access = self.tenancy.load_account(id, on_behalf_of).await?.ok_or(SyncError::UnknownAccount)?;
        let zone = access.time_zone;
        self.with_members(id, beginning, zone, self.mintsoft.account(access)).await
    }

    /// An account with those whose orders it may hold at this moment.
    async fn with_members(
        &self,
        id: AccountId,
        beginning: Beginning,
        zone: Tz,
        calls: MintsoftAccount,
    ) -> Result<SourceAccount, SyncError> {
        let members = self.tenancy.members(id).await?;
        let claimants = members.iter().map(claimant).collect();
        let mut homes = vec![id];
        for home in members.iter().map(|member| member.home) {
            if !homes.contains(&home) {
                homes.push(home);
            }
        }
        let neighbours = self.tenancy.members_beside(id, &homes).await?.iter().map(claimant).collect();
        Ok(SourceAccount { id, beginning, calls, zone, members, claimants, homes, neighbours })
    }

    /// An account that was opened a while ago, with those whose orders it may hold now: asked right before an answer is taken in,
    /// since whose an order is stays for ever. Refused where it has been given other orders to find since it was opened, or
    /// another place to find them: then the answer is of what it was, and whoever asked begins anew.
    pub(super) async fn present(&self, opened: &SourceAccount) -> Result<SourceAccount, SyncError> {
        let account =
            self.with_members(opened.id, opened.beginning, opened.zone, opened.calls.clone()).await?;
        // Last, so that a change that comes in between is noticed too.
        match Beginning::of(&self.pool, opened.id).await? {
            Some(beginning) if beginning == opened.beginning => Ok(account),
            Some(_) => Err(SyncError::ConfiguredAnew),
            None => Err(SyncError::UnknownAccount),
        }
    }

    /// [`Sources::present`], for a run, which ends where nobody's orders are to be read in the background any more.
    pub(super) async fn still_read(&self, opened: &SourceAccount) -> Result<SourceAccount, SyncError> {
        let account = self.present(opened).await?;
        if account.tenants_read().next().is_none() { Err(SyncError::SwitchedOff) } else { Ok(account) }
    }

    /// Opens the account that an order is read by, for the account's own work.
    pub(super) async fn account_of_order(
        &self,
        account: AccountId,
        mintsoft_order_id: i64,
    ) -> Result<SourceAccount, SyncError> {
        let stream = OrderStreamId::derive(account, mintsoft_order_id);
        let id = match self.ledger.owner_of(&[stream]).await?.get(&stream) {
            Some(owner) => self.reader_of(*owner, account).await?,
            None => account,
        };
        self.account(id, None).await
    }

    /// By which account a tenant's orders that stand under this one are read.
    async fn reader_of(&self, tenant: TenantId, home: AccountId) -> Result<AccountId, SyncError> {
        let config = self.tenancy.find_config(tenant).await?;
        let config = config.filter(|config| config.home_account_id == home);
        Ok(config.map_or(home, |config| config.account_id))
    }

    /// Where orders that the account holds stand in the ledger, by Mintsoft's ids of them; those that it does not have are
    /// left out.
    pub(super) async fn known(
        &self,
        account: &SourceAccount,
        mintsoft_order_ids: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, OrderAddress>, SyncError> {
        let of_home = |id: i64| {
            let stream = move |home: &AccountId| (OrderStreamId::derive(*home, id), *home, id);
            account.homes.iter().map(stream)
        };
        let places: Vec<_> = mintsoft_order_ids.into_iter().flat_map(of_home).collect();
        let streams: Vec<OrderStreamId> = places.iter().map(|(stream, ..)| *stream).collect();
        let owners = self.ledger.owner_of(&streams).await?;
        let mut known = HashMap::new();
        for (stream, home, mintsoft_order_id) in places {
            let Some(tenant) = owners.get(&stream).copied() else { continue };
            let address = OrderAddress { tenant, account: home, mintsoft_order_id };
            // Two of an id were left by earlier versions: the one at its owner's home is read on.
            if account.home_of(tenant) == home {
                known.insert(mintsoft_order_id, address);
            } else {
                known.entry(mintsoft_order_id).or_insert(address);
            }
        }
        Ok(known)
    }
}

pub(super) fn claimant(member: &Member) -> Claimant {
    Claimant {
        tenant: member.tenant,
        sku_prefix: member.sku_prefix.clone(),
        dedicated: member.account_type == AccountType::Dedicated,
        client_id: member.client_id,
    }
}

/// What made a source look, as it stands beside the events that come of it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Which kind of source.
    pub source: Source,
    /// `system`, or who asked.
    pub actor: String,
    /// One id for everything that one run, delivery or request causes.
    pub correlation_id: String,
    /// `run:<id>`, `refresh:<id>`, `delivery:<id>`, `decision:<id>` or `job:<id>`; none where somebody asked directly.
    pub cause: Option<String>,
}

impl Cause {
    /// The ledger's own work, caused by a run, a delivery or a job.
    pub fn own(source: Source, cause: impl Into<String>) -> Self {
        let cause = cause.into();
        Self { source, actor: "system".to_owned(), correlation_id: cause.clone(), cause: Some(cause) }
    }

    /// Whether it is the background's work, which keeps to what is switched on.
    pub fn is_background(&self) -> bool {
        matches!(self.source, Source::Poll | Source::Recheck)
    }

    /// The provenance of a fact observed at an instant (UTC).
    pub fn at(&self, observed_at: DateTime<Utc>) -> Provenance {
        Provenance {
            source: self.source,
            actor: self.actor.clone(),
            correlation_id: self.correlation_id.clone(),
            cause: self.cause.clone(),
            observed_at,
        }
    }
}
