//! `ledger audit checkpoint`, `dossier` and `key`: what an auditor takes away. The ledger is sealed first, so that it is of now;
//! nothing else changes, but by `key --renew`.

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use logistics_domain::{OrderStreamId, TenantId};
use logistics_projections::event_log;
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

use super::history::meant;
use super::{answer, session};
use crate::access::operator_scope;
use crate::audit::checkpoints::{LastCheckpoint, verifier_keys};
use crate::audit::dossier::{checkpoint, dossier};
use crate::audit::seal::{Sealing, seal};
use crate::audit::signing_key::{self, SigningKey};
use crate::audit::{AuditError, KEYS_MAX};
use crate::clock::Clock;
use crate::config::{DatabaseArgs, LogNameArgs, MasterKeyArgs};
use crate::secrets::KeyRing;
use crate::tenancy::{Tenancy, TenancyError, find_tenant};

/// How long another that seals the ledger is waited for while its checkpoint does not come.
const ANOTHER_WAIT: Duration = Duration::from_secs(30);

/// How long until it is looked again.
const PAUSE: Duration = Duration::from_millis(250);

/// The most ledgers of which it is told how far the earlier key signed.
const TOLD_MAX: usize = 1000;

/// Subcommands of `ledger audit`.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Seal a tenant's ledger and print its newest checkpoint, as JSON
    Checkpoint(CheckpointCommand),
    /// Seal a ledger and print the dossier of one of its orders, as JSON: its events, each with the proof that it stands there
    Dossier(DossierCommand),
    /// Print the keys that verify a tenant's checkpoints, a line each, the one that signs now first
    Key(KeyCommand),
}

/// What it takes to seal.
#[derive(Args, Debug)]
struct SealArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    keys: MasterKeyArgs,
    #[command(flatten)]
    log_name: LogNameArgs,
}

/// Arguments of `ledger audit checkpoint`.
#[derive(Args, Debug)]
pub(super) struct CheckpointCommand {
    /// The tenant whose ledger it is
    #[arg(long, value_name = "ID")]
    tenant: i64,
    /// Add the proof that the ledger begins with these events: the size of a checkpoint that was kept
    #[arg(long, value_name = "SIZE")]
    since: Option<u64>,
    #[command(flatten)]
    sealing: SealArgs,
}

/// Arguments of `ledger audit dossier`.
#[derive(Args, Debug)]
pub(super) struct DossierCommand {
    /// The order: its id, or its number in Mintsoft in any case
    order: String,
    /// The tenant whose order it is, where several have the number
    #[arg(long, value_name = "ID")]
    tenant: Option<i64>,
    #[command(flatten)]
    sealing: SealArgs,
}

/// Arguments of `ledger audit key`.
#[derive(Args, Debug)]
pub(super) struct KeyCommand {
    /// The tenant whose checkpoints are verified
    #[arg(long, value_name = "ID")]
    tenant: i64,
    /// Retire the key that signs, of all tenants, and make another first; its logs have the name of the address that is given, or else
    /// the one that they have
    #[arg(long)]
    renew: bool,
    #[command(flatten)]
    sealing: SealArgs,
}

impl AuditCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Checkpoint(command) => command.run().await,
            Self::Dossier(command) => command.run().await,
            Self::Key(command) => command.run().await,
        }
    }
}

impl SealArgs {
    fn ring(&self) -> anyhow::Result<KeyRing> {
        Ok(self.keys.ring(&self.database.data_dir()?)?)
    }

    /// Refuses a ring that opens nothing of this database: a signing key that is made under it would stop the service's sealing.
    async fn check(&self, pool: &PgPool, ring: &KeyRing) -> anyhow::Result<()> {
        Ok(Tenancy::over(pool.clone(), ring.clone(), false).check_ring().await?)
    }

    /// Seals what the tenant's ledger holds now. What comes meanwhile may be left, so that it ends.
    async fn seal(&self, pool: &PgPool, ring: &KeyRing, tenant: TenantId) -> anyhow::Result<()> {
        self.check(pool, ring).await?;
        let (clock, name, scope) = (Clock::system(), self.log_name.log_name(), operator_scope(tenant));
        let sealing = Sealing::by(ring, &clock, &name);
        let head = event_log::next_position(pool, &scope).await?;
        let (mut reached, mut moved) = (0, Instant::now());
        loop {
            let size = seal(pool, &sealing, scope).await?.map_or(0, |newest| newest.size);
            if size == 0 && head == 0 {
                bail!("the ledger of tenant {} has no event yet, so there is nothing to prove", tenant.0);
            }
            if size >= head {
                return Ok(());
            }
            if size > reached {
                (reached, moved) = (size, Instant::now());
            } else if moved.elapsed() >= ANOTHER_WAIT {
                bail!(
                    "another instance seals the ledger of tenant {} just now; try again in a minute",
                    tenant.0
                );
            } else {
                sleep(PAUSE).await;
            }
        }
    }
}

