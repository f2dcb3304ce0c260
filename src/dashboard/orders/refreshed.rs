//! The refresh that a reader asks for: the order is read again in the warehouse, and its page says whether that came about
//! and what it brought. The address of that page is read again later too, so what is said there holds only for a while.

use axum::extract::State;
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use logistics_projections::orders::Freshness;
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use crate::access::Right;
use crate::api::{Path, Problem};
use crate::dashboard::form::Posted;
use crate::sync::Refreshed;

/// What is no longer ago than this, in seconds, is just now, as ages are told.
const JUST_NOW_SECONDS: i64 = 60;

/// The version that the reader had before them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    seen: i64,
}

/// What a page's address tells of a refresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refreshing {
    /// The version that the reader had before them; what is newer is news.
    pub(super) since: Option<i64>,
    /// When the order was read again, in seconds since 1970.
    pub(super) read_at: Option<i64>,
    /// When it was to be read again and was not, in seconds since 1970.
    pub(super) unread_at: Option<i64>,
}

/// Reads the order again in the warehouse, and shows what that brought.
pub(super) async fn refresh(
    State(pages): State<Pages>,
    Path(id): Path<Uuid>,
    Posted { visit, form }: Posted<Refresh>,
) -> Result<Redirect, Problem> {
    visit.require(Right::ReadOrders)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let before = pages.sources.ledger.open(address(scope, &order)).await?.version;
    let asked_at = Some(pages.gate.clock.now().timestamp());
    // What came by itself while the page lay open is news to its reader, too.
    let since = Some(form.seen.clamp(0, before));
    let told = match pages.refresh_order(&scope, &order).await {
        Refreshed::Read => Refreshing { since, read_at: asked_at, unread_at: None },
        Refreshed::NotRead => Refreshing { since, read_at: None, unread_at: asked_at },
    };
    Ok(Redirect::to(&visit.order(id, &told.query())))
}

impl Refreshing {
    /// What came of the refresh, as the query of an address.
    pub(super) fn query(self) -> String {
        let Self { since, read_at, unread_at } = self;
        let fields = [("since", since), ("read_at", read_at), ("unread_at", unread_at)];
        let told = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        let told: Vec<_> = told.collect();
        if told.is_empty() { String::new() } else { format!("?{}", told.join("&")) }
    }

    /// Whether the warehouse was asked so lately that whoever opens the page need not wait for it once more.
    pub(super) fn is_just_now(self, now: DateTime<Utc>) -> bool {
        let asked_at = self.read_at.or(self.unread_at);
        asked_at.is_some_and(|at| now.timestamp().abs_diff(at) < JUST_NOW_SECONDS.unsigned_abs())
    }

    /// Whether the order could not be read, and nothing was heard of it since.
    pub(super) fn is_unread(self, freshness: &Freshness) -> bool {
        self.unread_at.is_some_and(|at| freshness.checked_at.timestamp() <= at)
    }

    /// How many events are news, where that is to be said. That there are none is said only while the order was just read.
    pub(super) fn news(self, version: i64, freshness: &Freshness) -> Option<i64> {
        let count = version.saturating_sub(self.since?).max(0);
        let was_just_read = !self.is_unread(freshness) && freshness.age_seconds < JUST_NOW_SECONDS;
        (count > 0 || was_just_read).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("the instant is in range")
    }

    /// Checked at that second, as of a later one.
    fn checked(seconds: i64, now: i64) -> Freshness {
        let age_seconds = (at(now) - at(seconds)).num_seconds();
        Freshness { checked_at: at(seconds), via: "poll".to_owned(), age_seconds, stale: age_seconds > 300 }
    }

    #[test]
    fn that_nothing_is_new_is_said_only_while_the_order_was_just_read() {
        let read = Refreshing { since: Some(3), read_at: Some(at(0).timestamp()), unread_at: None };
        assert_eq!(read.news(3, &checked(0, 59)), Some(0));
        assert_eq!(read.news(3, &checked(0, 60)), None);
        assert_eq!(read.news(5, &checked(0, 9_000)), Some(2), "what came since stays news");
        assert_eq!(Refreshing::default().news(3, &checked(0, 0)), None, "nobody asked");
    }

    #[test]
    fn what_could_not_be_read_is_so_until_something_is_heard_of_it() {
        let unread = Refreshing { since: Some(3), read_at: None, unread_at: Some(at(100).timestamp()) };
        for (heard, is_unread, news) in
            [(90, true, None), (100, true, None), (101, false, Some(0)), (105, false, Some(0))]
        {
            let freshness = checked(heard, 110);
            assert_eq!(
                (unread.is_unread(&freshness), unread.news(3, &freshness)),
                (is_unread, news),
                "{heard}"
            );
        }
        assert_eq!(unread.news(4, &checked(90, 110)), Some(1), "it came by another way");
    }

    #[test]
    fn an_address_that_is_opened_later_asks_again() {
        let now = at(100);
        for told in [Some(at(100)), Some(at(41)), Some(at(159)), Some(at(40)), Some(at(160)), None] {
            let read = Refreshing { read_at: told.map(|at| at.timestamp()), ..Refreshing::default() };
            let unread = Refreshing { unread_at: read.read_at, read_at: None, ..read };
            let is_near = told.is_some_and(|told| (now - told).abs() < TimeDelta::seconds(60));
            assert_eq!((read.is_just_now(now), unread.is_just_now(now)), (is_near, is_near), "{told:?}");
        }
        let extreme =
            Refreshing { since: Some(i64::MIN), read_at: Some(i64::MIN), unread_at: Some(i64::MAX) };
        assert!(!extreme.is_just_now(now) && extreme.is_unread(&checked(0, 0)));
        assert_eq!(extreme.news(3, &checked(0, 0)), Some(i64::MAX));
    }

    #[test]
    fn an_address_tells_of_a_refresh_and_of_nothing_else() {
        let unread = Refreshing { since: Some(3), read_at: None, unread_at: Some(7) };
        assert_eq!(unread.query(), "?since=3&unread_at=7");
        assert_eq!(Refreshing::default().query(), "");
    }
}
