//! The budget of calls: every call takes a slot in one row that all instances and all accounts of its login share, slots
//! lie a fixed pace apart, and a request of Mintsoft to wait moves them all. Fair among tenants: each has at most one slot taken
//! ahead in an instance, so one that asks for a thousand calls delays another by one slot.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::time::Instant;
use uuid::Uuid;

use super::UpstreamError;
use super::account::{AccountAccess, Patience, Waiting};
use crate::clock::Clock;

/// How often a slot is taken anew because everybody was told to wait meanwhile.
const SLOTS_MAX: usize = 10;

/// So many lanes are kept before the idle ones are swept out.
const LANES_KEPT: usize = 256;

/// Who waits behind whom: the callers of one tenant, people apart from background work.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    login_id: Uuid,
    account_id: Uuid,
    tenant_id: Option<i64>,
    interactive: bool,
}

impl Lane {
    pub fn of(login_id: Uuid, access: &AccountAccess, patience: Patience) -> Self {
        Self {
            login_id,
            account_id: access.account_id,
            tenant_id: access.tenant_id,
            interactive: patience.interactive,
        }
    }
}

/// Hands out slots.
pub(super) struct Budget {
    pool: PgPool,
    clock: Clock,
    pace: Duration,
    lanes: Mutex<HashMap<Lane, Arc<tokio::sync::Mutex<()>>>>,
}

impl Budget {
    pub fn over(pool: PgPool, clock: Clock, pace: Duration) -> Self {
        Self { pool, clock, pace, lanes: Mutex::default() }
    }

    /// Waits for a slot. Gives up at once when the next one lies beyond what is left of the patience.
    pub async fn take(&self, lane: Lane, waiting: &mut Waiting) -> Result<(), UpstreamError> {
        let queued = Instant::now();
        let turn = tokio::time::timeout(waiting.left, self.lane(lane).lock_owned()).await;
        waiting.spend(queued.elapsed());
        let Ok(_turn) = turn else {
            return Err(UpstreamError::BudgetExhausted { retry_after: self.pace });
        };
        for _ in 0..SLOTS_MAX {
            let wait = self.reserve(lane.login_id, waiting.left).await?;
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

    /// Takes the next slot if it lies within `patience`, and says how far off it is.
    async fn reserve(&self, login_id: Uuid, patience: Duration) -> Result<Duration, UpstreamError> {
        let now = self.clock.now();
        let latest = later(now, patience);
        let taken: Option<DateTime<Utc>> = sqlx::query_scalar(
            "insert into mintsoft_logins as state (login_id, next_call_at) \
             values ($1, $2 + $3 * interval '1 microsecond') \
             on conflict (login_id) do update \
             set next_call_at = greatest(state.next_call_at, state.blocked_until, $2) + $3 * interval '1 microsecond' \
             where greatest(state.next_call_at, state.blocked_until, $2) <= $4 \
             returning next_call_at - $3 * interval '1 microsecond'",
        )
        .bind(login_id)
        .bind(now)
        .bind(microseconds(self.pace))
        .bind(latest)
        .fetch_optional(&self.pool)
        .await?;
        if let Some(slot) = taken {
            return Ok((slot - now).to_std().unwrap_or_default());
        }
        let next: Option<DateTime<Utc>> = sqlx::query_scalar(
            "select greatest(next_call_at, blocked_until) from mintsoft_logins where login_id = $1",
        )
        .bind(login_id)
        .fetch_one(&self.pool)
        .await?;
        let wait = next.and_then(|next| (next - now).to_std().ok()).unwrap_or(self.pace);
        Err(UpstreamError::BudgetExhausted { retry_after: wait })
    }

    /// Makes every caller with the login, in all instances, wait that long.
    pub async fn block(&self, login_id: Uuid, wait: Duration) -> Result<(), UpstreamError> {
        sqlx::query(
            "insert into mintsoft_logins as state (login_id, blocked_until) values ($1, $2) \
             on conflict (login_id) do update set blocked_until = greatest(state.blocked_until, $2)",
        )
        .bind(login_id)
        .bind(later(self.clock.now(), wait))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn is_blocked(&self, login_id: Uuid) -> Result<bool, UpstreamError> {
        let blocked: Option<bool> =
            sqlx::query_scalar("select blocked_until > $2 from mintsoft_logins where login_id = $1")
                .bind(login_id)
                .bind(self.clock.now())
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
