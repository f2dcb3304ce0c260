//! Which accounts are read when, and when the clock is looked at: kept in the database, looked over when configurations change and now and then.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use super::SyncError;
use super::overdue::{self, FIND_OVERDUE};
use super::poll::REQUEST_POLL;
use super::recheck::RECHECK_ACCOUNT;
use super::sources::Sources;
use crate::jobs::{put_schedule, remove_schedule};

/// What the names of the schedules begin with.
const POLL_PREFIX: &str = "poll/";
const RECHECK_PREFIX: &str = "recheck/";

impl Sources {
    /// Puts a schedule for every account that is to be read, and takes those of the others away. The clock has one.
    pub async fn plan(&self) -> Result<(), SyncError> {
        let now = self.clock.now();
        let accounts = self.tenancy.accounts_to_poll().await?;
        let mut transaction = self.pool.begin().await?;
        let planned: Vec<String> = sqlx::query_scalar(
            "select name from schedules where name like 'poll/%' or name like 'recheck/%'",
        )
        .fetch_all(&mut *transaction)
        .await?;
        let every = overdue::EVERY;
        put_schedule(&mut transaction, overdue::SCHEDULE, FIND_OVERDUE, &json!({}), every, (now, now))
            .await?;
        let mut wanted = BTreeSet::new();
        for account in accounts {
            let payload = json!({"account_id": account.0});
            let (poll, recheck) = (format!("{POLL_PREFIX}{account}"), format!("{RECHECK_PREFIX}{account}"));
            let every = self.settings.poll_interval;
            put_schedule(&mut transaction, &poll, REQUEST_POLL, &payload, every, (now, now)).await?;
            let every = self.settings.recheck_interval;
            // The first poll reads everything anyway, so the first re-read can wait a whole interval.
            let first = now + TimeDelta::from_std(every).unwrap_or(TimeDelta::MAX);
            put_schedule(&mut transaction, &recheck, RECHECK_ACCOUNT, &payload, every, (now, first)).await?;
            wanted.extend([poll, recheck]);
        }
        for name in planned.iter().filter(|name| !wanted.contains(*name)) {
            remove_schedule(&mut transaction, name).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
