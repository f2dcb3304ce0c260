//! How fresh what is shown of an order is: when upstream was last heard, by which source, and how long ago.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::instant;

/// The instant of reading, and after how long data counts as old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAt {
    /// Now (UTC), as the reader's clock has it.
    pub now: DateTime<Utc>,
    /// Data heard longer ago than this is stale.
    pub stale_after: TimeDelta,
}

/// How fresh an order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Freshness {
    /// When Mintsoft last gave an answer that covers the order (UTC).
    pub checked_at: DateTime<Utc>,
    /// The source that asked for that answer: `poll`, `refresh`, `recheck`, `connect_action`, ….
    pub via: String,
    /// Seconds since `checked_at`.
    pub age_seconds: i64,
    /// Whether `checked_at` lies longer back than data may be old.
    pub stale: bool,
}

/// How fresh an order is, with the source's text borrowed. It is serialised as a [`Freshness`] is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fresh<'a> {
    #[serde(serialize_with = "instant::plain")]
    pub(crate) checked_at: DateTime<Utc>,
    pub(crate) via: &'a str,
    pub(crate) age_seconds: i64,
    pub(crate) stale: bool,
}

impl From<Fresh<'_>> for Freshness {
    fn from(Fresh { checked_at, via, age_seconds, stale }: Fresh<'_>) -> Self {
        Self { checked_at, via: via.to_owned(), age_seconds, stale }
    }
}

/// An answer of upstream: when it was here (UTC), and the source that asked.
pub(crate) type Heard<'a> = (DateTime<Utc>, &'a str);

/// The freshness that the newest of the answers gives.
pub(crate) fn freshness<'a>(observed: Heard<'a>, beside: [Option<Heard<'a>>; 2], read: ReadAt) -> Fresh<'a> {
    let (checked_at, via) = beside
        .into_iter()
        .flatten()
        .fold(observed, |newest, heard| if heard.0 > newest.0 { heard } else { newest });
    let age = (read.now - checked_at).max(TimeDelta::zero());
    Fresh { checked_at, via, age_seconds: age.num_seconds(), stale: age > read.stale_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("the instant is in range")
    }

    fn heard(seconds: i64, via: &str) -> Heard<'_> {
        (at(seconds), via)
    }

    #[test]
    fn the_newest_answer_counts_and_ages() {
        let read = ReadAt { now: at(400), stale_after: TimeDelta::seconds(300) };
        let fresh =
            freshness(heard(0, "refresh"), [Some(heard(100, "poll")), Some(heard(50, "recheck"))], read);
        assert_eq!(fresh, Fresh { checked_at: at(100), via: "poll", age_seconds: 300, stale: false });
    }

    #[test]
    fn what_was_heard_too_long_ago_is_stale_and_a_clock_behind_makes_no_negative_age() {
        let read = |now| ReadAt { now: at(now), stale_after: TimeDelta::seconds(300) };
        assert!(freshness(heard(0, "poll"), [None, None], read(301)).stale);
        assert_eq!(freshness(heard(0, "poll"), [None, None], read(-5)).age_seconds, 0);
    }
}
