//! Upstream's lists that give numbers their names: kept per account, each read again daily and when a number in it is
//! unknown. When upstream cannot be read, or answers nonsense, the old list stays. Instances share the table, and look
//! before each use whether another was told something newer: a status that two of them call by different names would change
//! with every reading.

mod list;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;
use serde_json::Value;
use sqlx::PgPool;

use self::list::{List, Outcome, entries_of, names_in, outcome, read};
use super::SyncError;
use super::sources::SourceAccount;
use crate::clock::Clock;
use crate::mintsoft::translate::Names;
use crate::mintsoft::wire::{Order, Row, TrackingEvent};

/// The age at which a list is read again.
const AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// An unknown number makes its list be read again, but not more often than this; nor is a list that could not be read.
const PAUSE: TimeDelta = TimeDelta::minutes(5);

/// When a list was asked for. Each has its own: that one was read says nothing of another.
#[derive(Clone, Copy, Default)]
struct Stamp {
    /// When upstream last told it, or said for good that it would not.
    told_at: Option<DateTime<Utc>>,
    /// When it was last asked for in vain.
    failed_at: Option<DateTime<Utc>>,
}

impl Stamp {
    fn is_due(self, now: DateTime<Utc>, age_max: TimeDelta) -> bool {
        // What was told later than now was told by a clock that was ahead.
        let is_older = |at: Option<DateTime<Utc>>, age| at.is_none_or(|at| at > now || now - at >= age);
        is_older(self.told_at, age_max) && is_older(self.failed_at, PAUSE)
    }
}

/// What is held of an account.
#[derive(Clone, Default)]
struct Held {
    names: Arc<Names>,
    stamps: [Stamp; List::ALL.len()],
}

impl Held {
    fn tell(&mut self, list: List, told: Names, at: DateTime<Utc>) {
        let names = Arc::make_mut(&mut self.names);
        names.order_statuses.extend(told.order_statuses);
        names.tracking_statuses.extend(told.tracking_statuses);
        names.courier_services.extend(told.courier_services);
        self.stamps[list as usize].told_at = Some(at);
    }
}

/// The lists of all accounts.
#[derive(Clone)]
pub struct NamesCache {
    pool: PgPool,
    clock: Clock,
    held: Arc<Mutex<HashMap<AccountId, Held>>>,
}