impl CheckpointCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, since, sealing } = self;
        let (tenant, ring) = (TenantId(tenant), sealing.ring()?);
        let database = sealing.database.clone();
        session::with_database(&database, |pool| async move {
            find_tenant(&pool, tenant).await?.ok_or(TenancyError::UnknownTenant)?;
            sealing.seal(&pool, &ring, tenant).await?;
            let mut connection = pool.acquire().await?;
            let file = checkpoint(&mut connection, operator_scope(tenant), since).await;
            let file = file.map_err(|error| match error {
                AuditError::Beyond { .. } => anyhow::Error::from(error)
                    .context("give with --since the size of a checkpoint of this ledger"),
                error => error.into(),
            })?;
            let file = file.context("the checkpoint is gone; `ledger verify` tells what is amiss")?;
            Ok(answer(&serde_json::to_string_pretty(&file)?)?)
        })
        .await
    }
}

impl DossierCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { order, tenant, sealing } = self;
        let ring = sealing.ring()?;
        let database = sealing.database.clone();
        session::with_database(&database, |pool| async move {
            let order = meant(&pool, tenant.map(TenantId), order.trim()).await?;
            let owner = TenantId(order.tenant_id);
            sealing.seal(&pool, &ring, owner).await?;
            let mut connection = pool.acquire().await?;
            let file = dossier(&mut connection, operator_scope(owner), OrderStreamId(order.id)).await?;
            let file = file.context("the order has no sealed event; `ledger verify` tells what is amiss")?;
            Ok(answer(&serde_json::to_string_pretty(&file)?)?)
        })
        .await
    }
}

impl KeyCommand {
    async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, renew, sealing } = self;
        let (tenant, ring) = (TenantId(tenant), sealing.ring()?);
        let database = sealing.database.clone();
        session::with_database(&database, |pool| async move {
            find_tenant(&pool, tenant).await?.ok_or(TenancyError::UnknownTenant)?;
            sealing.check(&pool, &ring).await?;
            let (clock, log_name) = (Clock::system(), &sealing.log_name);
            let key: SigningKey = if renew {
                let renewed = signing_key::renew(&pool, &ring, &clock, log_name.given().as_deref()).await?;
                for line in how_far(tenant, renewed.reached) {
                    writeln!(io::stderr().lock(), "{line}")?;
                }
                renewed.key
            } else {
                signing_key::current(&pool, &ring, &clock, &log_name.log_name()).await?
            };
            let now = key.verifier_key(tenant).to_string();
            answer(&now)?;
            let used = verifier_keys(&pool, &operator_scope(tenant), i64::from(KEYS_MAX)).await?;
            for earlier in used.iter().filter(|key| **key != now) {
                answer(earlier)?;
            }
            Ok(())
        })
        .await
    }
}

/// How far the checkpoints by a key reach that signs no more, a line a ledger, this tenant's first. It is said beside the answer,
/// which is keys alone.
fn how_far(tenant: TenantId, mut reached: Vec<LastCheckpoint>) -> Vec<String> {
    reached.sort_by_key(|last| last.tenant_id != tenant.0);
    let line = |LastCheckpoint { tenant_id, size, .. }: &LastCheckpoint| {
        format!(
            "tenant {tenant_id}: the newest checkpoint is of {size} events: hold none by the earlier key for good that is of more"
        )
    };
    let mut lines: Vec<String> = reached.iter().take(TOLD_MAX).map(line).collect();
    lines.push(match reached.len().saturating_sub(TOLD_MAX) {
        0 => "a ledger that is not named here had no checkpoint: hold none of it by the earlier key for good"
            .to_owned(),
        more => format!("and {more} more ledgers had checkpoints"),
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ledger_is_told_how_far_a_key_signed_up_to_a_thousand() {
        let reached =
            |count| (1..=count).map(|id| LastCheckpoint { tenant_id: id, size: 5 * id, sealed_at: None });
        let lines = how_far(TenantId(7), reached(8).collect());
        assert_eq!(lines.len(), 9);
        assert!(lines[0].starts_with("tenant 7: the newest checkpoint is of 35 events: "), "{lines:?}");
        assert!(lines[1].starts_with("tenant 1: the newest checkpoint is of 5 events: "), "{lines:?}");
        assert!(lines[8].starts_with("a ledger that is not named here had no checkpoint"), "{lines:?}");
        let lines = how_far(TenantId(7), reached(1003).collect());
        assert_eq!((lines.len(), lines[1000].as_str()), (1001, "and 3 more ledgers had checkpoints"));
    }
}
