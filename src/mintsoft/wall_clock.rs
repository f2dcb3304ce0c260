//! Upstream's dates are local wall-clock texts without a zone. Here, and only here, they become instants in UTC, and
//! instants become query values. Pure: the zone comes from the account.
//!
//! Two hours a year need a rule. In the hour that autumn repeats, the **earlier** instant is meant (summer time still
//! runs). In the hour that spring skips, the clock is taken as not yet moved, so the instant lies that much after the
//! jump. An instant that is written with its own offset, or as `/Date(ms)/`, needs no zone.

use chrono::{
    DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta, TimeZone,
    Utc,
};
use chrono_tz::Tz;

/// The zone of an account whose configuration names none.
pub const DEFAULT_ZONE: Tz = Tz::Europe__London;

/// The longest text that can be a date.
const LENGTH_MAX: usize = 64;

/// The text is no date. The text itself is left out: a field may hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no date that Mintsoft is known to write")]
pub struct NotADate;

/// Reads a date of upstream, in `zone` unless it says its own, cut to the microsecond. None for the empty text and for
/// the year 1, which is how upstream writes "never".
pub fn read(text: &str, zone: Tz) -> Result<Option<DateTime<Utc>>, NotADate> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LENGTH_MAX || !text.is_ascii() {
        return Err(NotADate);
    }
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        return milliseconds(inner).map(Some);
    }
    let (local, offset) = split(text)?;
    if local.year() <= 1 {
        return Ok(None);
    }
    let instant = match offset {
        Some(offset) => local.checked_sub_signed(offset).ok_or(NotADate)?.and_utc(),
        None => in_zone(local, zone).ok_or(NotADate)?,
    };
    Ok(Some(instant.trunc_subsecs(6)))
}

/// Writes an instant as a query value: `yyyy-MM-ddTHH:mm:ss` on the wall clock of `zone`, fractions cut off.
pub fn write(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The instant of a wall-clock reading; see the rules at the top of this file.
fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Some(instant.to_utc()),
        LocalResult::Ambiguous(one, other) => Some(one.min(other).to_utc()),
        LocalResult::None => {
            // The gap is at most a day (a zone that moved over the date line): read with the offset in force before.
            let before =
                zone.from_local_datetime(&local.checked_sub_signed(TimeDelta::days(1))?).earliest()?;
            Some(before.to_utc().checked_add_signed(TimeDelta::days(1))?)
        }
    }
}

/// Splits `2026-02-09T14:41:08.99+01:00` into its wall clock and its offset.
fn split(text: &str) -> Result<(NaiveDateTime, Option<TimeDelta>), NotADate> {
    let (day, rest) = text.split_at_checked(10).ok_or(NotADate)?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| NotADate)?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return if rest.is_empty() { Ok((day.and_time(NaiveTime::MIN), None)) } else { Err(NotADate) };
    };
    let (clock, offset) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (&rest[..at], Some(offset(&rest[at..])?)),
        None => (rest, None),
    };
    let format = if clock.matches(':').count() == 1 { "%H:%M" } else { "%H:%M:%S%.f" };
    let time = NaiveTime::parse_from_str(clock.trim(), format).map_err(|_| NotADate)?;
    Ok((day.and_time(time), offset))
}

/// Reads `Z`, `+01:00`, `-0530` or `+01`.
fn offset(text: &str) -> Result<TimeDelta, NotADate> {
    if text.eq_ignore_ascii_case("z") {
        return Ok(TimeDelta::zero());
    }
    let (sign, digits) = text.split_at_checked(1).ok_or(NotADate)?;
    let digits = digits.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotADate);
    }
    let number = |part: &str| part.parse::<i64>().map_err(|_| NotADate);
    let (hours, minutes) = digits.split_at(2);
    let minutes = number(hours)? * 60 + if minutes.is_empty() { 0 } else { number(minutes)? };
    Ok(TimeDelta::minutes(if sign == "-" { -minutes } else { minutes }))
}

