//! Durations as people write them: `30s`, `15m`, `90d`.

use std::time::Duration;

/// The longest duration that means anything here.
const LONGEST: Duration = Duration::from_hours(24 * 366);

/// A duration above zero and up to a year.
pub fn positive(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text.trim())
        .map_err(|_| "write a number and a unit, as 30s, 15m or 2h".to_owned())?;
    if duration < Duration::from_millis(1) {
        return Err("it must be longer than nothing".to_owned());
    }
    if duration > LONGEST {
        return Err("it is longer than a year".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_a_unit_and_ends_between_nothing_and_a_year() {
        assert_eq!(positive("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(positive(" 90d "), Ok(Duration::from_hours(90 * 24)));
        for bad in ["", "15", "0s", "2years", "-1s", "soon"] {
            assert!(positive(bad).is_err(), "{bad}");
        }
    }
}
