//! How Mintsoft is called.

use std::time::Duration;

use clap::Args;

use super::duration::positive;
use crate::mintsoft::MintsoftSettings;

/// Limits and switches of the calls to Mintsoft.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Mintsoft")]
pub struct UpstreamArgs {
    /// Calls a second that each login at Mintsoft may make, over all its accounts and instances, 0.01 to 1000
    #[arg(long, env = "LEDGER_CALLS_PER_SECOND", default_value_t = 2.0, value_parser = pace, value_name = "NUMBER")]
    pub calls_per_second: f64,

    /// The longest that one call to Mintsoft may take
    #[arg(long, env = "LEDGER_UPSTREAM_TIMEOUT", default_value = "30s", value_parser = positive, value_name = "DURATION")]
    pub upstream_timeout: Duration,

    /// Let accounts have addresses with http and on this machine itself: for the sandbox, never in production
    #[arg(long, env = "LEDGER_ALLOW_INSECURE_UPSTREAM", value_name = "BOOLEAN", num_args = 0..=1,
          default_value_t = false, default_missing_value = "true", value_parser = clap::builder::BoolishValueParser::new())]
    pub allow_insecure_upstream: bool,
}

impl UpstreamArgs {
    /// What the room of Mintsoft needs to know.
    pub fn settings(&self) -> MintsoftSettings {
        let usual = MintsoftSettings::default();
        MintsoftSettings {
            calls_per_second: self.calls_per_second,
            time_limit: self.upstream_timeout,
            // As long as the two calls took that it is told by: where calls are given up soon, so is the rest. But never shorter than
            // the call of the one who finds out for all, or the next would go before it has come back.
            silent_pause: (self.upstream_timeout * 2).min(usual.silent_pause).max(self.upstream_timeout),
            allow_insecure_upstream: self.allow_insecure_upstream,
            ..usual
        }
    }
}

fn pace(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(pace) if (0.01..=1000.0).contains(&pace) => Ok(pace),
        _ => Err("write a number from 0.01 to 1000, as 2 or 0.5".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        upstream: UpstreamArgs,
    }

    #[test]
    fn a_login_rests_as_long_as_two_calls_up_to_a_minute_and_never_less_than_one() {
        for (limit, rest) in [("2s", 4), ("30s", 60), ("45s", 60), ("5m", 300)] {
            let typed = Typed::parse_from(["ledger", "--upstream-timeout", limit]);
            assert_eq!(typed.upstream.settings().silent_pause, Duration::from_secs(rest), "{limit}");
        }
    }
}
