//! Counting what was turned away, at a cost that a flood does not raise: one write at a time, and what arrives meanwhile
//! is added up for the next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use logistics_domain::TenantId;
use sqlx::PgPool;
use tokio::time::timeout;

use crate::telemetry::meters;

/// The most different counts that wait to be written; the tenants with a shop and their reasons are far fewer.
const WAITING_MAX: usize = 10_000;

/// Why something was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rejection {
    MissingSignature,
    BadSignature,
    BadToken,
    BodySlow,
}

impl Rejection {
    const fn as_str(self) -> &'static str {
        match self {
            Self::MissingSignature => "missing_signature",
            Self::BadSignature => "bad_signature",
            Self::BadToken => "bad_token",
            Self::BodySlow => "body_slow",
        }
    }
}

type Counted = (&'static str, Option<i64>, Rejection, NaiveDate);
type Counts = BTreeMap<Counted, (i64, DateTime<Utc>)>;

/// The counts of this process that are not written yet, and how long an answer waits until its own is.
#[derive(Clone, Debug)]
pub(super) struct Rejections(Arc<Waiting>, Duration);

#[derive(Debug)]
struct Waiting {
    pool: PgPool,
    counts: Mutex<Counts>,
    writing: tokio::sync::Mutex<()>,
}

impl Rejections {
    pub(super) fn over(pool: PgPool, wait: Duration) -> Self {
        let waiting = Waiting { pool, counts: Mutex::default(), writing: tokio::sync::Mutex::default() };
        Self(Arc::new(waiting), wait)
    }

    /// Counts one. It is written before this returns, or soon after, or, while the database is away, with a later one.
    pub(super) async fn count(
        &self,
        source: &'static str,
        tenant: Option<TenantId>,
        rejection: Rejection,
        now: DateTime<Utc>,
    ) {
        meters::rejected(source, rejection.as_str());
        tracing::warn!(
            source,
            tenant = tenant.map(|id| id.0),
            reason = rejection.as_str(),
            "a delivery was turned away"
        );
        self.0.add((source, tenant.map(|id| id.0), rejection, now.date_naive()), 1, now);
        let waiting = self.0.clone();
        // A task of its own, since the request may be dropped with its connection while the count is on its way.
        let writing = tokio::spawn(async move { waiting.write_all().await });
        let _written_later = timeout(self.1, writing).await;
    }
}

impl Waiting {
    fn add(&self, counted: Counted, count: i64, at: DateTime<Utc>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() < WAITING_MAX || counts.contains_key(&counted) {
            let (sum, last_at) = counts.entry(counted).or_insert((0, at));
            *sum = sum.saturating_add(count);
            *last_at = at.max(*last_at);
        }
    }

    fn take(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes until nothing waits, unless another does so already: whoever ends looks again for what came last.
    async fn write_all(&self) {
        loop {
            let Ok(writing) = self.writing.try_lock() else { return };
            let counts = self.take();
            if counts.is_empty() {
                return;
            }
            if let Err(error) = write(&self.pool, &counts).await {
                tracing::warn!(%error, "rejections could not be counted yet");
                for (counted, (count, at)) in counts {
                    self.add(counted, count, at);
                }
                return;
            }
            drop(writing);
        }
    }
}

async fn write(pool: &PgPool, counts: &Counts) -> sqlx::Result<()> {
    let sources: Vec<&str> = counts.keys().map(|(source, ..)| *source).collect();
    let tenants: Vec<Option<i64>> = counts.keys().map(|(_, tenant, ..)| *tenant).collect();
    let reasons: Vec<&str> = counts.keys().map(|(_, _, rejection, _)| rejection.as_str()).collect();
    let days: Vec<NaiveDate> = counts.keys().map(|(.., day)| *day).collect();
    let (sums, last_at): (Vec<i64>, Vec<DateTime<Utc>>) = counts.values().copied().unzip();
    sqlx::query(
        "insert into inbox_rejections (source, tenant_id, reason, day, count, last_at)
         select * from unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::bigint[], $6::timestamptz[])
         on conflict on constraint inbox_rejections_one_a_day do update
         set count = inbox_rejections.count + excluded.count,
           last_at = greatest(inbox_rejections.last_at, excluded.last_at)",
    )
    .bind(sources)
    .bind(tenants)
    .bind(reasons)
    .bind(days)
    .bind(sums)
    .bind(last_at)
    .execute(pool)
    .await?;
    Ok(())
}
