//! A circuit breaker for each login. It opens after an unanswered login call, or after two different calls in a row that got no
//! answer, and stays open for a set rest: callers are refused at once with `Silent`, so that they do not hold job slots of other
//! accounts. After the rest one caller tries for all. A request that went unanswered while a later one was answered does not count:
//! only it was slow. The state is this instance's own; another finds out for itself, at the price of two calls.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use super::UpstreamError;
use super::client::Reply;
use crate::clock::Clock;

/// A connection that is not made for so long counts as silence too; one that is refused at once costs nobody anything.
const SLOW: Duration = Duration::from_secs(5);

/// What is remembered of the logins, of which there are as many as credentials.
pub(super) struct Silences {
    clock: Clock,
    rest: TimeDelta,
    heard: Mutex<HashMap<Uuid, Heard>>,
}

/// What was last heard of a login.
#[derive(Default)]
struct Heard {
    /// When it last answered.
    answered: Option<Instant>,
    /// The answer that it owes.
    silence: Option<Silence>,
}

struct Silence {
    /// What was asked last. One thing that is asked again and again may be what upstream cannot answer; that is no reason
    /// not to ask for others.
    asked: Url,
    /// Until when the login is left alone.
    rests_until: Option<DateTime<Utc>>,
}

impl Silences {
    pub fn over(clock: Clock, rest: Duration) -> Self {
        let rest = TimeDelta::from_std(rest).unwrap_or(TimeDelta::MAX);
        Self { clock, rest, heard: Mutex::default() }
    }

    /// Lets a caller through, unless the login is left alone. The first one after a rest goes for all: the others rest on
    /// until it comes back.
    pub fn admit(&self, login_id: Uuid) -> Result<(), UpstreamError> {
        let now = self.clock.now();
        let mut heard = self.heard();
        let silence = heard.get_mut(&login_id).and_then(|heard| heard.silence.as_mut());
        let Some(until) = silence.and_then(|silence| silence.rests_until.as_mut()) else { return Ok(()) };
        // A rest that is longer than a rest was begun by a clock that was ahead.
        let left = Some(*until - now).filter(|left| *left <= self.rest).and_then(|left| left.to_std().ok());
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            return Err(UpstreamError::Silent { retry_after: left });
        }
        *until = self.rest_from(now);
        Ok(())
    }

    /// Learns what came of a request that was sent at `begun`. Nobody gets past a login, so that one counts for two.
    pub fn note(
        &self,
        (login_id, is_login): (Uuid, bool),
        asked: &Url,
        outcome: &Result<Reply, UpstreamError>,
        begun: Instant,
    ) {
        match outcome {
            Ok(_) | Err(UpstreamError::TooLarge { .. }) => {
                self.heard().insert(login_id, Heard { answered: Some(Instant::now()), silence: None });
            }
            Err(UpstreamError::TimedOut) => self.note_silence((login_id, is_login), asked, begun),
            Err(UpstreamError::Unavailable { status: None, .. }) if begun.elapsed() >= SLOW => {
                self.note_silence((login_id, is_login), asked, begun);
            }
            Err(_) => {}
        }
    }

    fn note_silence(&self, (login_id, is_login): (Uuid, bool), asked: &Url, begun: Instant) {
        let mut heard = self.heard();
        let heard = heard.entry(login_id).or_default();
        if !is_login && heard.answered.is_some_and(|answered| answered > begun) {
            return;
        }
        let is_second = |before: &Silence| before.rests_until.is_some() || before.asked != *asked;
        let rests = is_login || heard.silence.as_ref().is_some_and(is_second);
        let rests_until = rests.then(|| self.rest_from(self.clock.now()));
        heard.silence = Some(Silence { asked: asked.clone(), rests_until });
        if rests {
            tracing::warn!(%login_id, "Mintsoft does not answer this login; it is left alone for a while");
        }
    }

    fn rest_from(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_add_signed(self.rest).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    fn heard(&self) -> MutexGuard<'_, HashMap<Uuid, Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
