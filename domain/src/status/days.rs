//! Days that are promised. Upstream tells a day as its first instant on the warehouse's clock, in whatever zone that is;
//! anything else is an instant. A day is the same day for whoever reads of it, wherever that is.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The zone of a warehouse that names none.
const USUAL_ZONE: Tz = Tz::Europe__London;

/// The clock on the warehouse's wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarehouseClock(Tz);

impl Default for WarehouseClock {
    fn default() -> Self {
        Self::USUAL
    }
}

impl WarehouseClock {
    /// The clock of a warehouse that names no zone.
    pub const USUAL: Self = Self(USUAL_ZONE);

    /// The clock of a zone by its name in the order's details; none is the usual one.
    pub fn named(zone: Option<&str>) -> Self {
        Self(zone.and_then(|name| name.parse().ok()).unwrap_or(USUAL_ZONE))
    }

    /// The name that an order's details carry for a zone; none for the usual one.
    pub fn name_of(zone: Tz) -> Option<String> {
        (zone != USUAL_ZONE).then(|| zone.name().to_owned())
    }

    /// Its zone.
    pub const fn zone(self) -> Tz {
        self.0
    }

    /// The day that was promised, where a day was.
    pub fn day_told(self, promised: DateTime<Utc>) -> Option<NaiveDate> {
        let day = promised.with_timezone(&self.0).date_naive();
        (self.begin_of(day) == Some(promised)).then_some(day)
    }

    /// From when on it is late: a day ends with the day, an instant at once.
    pub fn end_of(self, promised: DateTime<Utc>) -> DateTime<Utc> {
        let next = self.day_told(promised).and_then(|day| day.succ_opt());
        next.and_then(|day| self.begin_of(day)).unwrap_or(promised)
    }

    /// The first instant of a day. A midnight that spring skips is read as upstream's dates are: by the clock before.
    fn begin_of(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let midnight = day.and_time(NaiveTime::MIN);
        match self.0.from_local_datetime(&midnight) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
            LocalResult::None => {
                let day_before = midnight.checked_sub_signed(TimeDelta::days(1))?;
                let before = self.0.from_local_datetime(&day_before).earliest()?;
                before.to_utc().checked_add_signed(TimeDelta::days(1))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn told(zone: Option<&str>, promised: &str) -> (Option<String>, DateTime<Utc>) {
        let clock = WarehouseClock::named(zone);
        (clock.day_told(at(promised)).map(|day| day.to_string()), clock.end_of(at(promised)))
    }

    fn day(day: &str, end: &str) -> (Option<String>, DateTime<Utc>) {
        (Some(day.to_owned()), at(end))
    }

    #[test]
    fn a_day_of_london_is_told_in_winter_in_summer_and_when_the_clock_is_moved() {
        assert_eq!(told(None, "2026-11-25T00:00:00Z"), day("2026-11-25", "2026-11-26T00:00:00Z"));
        assert_eq!(told(None, "2026-07-09T23:00:00Z"), day("2026-07-10", "2026-07-10T23:00:00Z"));
        assert_eq!(told(None, "2026-03-29T00:00:00Z"), day("2026-03-29", "2026-03-29T23:00:00Z"));
        assert_eq!(told(None, "2026-10-24T23:00:00Z"), day("2026-10-25", "2026-10-26T00:00:00Z"));
    }

    #[test]
    fn an_instant_is_none_and_ends_at_once() {
        for promised in ["2026-11-25T23:00:00Z", "2026-07-09T00:00:00Z", "2026-07-09T12:30:00Z"] {
            assert_eq!(told(None, promised), (None, at(promised)));
        }
    }

    #[test]
    fn each_warehouse_has_its_own_midnight() {
        assert_eq!(
            told(Some("America/Lima"), "2026-11-25T05:00:00Z"),
            day("2026-11-25", "2026-11-26T05:00:00Z")
        );
        assert_eq!(told(Some("America/Lima"), "2026-11-25T00:00:00Z").0, None);
        assert_eq!(
            told(Some("Europe/Madrid"), "2026-07-09T22:00:00Z"),
            day("2026-07-10", "2026-07-10T22:00:00Z")
        );
        // Chile's clocks are moved at midnight: this day begins at one o'clock.
        assert_eq!(
            told(Some("America/Santiago"), "2026-09-06T04:00:00Z"),
            day("2026-09-06", "2026-09-07T03:00:00Z")
        );
        assert_eq!(told(Some("Not/AZone"), "2026-11-25T00:00:00Z").0.as_deref(), Some("2026-11-25"));
    }

    #[test]
    fn only_a_zone_that_is_not_the_usual_one_is_named() {
        assert_eq!(WarehouseClock::name_of(Tz::Europe__London), None);
        let lima = WarehouseClock::name_of(Tz::America__Lima);
        assert_eq!(WarehouseClock::named(lima.as_deref()).zone(), Tz::America__Lima);
    }
}
