//! The budget of calls: every call takes a slot in one row that all instances and all accounts of its login share, slots
//! lie a fixed pace apart, and a request of Mintsoft to wait moves them all. Fair among tenants: each has at most one slot taken
//! ahead in an instance, so one that asks for a thousand calls delays another by one slot. What lies further ahead than it
//! ever could was noted by a clock that was ahead: it counts for nothing, else nobody could call until that clock was right.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::time::Instant;
use uuid::Uuid;

use super::account::{AccountAccess, Patience, PatienceKind, Waiting};
use super::{MintsoftSettings, UpstreamError};
use crate::clock::Clock;

/// How often a slot is taken anew because everybody was told to wait meanwhile.
const SLOTS_MAX: usize = 10;

/// So many lanes are kept before the idle ones are swept out.
const LANES_KEPT: usize = 256;

/// The most that the clocks of two instances may differ.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// When the next slot is, as far as that can be; in SQL, over `state`, where $2 is the last instant at which one can be.
const SLOT: &str = "case when state.next_call_at <= $2 then state.next_call_at end";

/// Until when everybody waits, likewise, by $3.
const PAUSE: &str = "case when state.blocked_until <= $3 then state.blocked_until end";

/// Who waits behind whom: the callers of one tenant, people apart from background work, and this apart from what sits out
/// pauses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    login_id: Uuid,
    account_id: Uuid,
    tenant_id: Option<i64>,
    kind: PatienceKind,
}

impl Lane {
    pub fn of(login_id: Uuid, access: &AccountAccess, patience: Patience) -> Self {
        Self { login_id, account_id: access.account_id, tenant_id: access.tenant_id, kind: patience.kind }
    }
}

/// Hands out slots.
pub(super) struct Budget {
    pool: PgPool,
    clock: Clock,
    pace: Duration,
    /// How far ahead a slot can lie, and how long a pause can be.
    slots_max: Duration,
    pauses_max: Duration,
    lanes: Mutex<HashMap<Lane, Arc<tokio::sync::Mutex<()>>>>,
}

impl Budget {
    pub fn over(pool: PgPool, clock: Clock, settings: &MintsoftSettings) -> Self {
        let pace = settings.pace();
        let slots_max = settings.patience + pace + CLOCKS_DIFFER;
        let pauses_max = settings.throttled_pause.max(settings.throttled_pause_max) + CLOCKS_DIFFER;
        Self { pool, clock, pace, slots_max, pauses_max, lanes: Mutex::default() }
    }

    /// Waits for a slot. Gives up at once when the next one lies beyond what is left of the patience, or a pause does that
    /// is not to be waited for.
    pub async fn take(&self, lane: Lane, waiting: &mut Waiting) -> Result<(), UpstreamError> {
        let queued = Instant::now();
        let turn = tokio::time::timeout(waiting.left, self.lane(lane).lock_owned()).await;
        waiting.spend(queued.elapsed());
        let Ok(_turn) = turn else {
            return Err(UpstreamError::BudgetExhausted { retry_after: self.pace });
        };
        for _ in 0..SLOTS_MAX {
            let wait = self.reserve(lane.login_id, waiting).await?;
            if wait.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(wait).await;
            waiting.spend(wait);
            // Somebody may have been told to wait while we slept: the slot is void then.
            if !self.is_blocked(lane.login_id).await? {
                return Ok(());
            }
        }
        Err(UpstreamError::BudgetExhausted { retry_after: self.pace })
    }

    /// Takes the next slot if the caller waits for it, and says how far off it is.
    async fn reserve(&self, login_id: Uuid, waiting: &Waiting) -> Result<Duration, UpstreamError> {
        let now = self.clock.now();
        let take = format!(
            "insert into mintsoft_logins as state (login_id, next_call_at) \
             values ($1, $4 + $5 * interval '1 microsecond') \
             on conflict (login_id) do update \
             set next_call_at = greatest({SLOT}, {PAUSE}, $4) + $5 * interval '1 microsecond', blocked_until = {PAUSE} \
             where greatest({SLOT}, {PAUSE}, $4) <= $6 and coalesce({PAUSE} <= $7, true) \
             returning next_call_at - $5 * interval '1 microsecond'"
        );
        let taken: Option<DateTime<Utc>> = sqlx::query_scalar(&take)
            .bind(login_id)
            .bind(later(now, self.slots_max))
            .bind(later(now, self.pauses_max))
            .bind(now)
            .bind(microseconds(self.pace))
            .bind(later(now, waiting.left))
            .bind(later(now, waiting.pause_max))
            .fetch_optional(&self.pool)
            .await?;
        if let Some(slot) = taken {
            return Ok((slot - now).to_std().unwrap_or_default());
        }
        let look =
            format!("select greatest({SLOT}, {PAUSE}) from mintsoft_logins as state where login_id = $1");
        let next: Option<DateTime<Utc>> = sqlx::query_scalar(&look)
            .bind(login_id)
            .bind(later(now, self.slots_max))
            .bind(later(now, self.pauses_max))
            .fetch_one(&self.pool)
            .await?;
        let wait = next.and_then(|next| (next - now).to_std().ok()).unwrap_or(self.pace);
        Err(UpstreamError::BudgetExhausted { retry_after: wait })
    }

    /// Makes every caller with the login, in all instances, wait that long.
    pub async fn block(&self, login_id: Uuid, wait: Duration) -> Result<(), UpstreamError> {
        let now = self.clock.now();
        let block = format!(
            "insert into mintsoft_logins as state (login_id, blocked_until) values ($1, $2) \
             on conflict (login_id) do update set blocked_until = greatest({PAUSE}, $2)"
        );
        sqlx::query(&block)
            .bind(login_id)
            .bind(later(now, wait))
            .bind(later(now, self.pauses_max))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn is_blocked(&self, login_id: Uuid) -> Result<bool, UpstreamError> {
        let now = self.clock.now();
        let look = format!("select {PAUSE} > $2 from mintsoft_logins as state where login_id = $1");
        let blocked: Option<bool> = sqlx::query_scalar(&look)
            .bind(login_id)
            .bind(now)
            .bind(later(now, self.pauses_max))
            .fetch_one(&self.pool)
            .await?;
        Ok(blocked.unwrap_or(false))
    }

    fn lane(&self, lane: Lane) -> Arc<tokio::sync::Mutex<()>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= LANES_KEPT {
            lanes.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(lanes.entry(lane).or_default())
    }
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::microseconds(microseconds(wait));
    now.checked_add_signed(wait).unwrap_or(now + TimeDelta::days(1))
}

fn microseconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)
}
