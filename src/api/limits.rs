//! Rate limits, and how many requests may be under way at once.
//!
//! Whoever proved lately who they are is counted by that, wherever they call from and whether they ask the API or for pages;
//! everybody else by the address, before anything is looked up for them. At the webhook endpoints the endpoint counts as well, so that no shop pays for
//! another behind the same proxy, and all of them together have a wider limit. An answer says how much is left (`RateLimit-*`). Memory is
//! bounded: strangers share a fixed number of counts, and counts that are full again are forgotten. Absent: limits over all
//! instances; each instance counts for itself.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::concurrency::ConcurrencyLimits;
use super::problem::Problem;
use super::recent_credentials::Proved;
use crate::telemetry::meters;

/// After so many requests the counts that are full again are forgotten.
const FORGET_EVERY: u32 = 4096;

/// How many counts all strangers share.
const STRANGERS_MAX: u64 = 1 << 18;

/// The webhook endpoints stand beneath this path.
pub(super) const WEBHOOKS: &str = "/api/v1/webhooks/";

/// How many webhook endpoints' worth of requests one address may make: there may be a proxy before many shops.
const WEBHOOKS_PER_ADDRESS: u32 = 16;

/// How often something may happen: at once up to `burst` times, and once more each time `every` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How long until one more is granted.
    pub every: Duration,
    /// How many may come at once.
    pub burst: NonZeroU32,
}

impl Rate {
    /// So many a second, and a burst of so many seconds' worth; none where the number is 0.
    pub fn per_second(number: u32, burst_seconds: u32) -> Option<Self> {
        let burst = NonZeroU32::new(number.saturating_mul(burst_seconds))?;
        Some(Self { every: Duration::from_secs(1) / number, burst })
    }

    /// So many times as often.
    fn times(self, number: u32) -> Self {
        let burst = self.burst.saturating_mul(NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN));
        Self { every: (self.every / number.max(1)).max(Duration::from_nanos(1)), burst }
    }
}

/// The limits of the API. What is absent is not limited.
#[derive(Clone, Copy, Debug)]
pub struct LimitSettings {
    /// For each key or person.
    pub per_credential: Option<Rate>,
    /// For each address from which nobody is known, and each webhook endpoint there.
    pub per_address: Option<Rate>,
    /// How many requests of the API, at the webhook endpoints, and of the pages may be under way at once, of each so many;
    /// what comes on top is turned away. A tenant's callers take a quarter of those of the API at most, and so does each of the
    /// platform's. The endpoint of one shop takes an eighth of its kind's at most. At webhook endpoints,
    /// where all are taken, one whose body is awaited is turned away instead.
    pub at_once_max: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            per_credential: Rate::per_second(50, 4),
            per_address: Rate::per_second(200, 5),
            at_once_max: 512,
        }
    }
}

type Counts<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The counts of this process. Cloning shares them.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    callers: Option<Counts<Uuid>>,
    strangers: Option<Counts<u64>>,
    /// All webhook endpoints together, by address.
    webhooks: Option<Counts<u64>>,
    proved: Proved,
    /// Unforeseeable, so that nobody can choose whom to share a count with.
    hasher: RandomState,
    asked: AtomicU32,
    concurrency: ConcurrencyLimits,
}

impl Limits {
    /// Nothing counted yet.
    pub fn of(settings: LimitSettings) -> Self {
        Self(Arc::new(Inner {
            callers: settings.per_credential.and_then(counts),
            strangers: settings.per_address.and_then(counts),
            webhooks: settings.per_address.map(|rate| rate.times(WEBHOOKS_PER_ADDRESS)).and_then(counts),
            proved: Proved::default(),
            hasher: RandomState::new(),
            asked: AtomicU32::new(0),
            concurrency: ConcurrencyLimits::of_each(settings.at_once_max),
        }))
    }

    /// Counts a request of somebody who is known.
    pub(super) fn take_for(&self, principal: Uuid) -> Result<Allowance, Problem> {
        self.forget_now_and_then();
        let taken = self.0.callers.as_ref().map(|counts| take(counts, &principal, "credential"));
        taken.transpose().map(Allowance)
    }

