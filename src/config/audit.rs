//! How often ledgers are sealed.

use std::ops::RangeInclusive;
use std::time::Duration;

use clap::Args;

use super::duration::positive;

/// How often ledgers may be sealed: each checkpoint is kept for ever, and what is not sealed is not proved.
const SEAL_INTERVALS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

/// The proof that ledgers are whole.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Proof")]
pub struct AuditArgs {
    /// How often ledgers that moved are sealed by a signed checkpoint, 1s to 24h
    #[arg(long, env = "LEDGER_SEAL_INTERVAL", default_value = "1m", value_parser = seal_interval, value_name = "DURATION")]
    pub seal_interval: Duration,
}

fn seal_interval(text: &str) -> Result<Duration, String> {
    let duration = positive(text)?;
    if SEAL_INTERVALS.contains(&duration) {
        Ok(duration)
    } else {
        Err("it must be from 1s to 24h".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ledgers_are_sealed_every_second_at_most_and_once_a_day_at_least() {
        assert_eq!(seal_interval("1s"), Ok(Duration::from_secs(1)));
        assert_eq!(seal_interval("1d"), Ok(Duration::from_hours(24)));
        for bad in ["999ms", "0s", "25h", "60"] {
            assert!(seal_interval(bad).is_err(), "{bad}");
        }
    }
}
