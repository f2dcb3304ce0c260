//! The one user of the HTTP client: what leaves the service for Mintsoft leaves here, one request at a time, within the
//! limits of time and size, without redirects or proxies, and only to addresses that may be called. Absent: any
//! retrying, waiting or understanding of what is answered; that is [`calls`](super::calls).

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, redirect, retry};
use sqlx::PgPool;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::account::{AccountAccess, Patience};
use super::address;
use super::budget::Budget;
use super::calls::MintsoftAccount;
use super::public_addresses::{InsideAddress, PublicAddresses};
use super::silence::Silences;
use super::token::LoginKeys;
use super::{MintsoftSettings, UpstreamError};
use crate::clock::Clock;
use crate::secrets::KeyRing;
use crate::telemetry::meters;

/// The longest that connecting may take; the rest of the time limit is for the answer.
const CONNECT_TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept. Short, since an action must not meet one that the other side just closed.
const IDLE_TIME_LIMIT: Duration = Duration::from_secs(20);

/// The way to Mintsoft, one per service; cloning shares it.
#[derive(Clone)]
pub struct MintsoftClient(pub(super) Arc<Parts>);

/// What all accounts share.
pub(super) struct Parts {
    http: Client,
    pub clock: Clock,
    pub settings: MintsoftSettings,
    pub budget: Budget,
    pub login_keys: LoginKeys,
    pub silences: Silences,
}

impl MintsoftClient {
    /// Sets the client up. The state of the logins is shared through `pool`, login keys are sealed with `keys`.
    pub fn new(
        pool: PgPool,
        keys: KeyRing,
        clock: Clock,
        settings: MintsoftSettings,
    ) -> Result<Self, UpstreamError> {
        let http = http_client(&settings)?;
        let budget = Budget::over(pool.clone(), clock.clone(), &settings);
        let login_keys = LoginKeys::over(pool, keys, clock.clone(), &settings);
        let silences = Silences::over(clock.clone(), settings.silent_pause);
        Ok(Self(Arc::new(Parts { http, clock, settings, budget, login_keys, silences })))
    }

    /// The account's calls, with the patience of the settings until another is given.
    pub fn account(&self, access: AccountAccess) -> MintsoftAccount {
        let patience = Patience::background(self.0.settings.patience);
        MintsoftAccount::over(Arc::clone(&self.0), access, patience)
    }

    /// The calls a second that each login may make.
    pub fn calls_per_second(&self) -> f64 {
        self.0.settings.calls_per_second
    }

    /// Forgets the key and the budget of a login that was only tried, and that no stored account has.
    pub async fn forget(&self, access: &AccountAccess) -> Result<(), UpstreamError> {
        self.0.login_keys.forget(access.login_id()).await
    }
}

/// Prepares the HTTP client. On a machine without certificate authorities it trusts nobody: plain http to the sandbox
/// works, and every https call fails.
fn http_client(settings: &MintsoftSettings) -> Result<Client, UpstreamError> {
    let insecure = settings.allow_insecure_upstream;
    let prepared = || {
        #[expect(clippy::disallowed_methods, reason = "this is the one door to other services")]
        Client::builder()
            .user_agent(concat!("logistics-ledger/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .https_only(!insecure)
            .referer(false)
            .connect_timeout(CONNECT_TIME_LIMIT)
            .pool_idle_timeout(IDLE_TIME_LIMIT)
            .timeout(settings.time_limit)
            .dns_resolver(PublicAddresses::of_the_system(insecure))
    };
    prepared()
        .build()
        .or_else(|_| {
            tracing::warn!(
                "no certificate authorities found: https calls will fail; install the package ca-certificates"
            );
            prepared().tls_certs_only([]).build()
        })
        .map_err(|_| UpstreamError::NoTls)
}

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Put,
    Post,
}

/// One request, ready to be sent.
pub(super) struct Outgoing<'a> {
    pub verb: Verb,
    pub url: Url,
    pub key: Option<&'a str>,
    pub body: Option<Zeroizing<Vec<u8>>>,
}

/// What came back, whatever its status.
pub(super) struct Reply {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub body: Vec<u8>,
    pub asked_at: DateTime<Utc>,
    pub answered_at: DateTime<Utc>,
}

impl Parts {
    /// Sends one request of a login once.
    pub async fn send(&self, login_id: Uuid, outgoing: Outgoing<'_>) -> Result<Reply, UpstreamError> {
        let (begun, asked) = (Instant::now(), outgoing.url.clone());
        let of = (login_id, outgoing.key.is_none());
        let outcome = self.exchange(outgoing).await;
        meters::called(in_a_word(&outcome), begun.elapsed());
        self.silences.note(of, &asked, &outcome, begun);
        outcome
    }

    async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Reply, UpstreamError> {
        let method = match outgoing.verb {
            Verb::Get => Method::GET,
            Verb::Put => Method::PUT,
            Verb::Post => Method::POST,
        };
        let mut request = self.http.request(method, outgoing.url).header(ACCEPT, "application/json");
        if let Some(key) = outgoing.key {
            let mut value = HeaderValue::from_str(key).map_err(|_| UpstreamError::NotPermitted)?;
            value.set_sensitive(true);
            request = request.header("ms-apikey", value);
        }
        if let Some(body) = outgoing.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_vec());
        }
        let asked_at = self.clock.now();
        let response = request.send().await.map_err(|error| told(&error))?;
        let status = response.status().as_u16();
        let retry_after = self.retry_after(&response);
        let body = self.read_body(response).await?;
        Ok(Reply { status, retry_after, body, asked_at, answered_at: self.clock.now() })
    }

    /// Reads the body piece by piece, so that an endless one is cut off.
    async fn read_body(&self, mut response: Response) -> Result<Vec<u8>, UpstreamError> {
        let limit_bytes = self.settings.body_limit_bytes;
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| told(&error))? {
            if body.len() + piece.len() > limit_bytes {
                return Err(UpstreamError::TooLarge { limit_bytes });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// How long the answer asks to wait, in seconds or until a date, within reason.
    fn retry_after(&self, response: &Response) -> Option<Duration> {
        let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
        let wait = if let Ok(seconds) = text.parse::<u64>() {
            Duration::from_secs(seconds)
        } else {
            let until = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
            (until - self.clock.now()).max(TimeDelta::zero()).to_std().ok()?
        };
        Some(wait.min(self.settings.throttled_pause_max))
    }
}

/// What came of a call, for the meters.
const fn in_a_word(outcome: &Result<Reply, UpstreamError>) -> &'static str {
    match outcome {
        Ok(reply) => match reply.status {
            200..=299 => "2xx",
            300..=399 => "3xx",
            401 => "401",
            429 => "429",
            400..=499 => "4xx",
            _ => "5xx",
        },
        Err(UpstreamError::TimedOut) => "timed_out",
        Err(UpstreamError::TooLarge { .. }) => "too_large",
        Err(UpstreamError::BadUrl { .. }) => "address_refused",
        Err(_) => "unreachable",
    }
}

/// Turns a transport error into ours. Its own text is left behind: it holds the URL.
fn told(error: &reqwest::Error) -> UpstreamError {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(inner) = cause {
        if inner.is::<InsideAddress>() {
            return UpstreamError::BadUrl { why: address::NOT_PUBLIC };
        }
        cause = inner.source();
    }
    if error.is_timeout() && !error.is_connect() {
        return UpstreamError::TimedOut;
    }
    let sent = !(error.is_connect() || error.is_builder());
    UpstreamError::Unavailable { status: None, said: None, sent, retry_after: None }
}
