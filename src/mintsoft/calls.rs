//! One call from beginning to end: wait for a slot, be let in, send, judge the answer, and try again where that is
//! safe. Only reads are tried again; an action is sent once. The one exception is a 401, which says that nothing was
//! done: the key is renewed once and the request sent once more, whatever it is. A 401 is also how Mintsoft forbids, so a
//! caller who may not do a thing pays one login for being told; who would ask often remembers the answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::account::{AccountAccess, Credentials, Patience, PatienceKind, Waiting};
use super::admission::Admission;
use super::budget::Lane;
use super::client::{Outgoing, Parts, Reply, Verb};
use super::wire::spoken_message;
use super::{UpstreamError, address};
use crate::clock;

/// How often one call asks for a key: the first time, and after a 401, when others renew it meanwhile too.
const KEYS_MAX: usize = 4;

/// An action whose key is not taken is sent, logged in for, and sent again; its own time is not cut by the others.
const EXCHANGES_MAX: u32 = 3;

/// The calls of one account.
#[derive(Clone)]
pub struct MintsoftAccount {
    pub(super) parts: Arc<Parts>,
    pub(super) access: Arc<AccountAccess>,
    pub(super) login_id: Uuid,
    patience: Patience,
}

/// A call, before it is known how often it is sent.
pub(super) struct Call {
    pub verb: Verb,
    /// The path below the root, in pieces that are encoded one by one.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// Whether sending it twice does no harm. Reads are named one by one: with this upstream a GET may act.
    is_read: bool,
    /// Whether a 404 is an answer like any other.
    may_be_missing: bool,
}

impl Call {
    /// A call that only reads, and may be tried again.
    pub fn read(path: &str) -> Self {
        Self::of(Verb::Get, path, true)
    }

    /// A call that changes something, and is never tried again.
    pub fn action(verb: Verb, path: &str) -> Self {
        Self::of(verb, path, false)
    }

    fn of(verb: Verb, path: &str, is_read: bool) -> Self {
        let path = path.split('/').map(str::to_owned).collect();
        Self { verb, path, query: Vec::new(), body: None, is_read, may_be_missing: false }
    }

