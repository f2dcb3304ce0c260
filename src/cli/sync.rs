//! `ledger sync`: asks for a reading of a tenant's account and follows it to its end. A running service does the reading;
//! where none takes it, this command does it itself, and nothing but it: other work waits for a service, and other accounts'
//! readings too.

use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use logistics_domain::{AccountId, TenantId};
use sqlx::PgPool;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::{answer, end_when_asked, session};
use crate::app::join_sources;
use crate::clock::Clock;
use crate::config::{ServiceArgs, positive_duration};
use crate::jobs::{Worker, is_at_work};
use crate::sync::lanes::polls;
use crate::sync::runs::{self, Asked, POLL_ACCOUNT, SyncRun};
use crate::tenancy::{TenancyError, find_config, find_tenant};

/// How often the run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a service may take to begin with a run, unless it is seen to read accounts meanwhile.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);

/// The pause of this command's own worker when nothing is due, as after a failed attempt.
const PAUSE: Duration = Duration::from_secs(1);

/// Arguments of `ledger sync`.
#[derive(Args, Debug)]
pub(super) struct SyncCommand {
    /// The tenant whose account is read; an account is read for all its tenants at once
    #[arg(long, value_name = "ID")]
    tenant: i64,
    /// How long to follow the run; a service goes on with it after that
    #[arg(long, default_value = "10m", value_parser = positive_duration, value_name = "DURATION")]
    wait_for: Duration,
    #[command(flatten)]
    service: ServiceArgs,
}

impl SyncCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { tenant, wait_for, service } = &self;
        let (tenant, wait_for) = (*tenant, *wait_for);
        let ending = end_when_asked();
        session::with_database(&service.database, |pool| async move {
            let account = account_of(&pool, TenantId(tenant)).await?;
            let run = match runs::ask(&pool, account, "operator", Clock::system().now()).await? {
                Asked::Queued(run) => run,
                Asked::UnderWay(run) => {
                    say(&format!("run {} is {} already; it is followed", run.run_id, run.state))?;
                    run
                }
            };
            let following = Following { pool, account, service: service.clone() };
            let run_id = run.run_id;
            let ended = tokio::select! {
                followed = timeout(wait_for, following.follow(run)) => followed.ok().transpose()?,
                () = ending.cancelled() => None,
            };
            let run = match ended {
                Some(run) => run,
                None => following.look(run_id).await?,
            };
            answer(&serde_json::to_string(&run)?)?;
            match (&*run.state, run.error) {
                ("done", _) => Ok(()),
                ("failed", error) => bail!("the run failed: {}", error.unwrap_or_default()),
                (state, _) => {
                    bail!("the run is {state} and is followed no longer; a service goes on with it")
                }
            }
        })
        .await
    }
}

async fn account_of(pool: &PgPool, tenant: TenantId) -> anyhow::Result<AccountId> {
    let found = find_tenant(pool, tenant).await?.ok_or(TenancyError::UnknownTenant)?;
    let config = find_config(pool, tenant).await?;
    let config = config.with_context(|| {
        format!("the logistics of tenant {tenant} are not configured; POST its logistics-config first")
    })?;
    config.require_reading(&found)?;
    Ok(config.account_id)
}

/// What became of a run while it was watched.
enum Watched {
    Ended(SyncRun),
    /// Nobody works on it.
    Lying(SyncRun),
}

/// A run of an account, followed.
struct Following {
    pool: PgPool,
    account: AccountId,
    service: ServiceArgs,
}

impl Following {
    /// Follows the run to its end, and does it where nobody else does.
    async fn follow(&self, run: SyncRun) -> anyhow::Result<SyncRun> {
        let lying = match self.watch(run, true).await? {
            Watched::Ended(run) => return Ok(run),
            Watched::Lying(run) => run,
        };
        say("no service is running; start `ledger serve`; this one run is done here")?;
        let run_id = lying.run_id;
        tokio::select! {
            done = self.work(run_id) => done,
            // The work ends by itself, a little after the run does.
            Err(error) = self.watch(lying, false) => Err(error),
        }
    }

    /// Tells how the run goes on, until it ended or, if `impatient`, until nobody seems to work on it.
    async fn watch(&self, mut told: SyncRun, impatient: bool) -> anyhow::Result<Watched> {
        let mut moved_at = Instant::now();
        loop {
            let run = self.look(told.run_id).await?;
            if run != told {
                moved_at = Instant::now();
                say(&progress(&run))?;
            }
            if has_ended(&run) {
                return Ok(Watched::Ended(run));
            }
            if impatient && moved_at.elapsed() > self.patience(&run) {
                if !self.is_somebody_reading().await? {
                    return Ok(Watched::Lying(run));
                }
                moved_at = Instant::now();
            }
            told = run;
            sleep(LOOK_EVERY).await;
        }
    }

    /// A worker that is alive may be slow; one that is gone loses its lease.
    fn patience(&self, run: &SyncRun) -> Duration {
        if run.state == "queued" { BEGIN_WITHIN } else { 2 * self.service.sources.job_lease }
    }

    /// Whether a service reads this account or another: it may have its hands full.
    async fn is_somebody_reading(&self) -> anyhow::Result<bool> {
        let (now, lease) = (Clock::system().now(), self.service.sources.job_lease);
        Ok(is_at_work(&self.pool, POLL_ACCOUNT, now, lease).await?)
    }

    /// Reads the account as the service would, until the run ended. Leases keep the two apart.
    async fn work(&self, run_id: Uuid) -> anyhow::Result<SyncRun> {
        let settings = self.service.app_settings();
        let (pool, clock) = (self.pool.clone(), Clock::system());
        let sources = join_sources(pool.clone(), self.service.ring()?, clock.clone(), &settings)?;
        let worker = Worker::new(pool, clock, settings.worker, vec![polls(&sources)]);
        let key = runs::job_key(run_id);
        let ended = loop {
            let has_worked = worker.run_one(&key).await?;
            let run = self.look(run_id).await?;
            if has_ended(&run) {
                break run;
            }
            if !has_worked {
                sleep(PAUSE).await;
            }
        };
        sources.ledger.clone().stop().await;
        Ok(ended)
    }

    async fn look(&self, run_id: Uuid) -> anyhow::Result<SyncRun> {
        let run = runs::find(&self.pool, self.account, run_id).await?;
        run.with_context(|| format!("the run {run_id} is gone; ask for another"))
    }
}

fn has_ended(run: &SyncRun) -> bool {
    run.finished_at.is_some()
}

fn progress(run: &SyncRun) -> String {
    let SyncRun { state, pages, seen, changed, parked, .. } = run;
    format!("{state}: {pages} pages, {seen} orders seen, {changed} changed, {parked} parked")
}

/// One line on standard error, where it does not mix with the answer.
fn say(line: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{line}")
}