/// Reads the inside of `/Date(1770648068996+0000)/`; the offset says nothing, the count is already UTC.
fn milliseconds(inner: &str) -> Result<DateTime<Utc>, NotADate> {
    let end = inner.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-'));
    let count = end.map_or(inner, |(at, _)| &inner[..at]);
    count.parse().ok().and_then(DateTime::from_timestamp_millis).ok_or(NotADate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str, zone: Tz) -> String {
        let instant = read(text, zone).expect("a date").expect("not the empty date");
        instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
    }

    fn london(text: &str) -> String {
        utc(text, DEFAULT_ZONE)
    }

    #[test]
    fn winter_in_london_is_utc_and_summer_is_an_hour_ahead() {
        assert_eq!(london("2026-02-09T14:41:08"), "2026-02-09T14:41:08Z");
        assert_eq!(london("2026-07-09T14:41:08"), "2026-07-09T13:41:08Z");
    }

    #[test]
    fn fractions_of_any_length_are_cut_to_the_microsecond() {
        assert_eq!(london("2016-01-11T22:17:25.16"), "2016-01-11T22:17:25.160Z");
        assert_eq!(london("2026-02-09T14:41:08.996542"), "2026-02-09T14:41:08.996542Z");
        assert_eq!(london("2026-02-09T14:41:09.5121369"), "2026-02-09T14:41:09.512136Z");
    }

    #[test]
    fn the_hour_that_autumn_repeats_means_the_earlier_instant() {
        assert_eq!(london("2026-10-25T00:59:59"), "2026-10-24T23:59:59Z");
        assert_eq!(london("2026-10-25T01:30:00"), "2026-10-25T00:30:00Z");
        assert_eq!(london("2026-10-25T02:00:00"), "2026-10-25T02:00:00Z");
    }

    #[test]
    fn the_hour_that_spring_skips_moves_forward() {
        assert_eq!(london("2026-03-29T00:59:59"), "2026-03-29T00:59:59Z");
        assert_eq!(london("2026-03-29T01:30:00"), "2026-03-29T01:30:00Z");
        assert_eq!(
            write(read("2026-03-29T01:30:00", DEFAULT_ZONE).unwrap().unwrap(), DEFAULT_ZONE),
            "2026-03-29T02:30:00"
        );
        assert_eq!(london("2026-03-29T02:00:00"), "2026-03-29T01:00:00Z");
    }

    #[test]
    fn other_zones_follow_their_own_rules() {
        assert_eq!(utc("2026-07-01T00:30:00", Tz::Europe__Madrid), "2026-06-30T22:30:00Z");
        assert_eq!(utc("2026-11-01T01:30:00", Tz::America__New_York), "2026-11-01T05:30:00Z");
        assert_eq!(utc("2026-03-08T02:30:00", Tz::America__New_York), "2026-03-08T07:30:00Z");
        assert_eq!(utc("2026-10-04T02:15:00", Tz::Australia__Lord_Howe), "2026-10-03T15:45:00Z");
        assert_eq!(utc("2026-07-01T12:00:00", Tz::Asia__Kolkata), "2026-07-01T06:30:00Z");
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_still_read() {
        assert_eq!(utc("2011-12-30T12:00:00", Tz::Pacific__Apia), "2011-12-30T22:00:00Z");
    }

    #[test]
    fn an_offset_of_its_own_wins_over_the_zone() {
        assert_eq!(london("2026-07-09T14:41:08Z"), "2026-07-09T14:41:08Z");
        assert_eq!(london("2026-07-09T14:41:08.5+02:00"), "2026-07-09T12:41:08.500Z");
        assert_eq!(london("2026-07-09T14:41:08-0530"), "2026-07-09T20:11:08Z");
        assert_eq!(london("2026-07-09 14:41:08 +01"), "2026-07-09T13:41:08Z");
        assert_eq!(london("/Date(1770648068996)/"), "2026-02-09T14:41:08.996Z");
        assert_eq!(london("/Date(1770648068996+0100)/"), "2026-02-09T14:41:08.996Z");
        assert_eq!(london("/Date(-1000)/"), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn a_space_a_missing_clock_or_missing_seconds_are_tolerated() {
        assert_eq!(london("2026-02-04 18:31:38"), "2026-02-04T18:31:38Z");
        assert_eq!(london(" 2026-02-04 "), "2026-02-04T00:00:00Z");
        assert_eq!(london("2026-02-04T18:31"), "2026-02-04T18:31:00Z");
    }

    #[test]
    fn the_empty_text_and_the_year_one_are_no_date() {
        for text in ["", "  ", "0001-01-01T00:00:00", "0001-01-01", "0001-01-01T00:00:00Z"] {
            assert_eq!(read(text, DEFAULT_ZONE), Ok(None), "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        let long = "2026-02-04T18:31:38".repeat(5);
        for text in
            ["soon", "2026-13-01", "2026-02-30T00:00:00", "04/02/2026", "2026-02-04T25:00:00", "é", &long]
        {
            assert_eq!(read(text, DEFAULT_ZONE), Err(NotADate), "{text}");
        }
        for text in
            ["/Date(x)/", "/Date()/", "2026-02-04T10:00:00+1", "2026-02-04X", "/Date(99999999999999999)/"]
        {
            assert_eq!(read(text, DEFAULT_ZONE), Err(NotADate), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back_except_in_the_repeated_hour(seconds in 1_600_000_000_i64..1_900_000_000) {
            let instant = DateTime::from_timestamp(seconds, 0).expect("in range");
            let back = read(&write(instant, DEFAULT_ZONE), DEFAULT_ZONE).expect("a date").expect("a date");
            let behind = instant - back;
            proptest::prop_assert!(behind == TimeDelta::zero() || behind == TimeDelta::hours(1));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = read(&text, DEFAULT_ZONE);
        }
    }
}
