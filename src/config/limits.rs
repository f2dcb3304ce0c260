//! Rate limits, how much memory caches may take, the origins whose pages may call, and who may read the metrics.

use clap::Args;
use zeroize::Zeroizing;

use crate::api::{LimitSettings, MetricsAccess, Origin, Origins, Rate};
use crate::ledger::LedgerSettings;

/// How many seconds' worth of requests may come at once.
const BURST_SECONDS: u32 = 4;
const STRANGERS_BURST_SECONDS: u32 = 5;

/// The limits of the API, and its metrics.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits and metrics")]
pub struct LimitArgs {
    /// The rate limit of each key or person, in requests a second; four seconds' worth may come at once; 0: no limit
    #[arg(long, env = "LEDGER_RATE_LIMIT", default_value_t = 50, value_name = "NUMBER")]
    pub rate_limit: u32,

    /// The rate limit of each address without a credential, and of each webhook endpoint there, in requests a second; five seconds'
    /// worth may come at once; 0: no limit
    #[arg(long, env = "LEDGER_RATE_LIMIT_ADDRESS", default_value_t = 200, value_name = "NUMBER")]
    pub rate_limit_address: u32,

    /// The most requests under way at once to the API, as many to the webhook endpoints, and as many to the pages; more
    /// are answered 503, and so is what comes to the endpoint of one shop on top of an eighth of them; at the webhook
    /// endpoints one whose body is awaited is answered so instead, if there is one
    #[arg(long, env = "LEDGER_REQUESTS_AT_ONCE", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=100_000), value_name = "NUMBER")]
    pub requests_at_once: u32,

    /// About how much memory, in megabytes, the orders may take that were worked on last, some 280 orders a megabyte; of
    /// these only what is new is read; 0: none are kept
    #[arg(long, env = "LEDGER_ORDERS_AT_HAND_MB", default_value_t = 192, value_parser = clap::value_parser!(u32).range(0..=65_536), value_name = "NUMBER")]
    pub orders_at_hand_mb: u32,

    /// The most memory, in megabytes, that the answers of the API may take that are given again to whoever asks the same in the
    /// same second, while nothing happens; 0: each is made anew
    #[arg(long, env = "LEDGER_ANSWERS_AT_HAND_MB", default_value_t = 32, value_parser = clap::value_parser!(u32).range(0..=4096), value_name = "NUMBER")]
    pub answers_at_hand_mb: u32,

    /// The most memory, in megabytes, that orders may take as lists of the API show them, some 500 to 700 orders a megabyte; of these a list
    /// asks no more than which they are; 0: each is read and written anew
    #[arg(long, env = "LEDGER_LISTED_ORDERS_AT_HAND_MB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=65_536), value_name = "NUMBER")]
    pub listed_orders_at_hand_mb: u32,

    /// The origins, separated by commas, whose pages may call the API from a browser, as https://app.example.com [default:
    /// none]
    #[arg(long, env = "LEDGER_CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGINS")]
    pub cors_origins: Vec<Origin>,

    /// The token that a reader of /metrics sends as `Authorization: Bearer …`, 16 characters or more; without it only this
    /// machine may read them, not through a proxy, and nobody where LEDGER_PUBLIC_URL is set
    #[arg(long, env = "LEDGER_METRICS_TOKEN", hide_env_values = true, value_parser = token, value_name = "TOKEN")]
    pub metrics_token: Option<Zeroizing<String>>,
}

impl LimitArgs {
    /// The limits.
    pub fn limits(&self) -> LimitSettings {
        LimitSettings {
            per_credential: Rate::per_second(self.rate_limit, BURST_SECONDS),
            per_address: Rate::per_second(self.rate_limit_address, STRANGERS_BURST_SECONDS),
            at_once_max: usize::try_from(self.requests_at_once).unwrap_or(usize::MAX),
        }
    }

    /// The bounds of the write path.
    pub fn ledger(&self) -> LedgerSettings {
        let order_cache_bytes_max = u64::from(self.orders_at_hand_mb) << 20;
        LedgerSettings { order_cache_bytes_max, ..LedgerSettings::default() }
    }

    /// How much memory the response cache may take, in bytes.
    pub fn response_cache_bytes_max(&self) -> usize {
        usize::try_from(u64::from(self.answers_at_hand_mb) << 20).unwrap_or(usize::MAX)
    }

    /// How much memory what lists show of orders may take, in bytes.
    pub fn listed_cache_bytes_max(&self) -> u64 {
        u64::from(self.listed_orders_at_hand_mb) << 20
    }

    /// The origins whose pages may call from a browser.
    pub fn origins(&self) -> Origins {
        self.cors_origins.clone().into()
    }

    /// Who may read the metrics. A service with a public address stands behind a proxy, whose requests come from this machine
    /// too.
    pub fn metrics(&self, public_url: Option<&str>) -> MetricsAccess {
        match (&self.metrics_token, public_url) {
            (Some(token), _) => MetricsAccess::Bearer(token.clone()),
            (None, None) => MetricsAccess::ThisMachine,
            (None, Some(_)) => MetricsAccess::Nobody,
        }
    }
}

/// A token that is worth having.
fn token(text: &str) -> Result<Zeroizing<String>, String> {
    if text.len() < 16 || !text.bytes().all(|letter| letter.is_ascii_graphic()) {
        return Err("give at least 16 letters, digits or signs, without spaces".to_owned());
    }
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_public_address_the_metrics_ask_for_a_token() {
        let args = |metrics_token: Option<&str>| LimitArgs {
            rate_limit: 1,
            rate_limit_address: 1,
            requests_at_once: 1,
            orders_at_hand_mb: 1,
            answers_at_hand_mb: 1,
            listed_orders_at_hand_mb: 1,
            cors_origins: vec![],
            metrics_token: metrics_token.map(|token| token.to_owned().into()),
        };
        let public = Some("https://ledger.example.com");
        assert!(matches!(args(None).metrics(None), MetricsAccess::ThisMachine));
        assert!(matches!(args(None).metrics(public), MetricsAccess::Nobody));
        assert!(matches!(args(Some("0123456789abcdef")).metrics(public), MetricsAccess::Bearer(_)));
    }
}
