//! Instants as pages show them: in the reader's zone, with the warehouse's beside them. A promised day is a day for all.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use logistics_domain::status::WarehouseClock;

use crate::words::Words;

/// An instant, ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// For programs: RFC 3339 in UTC.
    pub iso: String,
    /// Day and time in the reader's zone.
    pub shown: String,
    /// The day alone.
    pub day: String,
    /// The time alone.
    pub time: String,
    /// The instant with the zone by name, and the warehouse's beside it, for the one who points at it.
    pub title: String,
}

impl Moment {
    /// What was promised, for a reader: a day as the warehouse told it, in whatever zone it is read; else the instant.
    pub fn promised(words: Words, zone: Tz, warehouse: WarehouseClock, instant: DateTime<Utc>) -> Self {
        let Some(told) = warehouse.day_told(instant) else {
            return Self::of(words, zone, warehouse, instant);
        };
        let day = words.day(told);
        Self { iso: told.to_string(), shown: day.clone(), title: day.clone(), day, time: String::new() }
    }

    /// An instant that no warehouse's clock has to do with.
    pub fn plain(words: Words, zone: Tz, instant: DateTime<Utc>) -> Self {
        let shown = words.instant(instant, zone);
        Self {
            iso: instant.to_rfc3339_opts(SecondsFormat::Secs, true),
            day: words.day_of(instant, zone),
            time: words.time_of(instant, zone),
            title: format!("{}: {shown}", place(zone)),
            shown,
        }
    }

    /// An instant of an order, for a reader.
    pub fn of(words: Words, zone: Tz, warehouse: WarehouseClock, instant: DateTime<Utc>) -> Self {
        let plain = Self::plain(words, zone, instant);
        let (city, warehouse) = (place(warehouse.zone()), words.instant(instant, warehouse.zone()));
        Self { title: words.moment_both_zones(city, place(zone), &plain.shown, warehouse), ..plain }
    }
}

/// The place that a zone is named after: `America/Lima` is Lima.
pub(super) fn place(zone: Tz) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn the_warehouses_clock_stands_beside_the_readers() {
        let instant = DateTime::from_timestamp(1_782_964_800, 0).expect("it is in range");
        let (words, london) = (Words::of(Language::Spanish), WarehouseClock::USUAL);
        let moment = Moment::of(words, Tz::America__Lima, london, instant);
        assert_eq!(moment.iso, "2026-07-02T04:00:00Z");
        assert_eq!(moment.shown, "1 jul 2026, 23:00");
        assert_eq!(moment.title, "Lima: 1 jul 2026, 23:00 · Almacén (Londres): 2 jul 2026, 05:00");
        let madrid = WarehouseClock::named(Some("Europe/Madrid"));
        let moment = Moment::of(words, Tz::America__Lima, madrid, instant);
        assert_eq!(moment.title, "Lima: 1 jul 2026, 23:00 · Almacén (Madrid): 2 jul 2026, 06:00");
        let moment = Moment::plain(words, Tz::America__Lima, instant);
        assert_eq!((moment.title.as_str(), moment.time.as_str()), ("Lima: 1 jul 2026, 23:00", "23:00"));
    }

    #[test]
    fn a_promised_day_is_the_same_day_in_lima_and_in_london_in_winter_and_in_summer() {
        let words = Words::of(Language::Spanish);
        let at = |text: &str| text.parse().expect("an instant");
        for zone in [Tz::America__Lima, Tz::Europe__London] {
            let day = |warehouse, text| Moment::promised(words, zone, warehouse, at(text));
            let winter = day(WarehouseClock::USUAL, "2026-11-25T00:00:00Z");
            assert_eq!((winter.day.as_str(), winter.iso.as_str()), ("25 nov 2026", "2026-11-25"));
            assert_eq!(day(WarehouseClock::USUAL, "2026-07-09T23:00:00Z").day, "10 jul 2026");
            let lima = WarehouseClock::named(Some("America/Lima"));
            assert_eq!(day(lima, "2026-11-25T05:00:00Z").shown, "25 nov 2026");
        }
        let hour =
            Moment::promised(words, Tz::America__Lima, WarehouseClock::USUAL, at("2026-11-25T02:00:00Z"));
        assert_eq!(hour.shown, "24 nov 2026, 21:00");
    }
}
