//! Dates as upstream writes and reads them: the wall clock of one zone, without an offset, with no to seven
//! fractional digits and their trailing zeros cut. Absent: any notion of now.

use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

/// The wire form of an instant. Written digit by digit: a page of a hundred rows holds some thousand dates.
pub fn write(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone).naive_local();
    let mut text = String::with_capacity(27);
    let year = u32::try_from(local.year()).unwrap_or(1);
    digits(&mut text, year, 4);
    for (sign, part) in [
        ('-', local.month()),
        ('-', local.day()),
        ('T', local.hour()),
        (':', local.minute()),
        (':', local.second()),
    ] {
        text.push(sign);
        digits(&mut text, part, 2);
    }
    let ticks = local.nanosecond() % 1_000_000_000 / 100;
    if ticks > 0 {
        text.push('.');
        digits(&mut text, ticks, 7);
        text.truncate(text.trim_end_matches('0').len());
    }
    text
}

/// Appends a number with leading zeros up to `width` digits.
fn digits(text: &mut String, number: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// The wire form of an instant that may be absent.
pub fn write_opt(at: Option<DateTime<Utc>>, zone: Tz) -> Option<String> {
    at.map(|at| write(at, zone))
}

/// The form that the picking process writes into name values: a space, and whole seconds.
pub fn write_spaced(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Reads a date of a query or body: local time, with or without fraction, a date alone, or with an offset.
pub fn read(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(with_offset) = DateTime::parse_from_rfc3339(text) {
        return Some(with_offset.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        // The hour that the spring change skips is read as if the clock had not yet moved.
        MappedLocalTime::None => {
            let before = zone.from_local_datetime(&(local - TimeDelta::hours(1))).earliest()?;
            Some(before.with_timezone(&Utc) + TimeDelta::hours(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::London;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    #[test]
    fn summer_dates_are_an_hour_ahead_and_carry_no_offset() {
        assert_eq!(write(utc("2026-07-01T09:00:00.25Z"), London), "2026-07-01T10:00:00.25");
        assert_eq!(write(utc("2026-02-01T09:00:00Z"), London), "2026-02-01T09:00:00");
    }

    #[test]
    fn seven_digits_are_the_most_and_trailing_zeros_are_cut() {
        assert_eq!(write(utc("2026-02-01T09:00:00.123456789Z"), London), "2026-02-01T09:00:00.1234567");
        assert_eq!(write(utc("2026-02-01T09:00:00.120000Z"), London), "2026-02-01T09:00:00.12");
        assert_eq!(write(utc("2026-02-01T09:00:10Z"), London), "2026-02-01T09:00:10");
    }

    #[test]
    fn what_was_written_reads_back_as_the_same_instant() {
        for text in ["2026-07-01T09:00:00.2500001Z", "2026-02-01T09:00:00Z"] {
            assert_eq!(read(&write(utc(text), London), London), Some(utc(text)));
        }
    }

    #[test]
    fn a_date_alone_an_offset_and_a_missing_hour_are_read() {
        assert_eq!(read("2026-07-01", London), Some(utc("2026-06-30T23:00:00Z")));
        assert_eq!(read("2026-07-01T09:00:00Z", London), Some(utc("2026-07-01T09:00:00Z")));
        assert_eq!(read("2026-03-29T01:30:00", London), Some(utc("2026-03-29T01:30:00Z")));
        assert_eq!(read("yesterday", London), None);
    }
}