    /// Takes a 404 for an answer.
    pub fn may_be_missing(mut self) -> Self {
        self.may_be_missing = true;
        self
    }

    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.query.push((name, format!("{value}")));
        self
    }

    pub fn body(mut self, body: &impl serde::Serialize) -> Self {
        self.body = serde_json::to_vec(body).ok().map(Zeroizing::new);
        self
    }

    pub fn url(&self, root: &Url) -> Result<Url, UpstreamError> {
        let mut url = root.clone();
        url.path_segments_mut()
            .map_err(|()| UpstreamError::BadUrl { why: "it has no host" })?
            .pop_if_empty()
            .push("api")
            .extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

impl MintsoftAccount {
    pub(super) fn over(parts: Arc<Parts>, access: AccountAccess, patience: Patience) -> Self {
        Self { parts, login_id: access.login_id(), access: Arc::new(access), patience }
    }

    /// These calls for a caller with another patience.
    #[must_use]
    pub fn patience(&self, patience: Patience) -> Self {
        Self { patience, ..self.clone() }
    }

    /// These calls for work that would have to begin anew if it broke off: it sits out the pauses that Mintsoft asks
    /// for, as far as the patience reaches.
    #[must_use]
    pub fn enduring(&self) -> Self {
        let patience = Patience { kind: PatienceKind::Enduring, ..self.patience };
        Self { patience, ..self.clone() }
    }

    /// Whether the caller comes again later rather than sit out a pause.
    pub fn comes_again(&self) -> bool {
        self.patience.kind == PatienceKind::Background
    }

    /// What a call may spend on waiting.
    fn waiting(&self) -> Waiting {
        let left = self.patience.wait_max;
        let pause_max = match self.patience.kind {
            PatienceKind::Background => self.parts.settings.throttled_wait_max,
            PatienceKind::Interactive | PatienceKind::Enduring => left,
        };
        Waiting { left, pause_max }
    }

    /// How long an action may take in all, from being asked for to its end: its waits, and what it says to Mintsoft.
    pub fn action_limit(&self) -> Duration {
        self.patience.wait_max + self.parts.settings.time_limit * EXCHANGES_MAX
    }

    /// Makes a call and gives its answer when that is a 2xx.
    pub(super) async fn call(&self, call: &Call) -> Result<Reply, UpstreamError> {
        let root = address::callable_root(&self.access.api_url, self.parts.settings.allow_insecure_upstream)?;
        let url = call.url(&root)?;
        let mut waiting = self.waiting();
        let mut tried: u32 = 0;
        let mut hopeless = false;
        let mut before: Option<UpstreamError> = None;
        loop {
            let error = match self.call_once(call, &root, &url, &mut waiting).await {
                Ok(reply) => return Ok(reply),
                // What came of the call itself says more than that it may not be tried again.
                Err(error @ UpstreamError::Silent { .. }) => return Err(before.unwrap_or(error)),
                Err(error) => error,
            };
            // As like as not it is what was asked for that upstream cannot answer: once more has to do.
            let inside = matches!(
                error,
                UpstreamError::Unavailable { status: Some(500), .. } | UpstreamError::TimedOut
            );
            if !call.is_read
                || tried >= self.parts.settings.retries_max
                || !passes(&error)
                || (inside && hopeless)
            {
                return Err(error);
            }
            hopeless |= inside;
            let asked = error.retry_after();
            let pause = asked.unwrap_or_else(|| self.pause_before_retry(tried));
            if pause > waiting.left || asked.is_some_and(|asked| asked > waiting.pause_max) {
                return Err(error);
            }
            // What Mintsoft asked for is waited for in the budget, by everybody.
            if asked.is_none() {
                tokio::time::sleep(pause).await;
                waiting.spend(pause);
            }
            tried += 1;
            before = Some(error);
        }
    }

    fn pause_before_retry(&self, tried: u32) -> Duration {
        let full = self.parts.settings.retry_base * 2_u32.pow(tried.min(4));
        // Between a half and the whole, so that many who failed together do not come back together.
        full / 2 + (full / 2).mul_f64(f64::from(clock::random_bytes::<1>()[0]) / 255.0)
    }

    /// Sends the request, renewing the login key once when it is not taken.
    async fn call_once(
        &self,
        call: &Call,
        root: &Url,
        url: &Url,
        waiting: &mut Waiting,
    ) -> Result<Reply, UpstreamError> {
        let lane = Lane::of(self.login_id, &self.access, self.patience);
        let mut rejected = None;
        let mut renewed = false;
        for _ in 0..KEYS_MAX {
            self.parts.silences.admit(self.login_id)?;
            self.parts.budget.take(lane, waiting).await?;
            let Admission { key, logged_in, waited } =
                self.admission(root, rejected.as_ref(), renewed, waiting).await?;
            renewed |= logged_in && rejected.is_some();
            if waited {
                self.parts.budget.take(lane, waiting).await?;
            }
            let outgoing =
                Outgoing { verb: call.verb, url: url.clone(), key: Some(&key.0), body: call.body.clone() };
            let sent = Instant::now();
            let reply = self.parts.send(self.login_id, outgoing).await?;
            tracing::debug!(
                account_id = %self.access.account_id,
                path = call.path.join("/"),
                status = reply.status,
                latency_ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX),
                "called Mintsoft"
            );
            if reply.status != 401 {
                return self.judged(reply, call.may_be_missing).await;
            }
            if matches!(self.access.credentials, Credentials::ApiKey(_)) {
                return Err(UpstreamError::NotPermitted);
            }
            rejected = Some(key);
        }
        // Others renewed the key faster than it could be used; nothing is said of permission.
        Err(UpstreamError::LoginPending)
    }

    /// Lets a 2xx through (and a 404 of Mintsoft's own, where that is an answer), turns everything else into an error, and
    /// tells everybody when Mintsoft asks to wait.
    pub(super) async fn judged(&self, reply: Reply, may_be_missing: bool) -> Result<Reply, UpstreamError> {
        let said = || spoken_message(&reply.body);
        let wait = match reply.status {
            429 => Some(reply.retry_after.unwrap_or(self.parts.settings.throttled_pause)),
            503 => reply.retry_after,
            _ => None,
        };
        if let Some(wait) = wait
            && let Err(error) = self.parts.budget.block(self.login_id, wait).await
        {
            // The answer stands all the same: whether an action may have been done is not for our database to say.
            tracing::warn!(%error, status = reply.status, "the pause that Mintsoft asks for could not be noted");
        }
        Err(match reply.status {
            200..=299 => return Ok(reply),
            300..=399 => UpstreamError::violation("answered with a redirect"),
            // Mintsoft forbids with 401; a page is of the network before it, which says nothing of who asks.
            403 if is_web_page(&reply.body) => {
                UpstreamError::Unavailable { status: Some(403), said: None, sent: true, retry_after: wait }
            }
            401 | 403 => UpstreamError::NotPermitted,
            404 => match said() {
                Some(said) if said.starts_with("No HTTP resource") => {
                    UpstreamError::violation("the address knows no such call")
                }
                _ if is_web_page(&reply.body) => UpstreamError::violation(WEB_PAGE),
                _ if may_be_missing => return Ok(reply),
                _ => UpstreamError::NotFound,
            },
            429 => UpstreamError::Throttled { retry_after: wait.unwrap_or_default() },
            408 | 500..=599 => UpstreamError::Unavailable {
                status: Some(reply.status),
                said: said(),
                sent: true,
                retry_after: wait,
            },
            status => UpstreamError::Rejected { status, said: said() },
        })
    }
}

/// Whether a read that failed like this is worth another try right away.
fn passes(error: &UpstreamError) -> bool {
    match error {
        UpstreamError::Unavailable { status, .. } => {
            status.is_none_or(|status| matches!(status, 500 | 502..=504))
        }
        UpstreamError::TimedOut | UpstreamError::Throttled { .. } => true,
        _ => false,
    }
}

const WEB_PAGE: &str = "answered with a web page";

pub(super) fn is_web_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// The error for a body that is not what it should be; a web page is called one.
pub(super) fn unlike(body: &[u8], what: &'static str) -> UpstreamError {
    UpstreamError::violation(if is_web_page(body) { WEB_PAGE } else { what })
}
