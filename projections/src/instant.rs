//! Instants as JSON, as `chrono` writes them: a list has hundreds of them, and they are written without the machinery of
//! formats.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use serde::{Serialize, Serializer};

/// The letters of an instant with nanoseconds.
const LETTERS_MAX: usize = 30;

/// An instant.
pub(crate) fn plain<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut letters = [0; LETTERS_MAX];
    match written(*at, &mut letters) {
        Some(text) => serializer.serialize_str(text),
        None => at.serialize(serializer),
    }
}

/// An instant, or null.
#[expect(clippy::ref_option, reason = "a field is handed over as it is")]
pub(crate) fn optional<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => plain(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// `2026-11-23T04:24:52.123Z`, with as many thousandths as it has; none for what needs more letters.
fn written(at: DateTime<Utc>, letters: &mut [u8; LETTERS_MAX]) -> Option<&str> {
    // Not of the instant itself, which would add its zone's offset, none, once for each part.
    let at = at.naive_utc();
    let (date, time, nanos) = (at.date(), at.time(), at.nanosecond());
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    // The second that a clock was once held back for.
    if nanos > 999_999_999 {
        return None;
    }
    digits(&mut letters[0..4], year);
    for (place, number) in
        [(5, date.month()), (8, date.day()), (11, time.hour()), (14, time.minute()), (17, time.second())]
    {
        digits(&mut letters[place..place + 2], number);
    }
    for (place, letter) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.')] {
        letters[place] = letter;
    }
    let end = if nanos == 0 {
        19
    } else if nanos % 1_000_000 == 0 {
        digits(&mut letters[20..23], nanos / 1_000_000);
        23
    } else if nanos % 1000 == 0 {
        digits(&mut letters[20..26], nanos / 1000);
        26
    } else {
        digits(&mut letters[20..29], nanos);
        29
    };
    letters[end] = b'Z';
    std::str::from_utf8(&letters[..=end]).ok()
}

/// A number in so many digits as there is room for.
fn digits(room: &mut [u8], mut number: u32) {
    for letter in room.iter_mut().rev() {
        *letter = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[derive(Serialize)]
    struct Ours(#[serde(serialize_with = "optional")] Option<DateTime<Utc>>);

    fn same(at: DateTime<Utc>) {
        let (ours, theirs) = (serde_json::to_string(&Ours(Some(at))), serde_json::to_string(&Some(at)));
        assert_eq!(ours.expect("it is written"), theirs.expect("it is written"));
    }

    #[test]
    fn instants_are_written_as_chrono_writes_them() {
        let begin: DateTime<Utc> = "2024-02-28T23:59:59Z".parse().expect("an instant");
        for nanos in [0, 1, 1000, 1_000_000, 123_000_000, 123_456_000, 123_456_789, 999_999_999] {
            for days in [-800_000, -738_000, -10_000, -1, 0, 1, 2, 366, 100_000, 2_900_000, 3_000_000] {
                same(begin + TimeDelta::days(days) + TimeDelta::nanoseconds(nanos));
            }
        }
        same("2016-12-31T23:59:60Z".parse().expect("the second that was added"));
        same(DateTime::<Utc>::MAX_UTC);
        same(DateTime::<Utc>::MIN_UTC);
        assert_eq!(serde_json::to_string(&Ours(None)).expect("it is written"), "null");
    }
}
