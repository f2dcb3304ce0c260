//! Sealing every ledger that moved, again and again, in the background of a running service. Any number of instances may: of one
//! ledger one seals at a time, and who finds nothing new, or a checkpoint that is young, signs nothing. Each remembers how far it
//! saw each ledger sealed, so that nobody takes that back unseen while it runs.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::PgPool;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::checkpoints::{self, SealedHead};
use super::error::AuditError;
use super::seal::{Done, READING, Sealing, try_seal};
use crate::access::service_scope;
use crate::clock::{Clock, is_within};
use crate::ledger;
use crate::secrets::KeyRing;
use crate::telemetry::meters;

/// The longest until the first sealing: a service that is restarted each day, and seals once a day, would never come to it.
const FIRST_WAIT: Duration = Duration::from_mins(1);

/// How long a ledger with more than one sealing takes in is sealed on at once; others wait meanwhile.
const CATCHING_UP: Duration = Duration::from_mins(5);

/// How many intervals pass until a ledger that is not what was sealed is read again: it may be a million events each time.
const DAMAGED_REST: u32 = 10;

/// The longest until such a one is read again.
const DAMAGED_REST_MAX: Duration = Duration::from_hours(1);

/// Seals the ledgers of a database.
#[derive(Debug)]
pub struct Sealer {
    pool: PgPool,
    ring: KeyRing,
    clock: Clock,
    name: String,
    every: Duration,
    /// How far each ledger was sealed when it was last found to fit: an entry for each tenant at most, until the process ends.
    known: HashMap<TenantId, SealedHead>,
    /// Whose ledgers are known not to be what was sealed, and when they were last read. That is said once, and counted each time.
    damaged: HashMap<TenantId, DateTime<Utc>>,
}

impl Sealer {
    /// Seals what is in this database, each time that so long has passed; the name of the logs counts where no key was made yet.
    pub fn over(pool: PgPool, ring: KeyRing, clock: Clock, name: String, every: Duration) -> Self {
        Self { pool, ring, clock, name, every, known: HashMap::new(), damaged: HashMap::new() }
    }

    /// Seals all that moved, after a minute at most and then at each interval, until it is stopped. What is under way then is
    /// broken off, and leaves nothing.
    pub async fn run(mut self, stopping: CancellationToken) {
        let mut wait = self.every.min(FIRST_WAIT);
        while !stopping.is_cancelled() {
            let next = async {
                tokio::time::sleep(wait).await;
                self.seal_all().await;
            };
            tokio::select! {
                () = next => {}
                () = stopping.cancelled() => {}
            }
            wait = self.every;
        }
    }

    /// Seals each ledger that moved since its newest checkpoint, unless that checkpoint is younger than the interval: to its end, or
    /// as far as it comes in some minutes. One that cannot be sealed keeps no other from it; the log and the metrics tell.
    pub async fn seal_all(&mut self) {
        match self.moved().await {
            Ok(moved) => {
                for tenant in moved {
                    self.seal_one(tenant).await;
                }
            }
            Err(error) => {
                meters::sealing("failed");
                tracing::warn!(%error, "which ledgers are to be sealed could not be asked; it is tried again");
            }
        }
    }

    /// The tenants whose ledgers are not as long as their newest checkpoints say, or whose newest checkpoints are not those that
    /// are known. One that is shorter is among them.
    async fn moved(&self) -> sqlx::Result<Vec<TenantId>> {
        let heads = ledger::heads(&self.pool).await?;
        let tenants: Vec<i64> = heads.iter().map(|(tenant, _)| *tenant).collect();
        let sealed = checkpoints::heads_of(&self.pool, &tenants).await?;
        let moved = heads.into_iter().filter_map(|(id, head)| {
            let (tenant, newest) = (TenantId(id), sealed.get(&id));
            let is_as_sealed = newest.map_or(0, |newest| newest.size) == head
                && newest == self.known.get(&tenant)
                && !self.damaged.contains_key(&tenant);
            (!is_as_sealed).then_some(tenant)
        });
        Ok(moved.collect())
    }

    async fn seal_one(&mut self, tenant: TenantId) {
        let rest = self.every.saturating_mul(DAMAGED_REST).min(DAMAGED_REST_MAX);
        if self.damaged.get(&tenant).is_some_and(|tried| is_within(rest, *tried, self.clock.now())) {
            meters::sealing("altered");
            return;
        }
        // A tenth less, so that rounds that come a little early are not left out.
        let (mut rest, begun) = (self.every / 10 * 9, Instant::now());
        while self.attempt(tenant, rest).await && begun.elapsed() < CATCHING_UP {
            rest = Duration::ZERO;
        }
    }

    /// Seals the ledger once, unless its newest checkpoint is younger than `rest`; whether it saw more than it sealed.
    async fn attempt(&mut self, tenant: TenantId, rest: Duration) -> bool {
        let now = self.clock.now();
        let sealing = Sealing {
            reading: self.every.min(READING),
            rest,
            known: self.known.get(&tenant).copied(),
            ..Sealing::by(&self.ring, &self.clock, &self.name)
        };
        match try_seal(&self.pool, &sealing, service_scope(tenant)).await {
            Ok(attempt) if attempt.done == Done::Left => return false,
            Ok(attempt) => {
                self.known.extend(attempt.newest.map(|newest| (tenant, newest.head())));
                self.damaged.remove(&tenant);
                return attempt.is_behind;
            }
            Err(error) if error.is_damage() => {
                if self.damaged.insert(tenant, now).is_none() {
                    tracing::error!(%tenant, %error, "a ledger is not what was sealed; it is sealed no further");
                }
            }
            Err(error) => {
                tracing::warn!(%tenant, error = in_whole(error), "a ledger could not be sealed; it is tried again");
            }
        }
        false
    }
}

/// An error with what caused it.
fn in_whole(error: AuditError) -> String {
    format!("{:#}", anyhow::Error::from(error))
}
