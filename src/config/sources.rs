//! How often the sources look, and how background work is leased.

use std::time::Duration;

use clap::Args;

use super::duration::positive;
use crate::jobs::WorkerSettings;
use crate::sync::SyncSettings;
use crate::sync::links::LinkSettings;

/// The pace of the background work. Durations are written as 30s, 15m, 2h or 90d.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sources")]
pub struct SourceArgs {
    /// How often each account is asked for what changed
    #[arg(long, env = "LEDGER_POLL_INTERVAL", default_value = "15m", value_parser = positive, value_name = "DURATION")]
    pub poll_interval: Duration,

    /// How far back the first poll of an account reaches
    #[arg(long, env = "LEDGER_FIRST_POLL_REACH", default_value = "90d", value_parser = positive, value_name = "DURATION")]
    pub first_poll_reach: Duration,

    /// How often the open orders of an account, and those that vanished within three days, are re-read by id, the 200 that waited longest
    #[arg(long, env = "LEDGER_RECHECK_INTERVAL", default_value = "1h", value_parser = positive, value_name = "DURATION")]
    pub recheck_interval: Duration,

    /// Opening an order whose data is older than this re-reads it first
    #[arg(long, env = "LEDGER_REFRESH_AFTER", default_value = "5m", value_parser = positive, value_name = "DURATION")]
    pub refresh_after: Duration,

    /// How often a paid shop order is looked for in the warehouse
    #[arg(long, env = "LEDGER_LINK_RETRY_EVERY", default_value = "30s", value_parser = positive, value_name = "DURATION")]
    pub link_retry_every: Duration,

    /// For how long a paid shop order is looked for, before it is listed as "paid, not in the warehouse"
    #[arg(long, env = "LEDGER_LINK_RETRY_FOR", default_value = "5m", value_parser = positive, value_name = "DURATION")]
    pub link_retry_for: Duration,

    /// How long the body of a webhook is kept after it was processed, ignored, or dismissed as a dead letter; its hash stays
    #[arg(long, env = "LEDGER_KEEP_BODIES", default_value = "90d", value_parser = positive, value_name = "DURATION")]
    pub keep_bodies: Duration,

    /// How long a worker holds a job without a sign of life before another may take it
    #[arg(long, env = "LEDGER_JOB_LEASE", default_value = "1m", value_parser = positive, value_name = "DURATION")]
    pub job_lease: Duration,
}

impl SourceArgs {
    /// What the room of the sources needs to know; Mintsoft calls back under `public_url`.
    pub fn sync_settings(&self, public_url: Option<String>) -> SyncSettings {
        SyncSettings {
            poll_interval: self.poll_interval,
            first_poll_reach: self.first_poll_reach,
            recheck_interval: self.recheck_interval,
            refresh_after: self.refresh_after,
            links: LinkSettings { retry_every: self.link_retry_every, retry_for: self.link_retry_for },
            keep_bodies: self.keep_bodies,
            public_url,
            ..SyncSettings::default()
        }
    }

    /// What the room of jobs needs to know.
    pub fn worker_settings(&self) -> WorkerSettings {
        WorkerSettings { lease: self.job_lease, ..WorkerSettings::default() }
    }
}
