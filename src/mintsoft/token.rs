//! The key of a login: held once for all instances and for all accounts of the login, since Mintsoft keeps one key per
//! user and a login kills the key before it. Who finds it missing, old or refused takes a lease, logs in and puts the
//! new key down; everybody else waits for that. No transaction is open meanwhile. A login that was refused is
//! remembered, so that nobody hammers a wrong password.
//! Absent: the call that logs in; [`admission`](super::admission) makes it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{MintsoftSettings, UpstreamError};
use crate::clock::{self, Clock};
use crate::secrets::KeyRing;

/// Bytes of the digest of a login and its password, which stands before the key in what is sealed.
const DIGEST: usize = 32;

/// How much longer than the call itself a login may take before it counts as abandoned.
const LEASE_SLACK: Duration = Duration::from_secs(15);

/// A key that Mintsoft gave for a login.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LoginKey(pub Zeroizing<String>);

/// The right to log in, for a while.
#[derive(Clone, Copy)]
pub(super) struct Lease(Uuid);

/// What is known of the key of a login.
pub(super) enum Held {
    /// A key that should work.
    Key(LoginKey),
    /// No key, and it is for this caller to log in.
    Login(Lease),
    /// Somebody else is logging in.
    Pending,
}

/// The keys of all logins.
pub(super) struct LoginKeys {
    pool: PgPool,
    ring: KeyRing,
    clock: Clock,
    age_max: TimeDelta,
    lease: TimeDelta,
    refused_pause: TimeDelta,
}

#[derive(Default, FromRow)]
struct State {
    key_sealed: Option<Vec<u8>>,
    key_obtained_at: Option<DateTime<Utc>>,
    refused_sealed: Option<Vec<u8>>,
    refused_until: Option<DateTime<Utc>>,
}

impl LoginKeys {
    pub fn over(pool: PgPool, ring: KeyRing, clock: Clock, settings: &MintsoftSettings) -> Self {
        let delta = |wait: Duration| TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
        Self {
            pool,
            ring,
            clock,
            age_max: delta(settings.login_key_age_max),
            // The login may wait for its slot and then take as long as a call may.
            lease: delta(settings.time_limit + LEASE_SLACK),
            refused_pause: delta(settings.wrong_login_pause),
        }
    }

    /// The login's key, as this password gave it, unless it is `rejected`, or the right to fetch another.
    pub async fn held(
        &self,
        login_id: Uuid,
        digest: &[u8; DIGEST],
        rejected: Option<&LoginKey>,
    ) -> Result<Held, UpstreamError> {
        let now = self.clock.now();
        let state = self.state(login_id).await?;
        if let Some(retry_after) = self.refused(login_id, digest, &state, now) {
            return Err(UpstreamError::WrongLogin { retry_after });
        }
        let young = state.key_obtained_at.is_some_and(|at| now < at + self.age_max);
        if young
            && let Some(key) = self.key_in(login_id, digest, &state)
            && Some(&key) != rejected
        {
            return Ok(Held::Key(key));
        }
        self.lease(login_id, state.key_sealed.as_deref(), now).await
    }

