//! Upstream's lists that give numbers their names: kept per account, read again daily and when a number is unknown.
//! When upstream cannot be read, or answers nonsense, the old list stays.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::SyncError;
use super::sources::SourceAccount;
use crate::clock::Clock;
use crate::mintsoft::UpstreamError;
use crate::mintsoft::translate::Names;
use crate::mintsoft::wire::{Order, Row, TrackingEvent};

/// The age at which the lists are read again.
const AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// An unknown number makes the lists be read again, but not more often than this.
const UNKNOWN_PAUSE: TimeDelta = TimeDelta::minutes(5);

type Held = HashMap<AccountId, (Arc<Names>, DateTime<Utc>)>;

/// The lists of all accounts.
#[derive(Clone)]
pub struct NamesCache {
    pool: PgPool,
    clock: Clock,
    held: Arc<Mutex<Held>>,
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
        self.naming(account, |names| {
            let statuses = rows.iter().filter_map(|row| row.parsed.as_ref().ok()?.order_status_id);
            all_named(statuses, |id| names.order_statuses.contains_key(&id))
        })
        .await
    }

    /// The lists of an account, fresh enough to name what the tracking events carry.
    pub async fn naming_scans(
        &self,
        account: &SourceAccount,
        rows: &[Row<TrackingEvent>],
    ) -> Result<Arc<Names>, SyncError> {
        self.naming(account, |names| {
            let statuses = rows.iter().filter_map(|row| row.parsed.as_ref().ok()?.tracking_status_id);
            all_named(statuses, |id| names.tracking_statuses.contains_key(&id))
        })
        .await
    }

    async fn naming(
        &self,
        account: &SourceAccount,
        suffice: impl Fn(&Names) -> bool,
    ) -> Result<Arc<Names>, SyncError> {
        let now = self.clock.now();
        let held = match self.remembered(account.id) {
            Some(held) => Some(held),
            None => self.stored(account.id).await?,
        };
        if let Some((names, fetched_at)) = &held {
            let pause = if suffice(names) { AGE_MAX } else { UNKNOWN_PAUSE };
            if now - fetched_at < pause {
                return Ok(Arc::clone(names));
            }
        }
        let before = held.map(|(names, _)| names).unwrap_or_default();
        let names = Arc::new(self.fetch(account, &before).await?);
        self.store(account.id, &names, now).await?;
        Ok(names)
    }

    fn remembered(&self, account: AccountId) -> Option<(Arc<Names>, DateTime<Utc>)> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }

    fn remember(&self, account: AccountId, names: &Arc<Names>, at: DateTime<Utc>) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(account, (Arc::clone(names), at));
    }

    /// Reads the three lists; each that cannot be read, or is empty, keeps what was known.
    async fn fetch(&self, account: &SourceAccount, before: &Names) -> Result<Names, SyncError> {
        let mut names = before.clone();
        if let Some(rows) = kept_on_failure(account.calls.order_statuses().await)? {
            let read = rows.into_iter().filter_map(|row| row.parsed.ok());
            names
                .order_statuses
                .extend(read.filter_map(|row| Some((row.id, (row.name?, row.external_name)))));
        }
        if let Some(rows) = kept_on_failure(account.calls.tracking_statuses().await)? {
            let read = rows.into_iter().filter_map(|row| row.parsed.ok());
            names.tracking_statuses.extend(read.filter_map(|row| Some((row.id, row.name?))));
        }
        if let Some(rows) = kept_on_failure(account.calls.courier_services().await)? {
            let read = rows.into_iter().filter_map(|row| row.parsed.ok());
            names.courier_services.extend(read.filter_map(|row| Some((row.id, row.name?))));
        }
        Ok(names)
    }

    async fn stored(&self, account: AccountId) -> Result<Option<(Arc<Names>, DateTime<Utc>)>, SyncError> {
        let rows: Vec<(String, Value, DateTime<Utc>)> =
            sqlx::query_as("select kind, names, fetched_at from upstream_lists where account_id = $1")
                .bind(account.0)
                .fetch_all(&self.pool)
                .await?;
        let Some(oldest) = rows.iter().map(|(_, _, at)| *at).min() else { return Ok(None) };
        let mut names = Names::default();
        for (kind, list, _) in &rows {
            read_list(kind, list, &mut names);
        }
        let names = Arc::new(names);
        self.remember(account, &names, oldest);
        Ok(Some((names, oldest)))
    }

    async fn store(
        &self,
        account: AccountId,
        names: &Arc<Names>,
        at: DateTime<Utc>,
    ) -> Result<(), SyncError> {
        let statuses: Vec<Value> =
            names.order_statuses.iter().map(|(id, (name, external))| json!([id, name, external])).collect();
        let pairs = |map: &std::collections::BTreeMap<i64, String>| -> Vec<Value> {
            map.iter().map(|(id, name)| json!([id, name])).collect()
        };
        sqlx::query(
            "insert into upstream_lists (account_id, kind, names, fetched_at)
             values ($1, 'order_statuses', $2, $5), ($1, 'tracking_statuses', $3, $5), ($1, 'courier_services', $4, $5)
             on conflict (account_id, kind) do update set names = excluded.names, fetched_at = excluded.fetched_at",
        )
        .bind(account.0)
        .bind(Value::Array(statuses))
        .bind(Value::Array(pairs(&names.tracking_statuses)))
        .bind(Value::Array(pairs(&names.courier_services)))
        .bind(at)
        .execute(&self.pool)
        .await?;
        self.remember(account, names, at);
        Ok(())
    }
}

fn all_named(mut ids: impl Iterator<Item = i64>, known: impl Fn(i64) -> bool) -> bool {
    ids.all(known)
}

/// A list that cannot be read is not a reason to stop: names are an ornament, numbers are kept. Only what stops every
/// call of the account stops this one.
fn kept_on_failure<T>(
    answer: Result<crate::mintsoft::Answer<Vec<T>>, UpstreamError>,
) -> Result<Option<Vec<T>>, UpstreamError> {
    match answer {
        Ok(answer) if answer.value.is_empty() => Ok(None),
        Ok(answer) => Ok(Some(answer.value)),
        Err(error @ (UpstreamError::WrongLogin { .. } | UpstreamError::BadUrl { .. })) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "upstream's list of names could not be read; the old one stays");
            Ok(None)
        }
    }
}

fn read_list(kind: &str, list: &Value, names: &mut Names) {
    for entry in list.as_array().into_iter().flatten() {
        let (Some(id), Some(name)) = (entry[0].as_i64(), entry[1].as_str()) else { continue };
        match kind {
            "order_statuses" => {
                let external = entry[2].as_str().map(str::to_owned);
                names.order_statuses.insert(id, (name.to_owned(), external));
            }
            "tracking_statuses" => {
                names.tracking_statuses.insert(id, name.to_owned());
            }
            _ => {
                names.courier_services.insert(id, name.to_owned());
            }
        }
    }
}