impl NamesCache {
    /// A cache over the table `upstream_lists`, which instances share.
    pub fn over(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock, held: Arc::default() }
    }

    /// The lists of an account, fresh enough to name what the rows carry.
    pub async fn naming_orders(
        &self,
        account: &SourceAccount,
        rows: &[Row<Order>],
    ) -> Result<Arc<Names>, SyncError> {
        let held = self.naming(account, List::OrderStatuses, |names| {
            let mut statuses = rows.iter().filter_map(|row| row.parsed.as_ref().ok()?.order_status_id);
            statuses.all(|id| names.order_statuses.contains_key(&id))
        });
        Ok(held.await?.names)
    }

    /// The lists of an account, fresh enough to name what the tracking events carry; none before upstream has told what
    /// their statuses are called. A scan is recorded once, so it must not be recorded without.
    pub async fn naming_scans(
        &self,
        account: &SourceAccount,
        rows: &[Row<TrackingEvent>],
    ) -> Result<Option<Arc<Names>>, SyncError> {
        let held = self.naming(account, List::TrackingStatuses, |names| {
            let mut statuses = rows.iter().filter_map(|row| row.parsed.as_ref().ok()?.tracking_status_id);
            statuses.all(|id| names.tracking_statuses.contains_key(&id))
        });
        let held = held.await?;
        let is_told = held.stamps[List::TrackingStatuses as usize].told_at.is_some();
        Ok(is_told.then_some(held.names))
    }

    async fn naming(
        &self,
        account: &SourceAccount,
        wanted: List,
        suffice: impl Fn(&Names) -> bool,
    ) -> Result<Held, SyncError> {
        let now = self.clock.now();
        let held = self.newest(account.id).await?;
        let suffices = suffice(&held.names);
        let is_due = |list: &List| {
            let age_max = if *list == wanted && !suffices { PAUSE } else { AGE_MAX };
            held.stamps[*list as usize].is_due(now, age_max)
        };
        let mut outcomes = Vec::new();
        for list in List::ALL.into_iter().filter(is_due) {
            let outcome = outcome(list, read(account, list).await)?;
            outcomes.push((list, outcome));
        }
        let told: Vec<List> = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Told(_)))
            .map(|(list, _)| *list)
            .collect();
        let held = self.remember(account.id, held, outcomes, now);
        for list in told {
            self.store(account.id, list, &held.names, now).await?;
        }
        Ok(held)
    }

    /// What is held, with what other instances were told since: they would write the same change to and fro.
    async fn newest(&self, account: AccountId) -> Result<Held, SyncError> {
        let held = self.all().get(&account).cloned().unwrap_or_default();
        let told = self.told_since(account, &held).await?;
        let mut all = self.all();
        let held = all.entry(account).or_insert(held);
        for (list, names, at) in told {
            // Meanwhile it may have been told by ourselves.
            if held.stamps[list as usize].told_at.is_none_or(|told_at| told_at < at) {
                held.tell(list, names, at);
            }
        }
        Ok(held.clone())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<AccountId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was learnt to what is held by now, which others may have added to meanwhile.
    fn remember(
        &self,
        account: AccountId,
        before: Held,
        outcomes: Vec<(List, Outcome)>,
        now: DateTime<Utc>,
    ) -> Held {
        let mut all = self.all();
        let held = all.entry(account).or_insert(before);
        for (list, outcome) in outcomes {
            match outcome {
                Outcome::Told(names) => held.tell(list, names, now),
                Outcome::Refused => held.stamps[list as usize].told_at = Some(now),
                Outcome::Failed => held.stamps[list as usize].failed_at = Some(now),
            }
        }
        held.clone()
    }

    /// The lists that are stored, where they were told later than what is held.
    async fn told_since(
        &self,
        account: AccountId,
        held: &Held,
    ) -> Result<Vec<(List, Names, DateTime<Utc>)>, SyncError> {
        let kinds = List::ALL.map(List::name);
        let stamps = List::ALL.map(|list| held.stamps[list as usize].told_at);
        let rows: Vec<(String, Value, DateTime<Utc>)> = sqlx::query_as(
            "select stored.kind, stored.names, stored.fetched_at from upstream_lists stored
             join unnest($2::text[], $3::timestamptz[]) as held (kind, told_at) on held.kind = stored.kind
             where stored.account_id = $1 and coalesce(stored.fetched_at > held.told_at, true)",
        )
        .bind(account.0)
        .bind(kinds.as_slice())
        .bind(stamps.as_slice())
        .fetch_all(&self.pool)
        .await?;
        let read = |(kind, entries, at): &(String, Value, DateTime<Utc>)| {
            let list = List::ALL.into_iter().find(|list| list.name() == kind)?;
            let entries = entries.as_array().filter(|entries| !entries.is_empty())?;
            Some((list, names_in(list, entries), *at))
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    async fn store(
        &self,
        account: AccountId,
        list: List,
        names: &Names,
        at: DateTime<Utc>,
    ) -> Result<(), SyncError> {
        sqlx::query(
            "insert into upstream_lists (account_id, kind, names, fetched_at) values ($1, $2, $3, $4)
             on conflict (account_id, kind) do update set names = excluded.names, fetched_at = excluded.fetched_at
               where upstream_lists.fetched_at <= excluded.fetched_at or upstream_lists.fetched_at > now()",
        )
        .bind(account.0)
        .bind(list.name())
        .bind(entries_of(list, names))
        .bind(at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
