//! Days of a tenant: a date that a person filters by is a day in the tenant's zone, however long that day is.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The steps in which the first instant of a day is looked for where midnight itself does not exist; zones change by
/// quarters of an hour, and at most a whole day was ever left out.
const STEP: TimeDelta = TimeDelta::minutes(15);
const STEPS_MAX: i32 = 4 * 26;

/// The first instant of the day in the zone (UTC). Where clocks skip midnight it is the first that exists; where they
/// repeat it, the earlier one. None beyond what a calendar holds.
pub fn start_of_day(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    (0..STEPS_MAX)
        .find_map(|step| zone.from_local_datetime(&midnight.checked_add_signed(STEP * step)?).earliest())
        .map(|instant| instant.with_timezone(&Utc))
        .filter(|instant| (1..=9999).contains(&instant.year()))
}

/// The first instant after the day in the zone (UTC).
pub fn end_of_day(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    start_of_day(date.checked_add_days(Days::new(1))?, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, zone: Tz) -> (String, i64) {
        let date = text.parse().unwrap();
        let (start, end) = (start_of_day(date, zone).unwrap(), end_of_day(date, zone).unwrap());
        (start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true), (end - start).num_hours())
    }

    #[test]
    fn a_day_in_lima_begins_at_five_in_utc() {
        assert_eq!(day("2026-11-23", chrono_tz::America::Lima), ("2026-11-23T05:00:00Z".to_owned(), 24));
    }

    #[test]
    fn days_on_which_clocks_change_are_as_long_as_they_are() {
        let london = chrono_tz::Europe::London;
        assert_eq!(day("2026-03-29", london), ("2026-03-29T00:00:00Z".to_owned(), 23));
        assert_eq!(day("2026-10-25", london), ("2026-10-24T23:00:00Z".to_owned(), 25));
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_with_its_first_hour() {
        // Santiago leaps from midnight to one o'clock.
        assert_eq!(day("2026-09-06", chrono_tz::America::Santiago), ("2026-09-06T04:00:00Z".to_owned(), 23));
        // Havana repeats the hour after midnight.
        assert_eq!(day("2026-11-01", chrono_tz::America::Havana), ("2026-11-01T04:00:00Z".to_owned(), 25));
    }

    #[test]
    fn a_day_that_was_left_out_is_empty_and_the_end_of_the_calendar_no_panic() {
        assert_eq!(day("2011-12-30", chrono_tz::Pacific::Apia).1, 0);
        assert_eq!(end_of_day(NaiveDate::MAX, chrono_tz::UTC), None);
    }
}
