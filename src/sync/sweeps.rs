//! Sweeps of the list of scans, shared by those who wait for one: a hundred callbacks that arrive together need the list
//! once. Kept by the handler of their jobs; another instance sweeps for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;

use super::SyncError;
use super::cursor::{self, List};
use super::sources::{Cause, SourceAccount, Sources};
use super::tracking::{place_waiting, read_scans};

/// For how long after a sweep that failed nobody begins another: a hundred callbacks would read half of a list each.
const FAILED_REST: TimeDelta = TimeDelta::minutes(1);

/// How many pages one of them reads at most: it is for the scans of one order, while others wait for their turn. What it does not
/// come to, the next poll reads.
const PAGES_MAX: u32 = 20;

/// The sweeps of all accounts.
#[derive(Default)]
pub(super) struct Sweeps(Mutex<HashMap<AccountId, SweepLock>>);

/// Held by whoever sweeps an account; keeps how the last sweeps ended.
type SweepLock = Arc<tokio::sync::Mutex<LastSweeps>>;

#[derive(Default)]
struct LastSweeps {
    /// When the last one that ended well began.
    well: Option<DateTime<Utc>>,
    /// When the last one failed, and why, unless one ended well since.
    failed: Option<(DateTime<Utc>, SyncError)>,
}

impl LastSweeps {
    /// Why none is begun for now; none where one may be. What failed later than now did so by a clock that was ahead.
    fn resting(&self, now: DateTime<Utc>) -> Option<SyncError> {
        let (at, error) = self.failed.as_ref()?;
        (*at <= now && now - *at < FAILED_REST).then(|| again(error)).flatten()
    }
}

/// A copy of the error for somebody else; none where it was not upstream that failed.
fn again(error: &SyncError) -> Option<SyncError> {
    match error {
        SyncError::Upstream(error) => Some(SyncError::Upstream(error.clone())),
        SyncError::BrokenList { list, what } => Some(SyncError::BrokenList { list, what }),
        _ => None,
    }
}

impl Sweeps {
    /// Reads the scans, unless a sweep began since, or one failed of late; then only those that wait for their order are
    /// placed. So it is too where no poll has read the account's scans to their end: months of them are nothing to read for a callback.
    pub async fn swept_since(
        &self,
        sources: &Sources,
        account: &SourceAccount,
        cause: &Cause,
        since: DateTime<Utc>,
    ) -> Result<(), SyncError> {
        if cursor::load(&sources.pool, account.id, List::Tracking).await?.is_none() {
            return place_waiting(sources, account, cause, sources.clock.now()).await;
        }
        let lock =
            Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(account.id).or_default());
        let mut last = lock.lock().await;
        let now = sources.clock.now();
        if last.well.is_some_and(|began_at| began_at >= since) {
            drop(last);
            return place_waiting(sources, account, cause, now).await;
        }
        if let Some(error) = last.resting(now) {
            drop(last);
            place_waiting(sources, account, cause, now).await?;
            return Err(error);
        }
        let pages_max = PAGES_MAX.min(sources.settings.scan_pages_max);
        match read_scans(sources, account, cause, (now, pages_max)).await {
            Ok(_) => {
                // Also where none could be taken in: those who waited meanwhile would be told the same.
                *last = LastSweeps { well: Some(now), failed: None };
                Ok(())
            }
            Err(error) => {
                last.failed = again(&error).map(|error| (sources.clock.now(), error));
                Err(error)
            }
        }
    }
}
