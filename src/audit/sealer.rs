//! Sealing every ledger that moved, again and again, in the background of a running service. Any number of instances may: of one
//! ledger one seals at a time, and who finds nothing new does nothing.

use std::collections::HashSet;
use std::time::Duration;

use logistics_domain::TenantId;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::checkpoints;
use super::error::AuditError;
use super::seal::seal;
use super::signing_key::{self, SigningKey};
use crate::access::service_scope;
use crate::clock::Clock;
use crate::ledger;
use crate::secrets::KeyRing;
use crate::telemetry::meters;

/// The longest until the first sealing: a service that is restarted each day, and seals once a day, would never come to it.
const FIRST_WAIT: Duration = Duration::from_mins(1);

/// Seals the ledgers of a database.
#[derive(Debug)]
pub struct Sealer {
    pool: PgPool,
    ring: KeyRing,
    clock: Clock,
    name: String,
    /// Whose ledgers are known not to be what was sealed. That is said once, and counted each time.
    damaged: HashSet<TenantId>,
}

impl Sealer {
    /// Seals what is in this database; the name of the logs counts where no key was made yet.
    pub fn over(pool: PgPool, ring: KeyRing, clock: Clock, name: String) -> Self {
        Self { pool, ring, clock, name, damaged: HashSet::new() }
    }

    /// Seals all that moved, after a minute at most and then each time that so long has passed, until it is stopped. What is under
    /// way then is broken off, and leaves nothing.
    pub async fn run(mut self, every: Duration, stopping: CancellationToken) {
        let mut wait = every.min(FIRST_WAIT);
        while !stopping.is_cancelled() {
            let next = async {
                tokio::time::sleep(wait).await;
                self.seal_all().await;
            };
            tokio::select! {
                () = next => {}
                () = stopping.cancelled() => {}
            }
            wait = every;
        }
    }

    /// Seals each ledger that moved since its newest checkpoint, up to a million events of each. One that cannot be sealed keeps
    /// no other from it; the log and the metrics tell.
    pub async fn seal_all(&mut self) {
        let moved = match self.moved().await {
            Ok(moved) if moved.is_empty() => return,
            Ok(moved) => moved,
            Err(error) => {
                meters::sealing("failed");
                tracing::warn!(%error, "which ledgers are to be sealed could not be asked; it is tried again");
                return;
            }
        };
        // Read each time, since another instance or the command line may have renewed it.
        let key = match signing_key::current(&self.pool, &self.ring, &self.clock, &self.name).await {
            Ok(key) => key,
            Err(error) => {
                meters::sealing("failed");
                tracing::warn!(error = in_whole(error), "no ledger is sealed; it is tried again");
                return;
            }
        };
        for tenant in moved {
            self.seal_one(&key, tenant).await;
        }
    }

    /// The tenants whose ledgers are not as long as their newest checkpoints say. One that is shorter is among them.
    async fn moved(&self) -> sqlx::Result<Vec<TenantId>> {
        let heads = ledger::heads(&self.pool).await?;
        let tenants: Vec<i64> = heads.iter().map(|(tenant, _)| *tenant).collect();
        let sealed = checkpoints::sizes_of(&self.pool, &tenants).await?;
        let moved = heads.into_iter().filter(|(tenant, head)| sealed.get(tenant).unwrap_or(&0) != head);
        Ok(moved.map(|(tenant, _)| TenantId(tenant)).collect())
    }

    async fn seal_one(&mut self, key: &SigningKey, tenant: TenantId) {
        match seal(&self.pool, key, &self.clock, service_scope(tenant)).await {
            Ok(_) => {
                self.damaged.remove(&tenant);
            }
            Err(error) if error.is_damage() => {
                if self.damaged.insert(tenant) {
                    tracing::error!(%tenant, %error, "a ledger is not what was sealed; it is sealed no further");
                }
            }
            Err(error) => {
                tracing::warn!(%tenant, error = in_whole(error), "a ledger could not be sealed; it is tried again");
            }
        }
    }
}

/// An error with what caused it.
fn in_whole(error: AuditError) -> String {
    format!("{:#}", anyhow::Error::from(error))
}
