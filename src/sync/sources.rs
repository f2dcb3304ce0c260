//! What every source works with, and an account as a source sees it.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;
use logistics_domain::{AccountId, Provenance, Source, TenantId};
use sqlx::PgPool;

use super::SyncError;
use super::attribution::Claimant;
use super::links::LinkSettings;
use super::names::NamesCache;
use super::refusals::Refusals;
use crate::clock::Clock;
use crate::ledger::Ledger;
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
    /// Which accounts may not see shipments.
    pub refusals: Refusals,
}

/// An account, opened for reading.
#[derive(Clone)]
pub struct SourceAccount {
    /// Its id.
    pub id: AccountId,
    /// Its calls.
    pub calls: MintsoftAccount,
    /// The zone of its wall clock.
    pub zone: Tz,
    /// Whose orders it may hold.
    pub members: Vec<Member>,
    /// The same, as attribution wants them.
    pub claimants: Vec<Claimant>,
}

impl SourceAccount {
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
    /// work.
    pub async fn account(
        &self,
        id: AccountId,
        on_behalf_of: Option<TenantId>,
    ) -> Result<SourceAccount, SyncError> {
        let access = self.tenancy.load_account(id, on_behalf_of).await?.ok_or(SyncError::UnknownAccount)?;
        let members = self.tenancy.members(id).await?;
        let claimants = members.iter().map(claimant).collect();
        Ok(SourceAccount {
            id,
            zone: access.time_zone,
            calls: self.mintsoft.account(access),
            members,
            claimants,
        })
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
