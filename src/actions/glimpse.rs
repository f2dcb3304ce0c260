//! The last answers of upstream about what hangs on an order and is no part of its history: the thread of comments, the
//! list of documents. They are kept so that something can be shown when upstream is slow or down, sealed with the order's
//! key, since people write of people there: what erases the personal data erases these too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::{AccountId, OrderStreamId, TenantId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{ActionError, Actions};
use crate::ledger::OrderAddress;
use crate::mintsoft::UpstreamError;
use crate::secrets::OrderKey;
use crate::sync::SyncError;

/// The most readings under way at once; who comes beyond that is shown what is known.
const UNDER_WAY_MAX: usize = 256;

/// For how long upstream is not asked again for what the account's user may not see: each time it would be asked for a new login
/// twice, and find the same.
const REFUSED_REST: TimeDelta = TimeDelta::minutes(15);

/// What was glimpsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    Comments,
    Documents,
}

impl What {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::Documents => "documents",
        }
    }
}

/// An answer, and when it was complete (UTC).
#[derive(Clone, Debug)]
pub(super) struct Glimpse<T> {
    pub value: T,
    pub answered_at: DateTime<Utc>,
}

/// The last answer that is kept; none where there is none, or where it cannot be opened any more.
async fn load<T: DeserializeOwned>(
    pool: &PgPool,
    address: OrderAddress,
    what: What,
    key: &OrderKey,
) -> sqlx::Result<Option<Glimpse<T>>> {
    let sql = "select sealed, answered_at from order_glimpses where stream_id = $1 and what = $2 and tenant_id = $3";
    let kept: Option<(Vec<u8>, DateTime<Utc>)> = sqlx::query_as(sql)
        .bind(address.stream().0)
        .bind(what.as_str())
        .bind(address.tenant.0)
        .fetch_optional(pool)
        .await?;
    Ok(kept.and_then(|(sealed, answered_at)| {
        let plain = key.open_bytes(what.as_str(), &sealed).ok()?;
        Some(Glimpse { value: serde_json::from_slice(&plain).ok()?, answered_at })
    }))
}

/// Keeps an answer, unless a newer one is kept.
pub(super) async fn keep<T: Serialize>(
    pool: &PgPool,
    (tenant, stream): (TenantId, OrderStreamId),
    what: What,
    key: &OrderKey,
    glimpse: &Glimpse<T>,
) -> sqlx::Result<()> {
    let plain = serde_json::json!(glimpse.value).to_string();
    sqlx::query(
        "insert into order_glimpses as held (stream_id, what, tenant_id, sealed, answered_at)
         values ($1, $2, $3, $4, $5)
         on conflict (stream_id, what) do update set sealed = excluded.sealed, answered_at = excluded.answered_at
           where held.answered_at < excluded.answered_at",
    )
    .bind(stream.0)
    .bind(what.as_str())
    .bind(tenant.0)
    .bind(key.seal_bytes(what.as_str(), plain.as_bytes()))
    .bind(glimpse.answered_at)
    .execute(pool)
    .await?;
    Ok(())
}

impl Actions {
    /// What was last seen of an order, read again by `read` where that was longer ago than `fresh_for`, with a person's
    /// patience.
    pub(super) async fn seen<T: DeserializeOwned>(
        &self,
        (address, what): (OrderAddress, What),
        key: &OrderKey,
        fresh_for: TimeDelta,
        read: impl Future<Output = Result<(), SyncError>> + Send + 'static,
    ) -> Result<Option<Glimpse<T>>, ActionError> {
        let (pool, stream) = (&self.sources.pool, address.stream());
        let seen: Option<Glimpse<T>> = load(pool, address, what, key).await?;
        let now = self.sources.clock.now();
        if seen.as_ref().is_some_and(|seen| now - seen.answered_at < fresh_for) {
            return Ok(seen);
        }
        if self.refusals.hold((address.account, what), now) {
            return Ok(seen);
        }
        let (refusals, clock) = (self.refusals.clone(), self.sources.clock.clone());
        let work = async move {
            if let Err(error) = read.await {
                if matches!(error, SyncError::Upstream(UpstreamError::NotPermitted)) {
                    refusals.note((address.account, what), clock.now());
                }
                tracing::info!(order = %stream, what = what.as_str(), %error, "what hangs on an order could not be read");
            }
        };
        self.readings.share((stream, what), self.sources.settings.refresh_wait, work).await;
        Ok(load(pool, address, what, key).await?)
    }
}

/// When upstream said what the users of accounts may not see.
type RefusedAt = HashMap<(AccountId, What), DateTime<Utc>>;

/// What the users of accounts may not see, as upstream said a while ago. Each instance finds out for itself.
#[derive(Clone, Default)]
pub(super) struct Refusals(Arc<Mutex<RefusedAt>>);

impl Refusals {
    fn hold(&self, subject: (AccountId, What), now: DateTime<Utc>) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What was refused later than now was so by a clock that was ahead.
        refused.get(&subject).is_some_and(|at| *at <= now && now - *at < REFUSED_REST)
    }

    fn note(&self, subject: (AccountId, What), now: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(subject, now);
    }
}

type UnderWay = HashMap<(OrderStreamId, What), watch::Receiver<bool>>;

/// Readings under way: many readers share one.
#[derive(Clone, Default)]
pub(super) struct Readings(Arc<Mutex<UnderWay>>);

impl Readings {
    /// Waits for the reading of this kind on this order, which `work` begins if none is under way; at most for `patience`. It
    /// goes on without the reader, so that the next one profits.
    pub async fn share(
        &self,
        subject: (OrderStreamId, What),
        patience: Duration,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let Some(mut over) = self.join(subject, work) else { return };
        // Too slow, or it broke off: what is known is shown.
        let _over = tokio::time::timeout(patience, over.wait_for(|over| *over)).await;
    }

    fn join(
        &self,
        subject: (OrderStreamId, What),
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Option<watch::Receiver<bool>> {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(over) = under_way.get(&subject) {
            return Some(over.clone());
        }
        if under_way.len() >= UNDER_WAY_MAX {
            return None;
        }
        let (tell, over) = watch::channel(false);
        under_way.insert(subject, over.clone());
        let entry = Entry { readings: self.clone(), subject };
        tokio::spawn(async move {
            // Removed even if the reading panics: the guard is dropped either way.
            let _entry = entry;
            work.await;
            let _ = tell.send(true);
        });
        Some(over)
    }
}

/// Takes a reading out of the list when it is over.
struct Entry {
    readings: Readings,
    subject: (OrderStreamId, What),
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.readings.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.subject);
    }
}
