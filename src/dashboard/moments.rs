//! Instants as pages show them: in the reader's zone, with the warehouse's beside them.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use crate::words::Words;

/// Where the warehouse keeps its clocks.
const WAREHOUSE_ZONE: Tz = Tz::Europe__London;

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
    /// The same in both zones by name, for the one who points at it.
    pub title: String,
}

impl Moment {
    /// The instant for a reader.
    pub fn of(words: Words, zone: Tz, instant: DateTime<Utc>) -> Self {
        let shown = words.instant(instant, zone);
        let warehouse = words.instant(instant, WAREHOUSE_ZONE);
        Self {
            iso: instant.to_rfc3339_opts(SecondsFormat::Secs, true),
            day: words.day_of(instant, zone),
            time: words.time_of(instant, zone),
            title: words.moment_both_zones(place(zone), &shown, warehouse),
            shown,
        }
    }
}

/// The place that a zone is named after: `America/Lima` is Lima.
fn place(zone: Tz) -> String {
    zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn the_warehouses_clock_stands_beside_the_readers() {
        let instant = DateTime::from_timestamp(1_782_964_800, 0).expect("it is in range");
        let moment = Moment::of(Words::of(Language::Spanish), Tz::America__Lima, instant);
        assert_eq!(moment.iso, "2026-07-02T04:00:00Z");
        assert_eq!(moment.shown, "1 jul 2026, 23:00");
        assert_eq!(moment.title, "Lima: 1 jul 2026, 23:00 · Almacén (Londres): 2 jul 2026, 05:00");
    }
}
