//! The settings of this room; the composing code fills them.

use std::time::Duration;

/// How Mintsoft is called.
#[derive(Clone, Debug)]
pub struct MintsoftSettings {
    /// Opens `http` and the machine's own loopback, for the sandbox.
    pub allow_insecure_upstream: bool,
    /// Calls a second that one login may make, over all its accounts and all instances.
    pub calls_per_second: f64,
    /// The longest that one call may take, from connecting to the last byte.
    pub time_limit: Duration,
    /// The longest body that is read, in bytes after decompression.
    pub body_limit_bytes: usize,
    /// How often a read is tried again after a failure that may pass.
    pub retries_max: u32,
    /// The wait before the first retry; it doubles each time, up to sixteenfold, with jitter.
    pub retry_base: Duration,
    /// How long everybody waits after a 429 that says no time.
    pub throttled_pause: Duration,
    /// The longest that a `Retry-After` is believed.
    pub throttled_pause_max: Duration,
    /// The most of such a pause that work in the background waits for, with its place among the jobs in hand.
    pub throttled_wait_max: Duration,
    /// How long a login that upstream does not answer is left alone.
    pub silent_pause: Duration,
    /// How long a login that was refused is not tried again.
    pub wrong_login_pause: Duration,
    /// The age at which a login key is renewed; Mintsoft lets it live 24 hours.
    pub login_key_age_max: Duration,
    /// How long a caller that says nothing else lets a call wait before it is sent.
    pub patience: Duration,
}

impl Default for MintsoftSettings {
    fn default() -> Self {
        Self {
            allow_insecure_upstream: false,
            calls_per_second: 2.0,
            time_limit: Duration::from_secs(30),
            body_limit_bytes: 20 * 1024 * 1024,
            retries_max: 3,
            retry_base: Duration::from_millis(500),
            throttled_pause: Duration::from_mins(1),
            throttled_pause_max: Duration::from_mins(15),
            throttled_wait_max: Duration::from_secs(5),
            silent_pause: Duration::from_mins(1),
            wrong_login_pause: Duration::from_mins(15),
            login_key_age_max: Duration::from_hours(23),
            patience: Duration::from_mins(2),
        }
    }
}

impl MintsoftSettings {
    /// The time between two calls of a login. An absurd pace is brought back between one call in 100 s and a million
    /// in a second.
    pub(super) fn pace(&self) -> Duration {
        let per_second =
            if self.calls_per_second.is_finite() { self.calls_per_second.clamp(0.01, 1e6) } else { 2.0 };
        Duration::from_secs_f64(1.0 / per_second)
    }
}