    async fn state(&self, login_id: Uuid) -> Result<State, UpstreamError> {
        let state: Option<State> = sqlx::query_as(
            "select key_sealed, key_obtained_at, refused_sealed, refused_until from mintsoft_logins where login_id = $1",
        )
        .bind(login_id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(state.unwrap_or_default())
    }

    /// Forgets all that is known of a login that came to nothing.
    pub async fn forget(&self, login_id: Uuid) -> Result<(), UpstreamError> {
        sqlx::query("delete from mintsoft_logins where login_id = $1")
            .bind(login_id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes the lease, unless somebody has it or has put down another key since.
    async fn lease(
        &self,
        login_id: Uuid,
        seen: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<Held, UpstreamError> {
        let token = clock::new_id();
        let taken = sqlx::query(
            "insert into mintsoft_logins as state (login_id, lease_token, lease_until) \
             values ($1, $2, $3) \
             on conflict (login_id) do update set lease_token = $2, lease_until = $3 \
             where (state.lease_until is null or state.lease_until <= $4) \
               and state.key_sealed is not distinct from $5",
        )
        .bind(login_id)
        .bind(token)
        .bind(now + self.lease)
        .bind(now)
        .bind(seen)
        .execute(&self.pool)
        .await?;
        Ok(if taken.rows_affected() == 1 { Held::Login(Lease(token)) } else { Held::Pending })
    }

    /// Puts a new key down and gives the lease back.
    pub async fn keep(
        &self,
        login_id: Uuid,
        lease: Lease,
        digest: &[u8; DIGEST],
        key: &LoginKey,
        asked_at: DateTime<Utc>,
    ) -> Result<(), UpstreamError> {
        let plain = Zeroizing::new([digest.as_slice(), key.0.as_bytes()].concat());
        sqlx::query(
            "update mintsoft_logins set key_sealed = $3, key_obtained_at = $4, \
                    lease_token = null, lease_until = null, \
                    refused_sealed = null, refused_until = null \
             where login_id = $1 and lease_token = $2",
        )
        .bind(login_id)
        .bind(lease.0)
        .bind(self.ring.seal(&owner(login_id, "key"), &plain))
        .bind(asked_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Remembers that this login was refused, drops the key that was to be renewed and gives the lease back; says for how
    /// long the login rests. A key that another login gave stays: that one was not refused, as when a mistyped password
    /// is tried for an account that works.
    pub async fn refuse(
        &self,
        login_id: Uuid,
        lease: Lease,
        digest: &[u8; DIGEST],
    ) -> Result<Duration, UpstreamError> {
        let state = self.state(login_id).await?;
        let drops = state.key_sealed.is_some() && self.key_in(login_id, digest, &state).is_some();
        sqlx::query(
            "update mintsoft_logins set refused_sealed = $3, refused_until = $4, \
                    key_sealed = case when $5 then null else key_sealed end, \
                    key_obtained_at = case when $5 then null else key_obtained_at end, \
                    lease_token = null, lease_until = null \
             where login_id = $1 and lease_token = $2",
        )
        .bind(login_id)
        .bind(lease.0)
        .bind(self.ring.seal(&owner(login_id, "refused"), digest))
        .bind(self.clock.now() + self.refused_pause)
        .bind(drops)
        .execute(&self.pool)
        .await?;
        Ok(self.refused_pause.to_std().unwrap_or_default())
    }

    /// Gives the lease back after a login that came to nothing.
    pub async fn release(&self, login_id: Uuid, lease: Lease) -> Result<(), UpstreamError> {
        sqlx::query(
            "update mintsoft_logins set lease_token = null, lease_until = null \
             where login_id = $1 and lease_token = $2",
        )
        .bind(login_id)
        .bind(lease.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How much longer this very login is not to be tried.
    fn refused(
        &self,
        login_id: Uuid,
        digest: &[u8; DIGEST],
        state: &State,
        now: DateTime<Utc>,
    ) -> Option<Duration> {
        let left = (state.refused_until? - now).to_std().ok().filter(|left| !left.is_zero())?;
        let sealed = state.refused_sealed.as_deref()?;
        let refused = self.ring.open(&owner(login_id, "refused"), sealed).ok()?;
        (refused.as_slice() == digest).then_some(left)
    }

    /// The key that is put down, if it came from this login. One that cannot be opened is as good as none.
    fn key_in(&self, login_id: Uuid, digest: &[u8; DIGEST], state: &State) -> Option<LoginKey> {
        let sealed = state.key_sealed.as_deref()?;
        let plain = self.ring.open(&owner(login_id, "key"), sealed).ok()?;
        let (of, key) = plain.split_at_checked(DIGEST)?;
        let key = std::str::from_utf8(key).ok().filter(|_| of == digest)?;
        Some(LoginKey(Zeroizing::new(key.to_owned())))
    }
}

/// What a sealed value of a login is bound to.
fn owner(login_id: Uuid, what: &str) -> String {
    format!("mintsoft_logins/{login_id}/{what}")
}
