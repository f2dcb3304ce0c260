//! Where the service is reached.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::duration::positive;

/// The longest that a connection may lie idle.
const IDLE_MAX: Duration = Duration::from_hours(1);

/// Where the service listens, and how others reach it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Service")]
pub struct ListenArgs {
    /// The address to listen on; port 0 takes any free one
    #[arg(long, env = "LEDGER_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// The address under which Mintsoft reaches this service, for callbacks, as https://ledger.example.com; without it
    /// no callbacks are registered
    #[arg(long, env = "LEDGER_PUBLIC_URL", value_parser = public_url, value_name = "URL")]
    pub public_url: Option<String>,

    /// How long a connection may go without another request before it is closed, up to 1h; longer than the proxy before it keeps its
    /// own, as Google Cloud's balancer with 10m
    #[arg(long, env = "LEDGER_IDLE_CONNECTION", default_value = "75s", value_parser = idle, value_name = "DURATION")]
    pub idle_connection: Duration,
}

/// A duration for which a connection may lie idle.
fn idle(text: &str) -> Result<Duration, String> {
    let duration = positive(text)?;
    if duration > IDLE_MAX { Err("it is longer than an hour".to_owned()) } else { Ok(duration) }
}

/// An address with scheme and host, without a slash at the end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url =
        url::Url::parse(text.trim()).map_err(|_| "write it as https://ledger.example.com".to_owned())?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err("it must begin with https:// (or http://) and a host".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err("it must end with the host or a path".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_a_root_without_a_slash() {
        assert_eq!(public_url("https://ledger.example.com/").unwrap(), "https://ledger.example.com");
        assert_eq!(public_url("http://localhost:8080/x/").unwrap(), "http://localhost:8080/x");
        for bad in ["", "ledger.example.com", "ftp://x", "https://x/?a=1", "https://u@x", "mailto:x"] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_connection_lies_idle_for_an_hour_at_most() {
        assert_eq!(idle("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(idle("1h"), Ok(Duration::from_hours(1)));
        for bad in ["0s", "61m", "75"] {
            assert!(idle(bad).is_err(), "{bad}");
        }
    }
}
