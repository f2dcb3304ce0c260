//! How far a run got in the list of scans. A list that is longer than one run reads is gone on with by the next run: at the
//! last page that was read, where the pages showed the list to be in the order of change. Upstream promises no order, and
//! where there is none nobody knows which scans are missing; then the next run asks for half the span, so that the runs come
//! to the list's end, and what may be missing is told.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use logistics_domain::AccountId;

use super::cursor;
use crate::mintsoft::wall_clock;
use crate::mintsoft::wire::{Row, TrackingEvent};
use crate::telemetry::meters;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScansRead {
    /// Where the cursor is to be afterwards (UTC).
    pub since: DateTime<Utc>,
    /// From when to when (UTC) scans may be missing, as the next run does not ask for them any more.
    missing: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl ScansRead {
    /// Tells operators what may be missing, once the cursor is where it says.
    pub fn tell(self, account: AccountId) {
        let Some((from, to)) = self.missing else { return };
        meters::scans_missing();
        tracing::error!(
            %account, %from, %to,
            "Mintsoft's list of tracking events is longer than one run reads, and in no order that shows: some of this span \
             may be missing"
        );
    }
}

/// What the pages of one run showed.
pub(super) struct PagesSeen {
    overlap: TimeDelta,
    newest: Option<DateTime<Utc>>,
    newest_of_first: Option<DateTime<Utc>>,
    oldest_of_last: Option<DateTime<Utc>>,
    is_in_order: bool,
    met: HashSet<i64>,
    /// Whether a row came on two pages.
    pub met_twice: bool,
}

impl PagesSeen {
    /// None yet. Each run asks for what the one before read by as much as `overlap`.
    pub fn none(overlap: TimeDelta) -> Self {
        Self {
            overlap,
            newest: None,
            newest_of_first: None,
            oldest_of_last: None,
            is_in_order: true,
            met: HashSet::new(),
            met_twice: false,
        }
    }

    /// One more page. Rows whose date cannot be read tell nothing.
    pub fn note(&mut self, rows: &[Row<TrackingEvent>], zone: Tz) {
        for id in rows.iter().filter_map(|row| row.id) {
            self.met_twice |= !self.met.insert(id);
        }
        let read = |row: &Row<TrackingEvent>| {
            let changed = row.parsed.as_ref().ok()?.last_updated.as_deref()?;
            wall_clock::read(changed, zone).ok().flatten()
        };
        let changes: Vec<DateTime<Utc>> = rows.iter().filter_map(read).collect();
        let Some((oldest, newest)) = changes.iter().min().copied().zip(changes.iter().max().copied()) else {
            return;
        };
        // What is out of order by less than the overlap is asked for again anyway.
        self.is_in_order &= self.newest.is_none_or(|before| oldest >= before - self.overlap);
        self.newest = self.newest.max(Some(newest));
        self.newest_of_first = self.newest_of_first.or(Some(newest));
        self.oldest_of_last = Some(oldest);
    }

    /// Where the next run begins after one that came to the list's end.
    pub fn at_end(&self, before: DateTime<Utc>, began_at: DateTime<Utc>) -> ScansRead {
        ScansRead { since: cursor::after_run(before, began_at, self.newest), missing: None }
    }

    /// Where the next run goes on after one that read as many pages as it may, of what changed since `asked_since`.
    pub fn cut_short(
        &self,
        (before, asked_since): (DateTime<Utc>, DateTime<Utc>),
        began_at: DateTime<Utc>,
    ) -> ScansRead {
        // Unless the next run begins behind the first page, it would read the same pages, and the order has not shown.
        let gets_on = |reached: &DateTime<Utc>| {
            self.is_in_order && self.newest_of_first.is_some_and(|first| *reached - self.overlap > first)
        };
        if let Some(reached) = self.oldest_of_last.filter(gets_on) {
            return ScansRead { since: cursor::after_run(before, began_at, Some(reached)), missing: None };
        }
        let since = before + (began_at - before).max(TimeDelta::zero()) / 2;
        let asked_next = since - self.overlap;
        ScansRead { since, missing: (asked_next > asked_since).then_some((asked_since, asked_next)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mintsoft::wire::read_rows;

    const OVERLAP: TimeDelta = TimeDelta::hours(2);

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 - 1_800_000_000 % 86_400 + hour * 3600, 0).expect("an instant")
    }

    /// What a run that began at hour 100, and asked since hour 0, makes of pages with rows of these hours.
    fn cut_short(pages: &[&[i64]]) -> ScansRead {
        let mut seen = PagesSeen::none(OVERLAP);
        for hours in pages {
            let row = |hour: &i64| {
                let changed = wall_clock::write(at(*hour), chrono_tz::UTC);
                format!(r#"{{"ID":{hour},"LastUpdated":"{changed}"}}"#)
            };
            let rows: Vec<String> = hours.iter().map(row).collect();
            let rows = read_rows(format!("[{}]", rows.join(",")).as_bytes()).expect("an array");
            seen.note(&rows, chrono_tz::UTC);
        }
        seen.cut_short((at(2), at(0)), at(100))
    }

    #[test]
    fn a_list_in_the_order_of_change_is_gone_on_with_at_the_last_page() {
        let goes_on = ScansRead { since: at(20), missing: None };
        assert_eq!(cut_short(&[&[0, 4], &[9, 8], &[20, 29]]), goes_on);
        assert_eq!(cut_short(&[&[0, 4], &[5, 3], &[], &[20, 29]]), goes_on, "nearly in order");
    }

    #[test]
    fn of_a_list_in_another_order_half_the_span_is_asked_for_and_the_rest_may_be_missing() {
        let halved = ScansRead { since: at(51), missing: Some((at(0), at(49))) };
        assert_eq!(cut_short(&[&[99, 90], &[89, 70], &[69, 60]]), halved, "newest first");
        assert_eq!(cut_short(&[&[1, 90], &[2, 70], &[3, 60]]), halved, "no order");
        assert_eq!(cut_short(&[&[5, 6], &[6, 7], &[7, 7]]), halved, "the order has not shown");
        assert_eq!(cut_short(&[&[], &[]]), halved, "no dates");
    }

    #[test]
    fn runs_that_read_no_order_come_to_a_span_that_they_can_read() {
        let (mut before, began_at) = (at(0), at(1_000));
        for _ in 0..12 {
            before = PagesSeen::none(OVERLAP).cut_short((before, before - OVERLAP), began_at).since;
        }
        assert!(began_at - before < TimeDelta::minutes(15), "{before}");
    }
}