    /// Counts a request of nobody known.
    pub(super) fn take_for_stranger(
        &self,
        extensions: &Extensions,
        path: &str,
    ) -> Result<Allowance, Problem> {
        self.forget_now_and_then();
        let key = |endpoint: Option<WebhookEndpoint<'_>>| {
            self.0.hasher.hash_one((network_of(extensions), endpoint)) % STRANGERS_MAX
        };
        let endpoint = path.strip_prefix(WEBHOOKS).map(WebhookEndpoint::at);
        if let (Some(_), Some(counts)) = (endpoint, &self.0.webhooks) {
            take(counts, &key(None), "address")?;
        }
        if endpoint.is_some_and(|endpoint| endpoint.tenant == Err(NotCanonical)) {
            let detail =
                "there is no such shop; write the tenant's number in the address as it is, in plain digits";
            return Err(Problem::not_found("shop_unknown", detail));
        }
        let Some(counts) = &self.0.strangers else { return Ok(Allowance(None)) };
        take(counts, &key(endpoint), "address").map(|left| Allowance(Some(left)))
    }

    /// Which credentials were good lately.
    pub(super) fn proved(&self) -> &Proved {
        &self.0.proved
    }

    /// How many requests may be under way at once.
    pub(super) fn concurrency(&self) -> &ConcurrencyLimits {
        &self.0.concurrency
    }

    fn forget_now_and_then(&self) {
        if self.0.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.0.callers.as_ref().inspect(|counts| counts.retain_recent());
            self.0.strangers.as_ref().inspect(|counts| counts.retain_recent());
            self.0.webhooks.as_ref().inspect(|counts| counts.retain_recent());
        }
    }
}

/// A webhook endpoint: who delivers, and for which tenant.
#[derive(Clone, Copy, Hash)]
pub(super) struct WebhookEndpoint<'a> {
    name: &'a str,
    tenant: Result<Option<i64>, NotCanonical>,
}

/// A number that is not written as it would be answered: `07`, `+7`, `%37`. One endpoint would have many counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct NotCanonical;

impl<'a> WebhookEndpoint<'a> {
    /// The endpoint at this path beneath [`WEBHOOKS`].
    pub(super) fn at(path: &'a str) -> Self {
        let Some((name, tenant)) = path.split_once('/') else { return Self { name: path, tenant: Ok(None) } };
        Self { name, tenant: canonical(tenant).map(Some).ok_or(NotCanonical) }
    }

    /// Whether it is one shop's. The others are for all tenants.
    pub(super) fn is_of_a_shop(self) -> bool {
        self.tenant != Ok(None)
    }
}

/// The number that is written so, if it is written as it would be answered.
pub(super) fn canonical(text: &str) -> Option<i64> {
    text.parse().ok().filter(|id: &i64| id.to_string() == text)
}

fn counts<K: Clone + std::hash::Hash + Eq>(rate: Rate) -> Option<Counts<K>> {
    let quota = Quota::with_period(rate.every)?.allow_burst(rate.burst);
    Some(RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>())
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    burst: u32,
    remaining: u32,
    full_in_seconds: u64,
    window_seconds: u64,
}

/// What the limit of a request leaves; nothing where there is no limit.
#[derive(Clone, Copy, Debug)]
pub struct Allowance(Option<Left>);

impl Allowance {
    /// Nothing that is told.
    pub(super) const fn untold() -> Self {
        Self(None)
    }

    /// Says in an answer what is left.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Some(left) = self.0 else { return };
        for (name, value) in left.told() {
            headers.insert(name, value);
        }
    }
}

impl Left {
    fn of(quota: Quota, remaining: u32) -> Self {
        let burst = quota.burst_size().get();
        let seconds = |cells: u32| {
            let span = quota.replenish_interval().saturating_mul(cells);
            span.as_secs() + u64::from(span.subsec_nanos() > 0)
        };
        Self {
            burst,
            remaining,
            full_in_seconds: seconds(burst.saturating_sub(remaining)),
            window_seconds: seconds(burst).max(1),
        }
    }

    fn told(self) -> [(&'static str, HeaderValue); 4] {
        let policy = format!("{};w={}", self.burst, self.window_seconds);
        [
            ("ratelimit-limit", self.burst.into()),
            ("ratelimit-remaining", self.remaining.into()),
            ("ratelimit-reset", self.full_in_seconds.into()),
            ("ratelimit-policy", HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(""))),
        ]
    }
}

/// Takes one from a count, or says when there is one again.
fn take<K: Clone + std::hash::Hash + Eq>(
    counts: &Counts<K>,
    key: &K,
    by: &'static str,
) -> Result<Left, Problem> {
    match counts.check_key(key) {
        Ok(state) => Ok(Left::of(state.quota(), state.remaining_burst_capacity())),
        Err(not_until) => {
            meters::limited(by);
            let wait = not_until.wait_time_from(counts.clock().now());
            let seconds = wait.as_secs() + 1;
            let detail = format!("too many requests; wait {seconds} s, and spread them");
            let problem = Problem::of(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail)
                .header(header::RETRY_AFTER, seconds.into());
            let told = Left::of(not_until.quota(), 0).told();
            Err(told.into_iter().fold(problem, |problem, (name, value)| {
                problem.header(header::HeaderName::from_static(name), value)
            }))
        }
    }
}

