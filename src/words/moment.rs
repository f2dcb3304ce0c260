//! Days, instants and ages, as the reader's language and zone have them.

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use chrono_tz::Tz;

use super::Words;

impl Words {
    /// A day: `25 nov 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        self.moment_day(day.day(), self.moment_month(day.month()), day.year())
    }

    /// The day of an instant in a zone.
    pub fn day_of(self, instant: DateTime<Utc>, zone: Tz) -> String {
        self.day(instant.with_timezone(&zone).date_naive())
    }

    /// The time of day of an instant in a zone: `13:28`.
    pub fn time_of(self, instant: DateTime<Utc>, zone: Tz) -> String {
        let local = instant.with_timezone(&zone);
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// Day and time of an instant in a zone: `25 nov 2026, 13:28`.
    pub fn instant(self, instant: DateTime<Utc>, zone: Tz) -> String {
        self.moment_day_time(self.day_of(instant, zone), self.time_of(instant, zone))
    }

    /// How long ago that is: `hace 3 min`. A clock behind makes no future.
    pub fn age(self, seconds: i64) -> String {
        match seconds {
            ..60 => self.moment_age_now(),
            60..3600 => self.moment_age_minutes(seconds / 60),
            3600..86_400 => self.moment_age_hours(seconds / 3600),
            _ => self.moment_age_days(seconds / 86_400),
        }
    }

    /// How long ago an instant is.
    pub fn age_of(self, instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
        self.age((now - instant).num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const ES: Words = Words::of(Language::Spanish);
    const EN: Words = Words::of(Language::English);

    #[test]
    fn an_instant_is_told_in_the_readers_zone_and_language() {
        let instant = DateTime::from_timestamp(1_782_964_800, 0).expect("it is in range");
        assert_eq!(ES.instant(instant, Tz::America__Lima), "1 jul 2026, 23:00");
        assert_eq!(EN.instant(instant, Tz::Europe__London), "2 Jul 2026, 05:00");
    }

    #[test]
    fn an_age_is_told_in_the_largest_whole_unit() {
        assert_eq!(ES.age(-5), "hace un momento");
        assert_eq!(ES.age(59), "hace un momento");
        assert_eq!(ES.age(200), "hace 3 min");
        assert_eq!(EN.age(7200), "2 h ago");
        assert_eq!(ES.age(86_400), "hace 1 día");
        assert_eq!(EN.age(4 * 86_400), "4 days ago");
    }
}