/// Where the request came from. Behind a proxy, the proxy.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())
}

/// The network that the request came from, as far as one subscriber holds it. Behind a proxy, the proxy's.
pub(super) fn network_of(extensions: &Extensions) -> Option<IpAddr> {
    peer(extensions).map(network)
}

/// An address as far as one subscriber holds it: of version 6 the first half.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// Counts requests to what is open to everybody.
pub(super) async fn count_strangers(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let allowance = match limits.take_for_stranger(request.extensions(), request.uri().path()) {
        Ok(allowance) => allowance,
        Err(problem) => return problem.into_response(),
    };
    let mut response = next.run(request).await;
    allowance.tell(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(burst: u32) -> Limits {
        let burst = NonZeroU32::new(burst).unwrap();
        let rate = Some(Rate { every: Duration::from_hours(1), burst });
        Limits::of(LimitSettings { per_credential: rate, per_address: rate, at_once_max: 1 })
    }

    fn from(address: &str) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>(SocketAddr::new(address.parse().unwrap(), 5)));
        extensions
    }

    #[test]
    fn each_caller_has_a_count_of_its_own() {
        let limits = limits(2);
        let left = |id: u128| limits.take_for(Uuid::from_u128(id)).map(|taken| taken.0.unwrap().remaining);
        assert_eq!((left(1).unwrap(), left(1).unwrap()), (1, 0));
        assert_eq!(left(1).unwrap_err().into_response().status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(left(2).unwrap(), 1);
    }

    #[test]
    fn strangers_are_told_apart_by_network_and_shops_by_their_endpoint() {
        let limits = limits(1);
        let goes = |address: &str, path: &str| limits.take_for_stranger(&from(address), path).is_ok();
        assert!(goes("192.0.2.1", "/docs"));
        assert!(!goes("192.0.2.1", "/openapi.json"));
        assert!(!goes("::ffff:192.0.2.1", "/docs"));
        assert!(goes("192.0.2.2", "/docs"));
        assert!(goes("2001:db8::1", "/docs"));
        assert!(!goes("2001:db8::2", "/docs"));
        assert!(goes("192.0.2.1", "/api/v1/webhooks/shopify/7"));
        assert!(goes("192.0.2.1", "/api/v1/webhooks/shopify/8"));
        assert!(!goes("192.0.2.1", "/api/v1/webhooks/shopify/8"));
    }

    #[test]
    fn an_endpoint_has_one_count_however_its_number_is_written_and_all_endpoints_have_one_together() {
        let limits = limits(1);
        let goes = |endpoint: &str| {
            limits.take_for_stranger(&from("192.0.2.1"), &format!("{WEBHOOKS}{endpoint}")).map(|_| ())
        };
        assert!(goes("shopify/7").is_ok());
        for written in ["07", "+7", "%37", "7/", "-0", ""] {
            let refused = goes(&format!("shopify/{written}")).unwrap_err();
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{written}");
        }
        for tenant in 8..17 {
            assert!(goes(&format!("shopify/{tenant}")).is_ok(), "{tenant}");
        }
        assert_eq!(goes("shopify/17").unwrap_err().status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(limits.take_for_stranger(&from("192.0.2.2"), "/api/v1/webhooks/shopify/17").is_ok());
    }

    #[test]
    fn what_is_full_again_is_forgotten() {
        let rate = Some(Rate { every: Duration::from_nanos(1), burst: NonZeroU32::MIN });
        let limits = Limits::of(LimitSettings { per_credential: rate, per_address: None, at_once_max: 1 });
        for number in 0..3 * u128::from(FORGET_EVERY) {
            limits.take_for(Uuid::from_u128(number)).unwrap();
        }
        assert!(limits.0.callers.as_ref().unwrap().len() <= FORGET_EVERY as usize + 1);
    }

    #[test]
    fn a_rate_of_none_is_no_limit() {
        assert_eq!(Rate::per_second(0, 4), None);
        let none = LimitSettings { per_credential: None, per_address: None, at_once_max: 1 };
        assert!(Limits::of(none).take_for(Uuid::nil()).unwrap().0.is_none());
    }
}
