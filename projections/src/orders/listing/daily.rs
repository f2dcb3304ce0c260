//! Lists of some days that are sorted by the last change, walked a day at a time: along an index that stands by day and then by
//! change, the first of each day are the first of all.
//!
//! Most of those days have none of the page, and to walk each as far as the page reaches would find that out late. So a few days
//! are walked first, the nearest to where the list begins, to know up to **where** the page reaches at most. Whatever lies
//! further is not looked at, and a day without any costs no more than a look.

use chrono::{NaiveDate, TimeDelta};

use super::conditions::{Sql, push_range, push_shown};
use super::filter::{DateField, DayRange};
use super::list::OrderList;
use super::sorting::{SortBy, SortOrder};
use super::walk::{push_after, push_part_sorting};
use crate::scope::TenantScope;

/// The most days that are walked.
const DAYS_MAX: usize = 400;

/// Ranges of at most this many days are walked without asking counters how many orders they hold, where the list is of all facets and
/// the range has two ends.
const SHORT: usize = 62;

/// The furthest order, counted from where the list begins, that is read along days or hours.
pub(in crate::orders) const REACH_MAX: i64 = 251;

/// The first pass reads this multiple of `reach`; its `reach`-th order bounds the second pass.
const FIRST: i64 = 3;

/// Days to be walked, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::orders) struct Daily {
    /// The column of days.
    column: &'static str,
    field: DateField,
    /// What is asked for, by the clock.
    range: DayRange,
    /// The days of UTC that it touches.
    days: Vec<NaiveDate>,
}

impl Daily {
    /// The days of a range, where the list can be read along them; none where it has no end, unless that is told. What is told
    /// are days of whatever zone.
    pub(in crate::orders) fn of(
        list: &OrderList,
        (field, range): (DateField, DayRange),
        (first, last): (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Option<Self> {
        let column = day_column(field)?;
        if list.sort_by != SortBy::UpdatedAt || list.reach() > REACH_MAX {
            return None;
        }
        let begin = range.from.map(|from| from.instant.date_naive());
        let end = range.to.and_then(|to| to.instant.checked_sub_signed(TimeDelta::nanoseconds(1)));
        // A day of a zone lies on two days of UTC.
        let (first, last) = (first.and_then(|day| day.pred_opt()), last.and_then(|day| day.succ_opt()));
        let begin = begin.max(first)?;
        let end = match (end.map(|end| end.date_naive()), last) {
            (Some(end), Some(last)) => end.min(last),
            (end, last) => end.or(last)?,
        };
        let mut days: Vec<_> = begin.iter_days().take_while(|day| *day <= end).take(DAYS_MAX + 1).collect();
        if list.sort_order == SortOrder::Desc {
            days.reverse();
        }
        (days.len() <= DAYS_MAX).then_some(Self { column, field, range, days })
    }

    /// Whether to walk the days costs little, also where they have nothing.
    pub(in crate::orders) fn is_short(&self) -> bool {
        self.days.len() <= SHORT
    }

    /// How many days there are.
    pub(in crate::orders) fn len(&self) -> usize {
        self.days.len()
    }
}

/// The column that holds the day of an instant, where an index stands by it.
pub(in crate::orders) const fn day_column(field: DateField) -> Option<&'static str> {
    match field {
        DateField::OrderedAt => Some("ordered_day"),
        DateField::DispatchedAt | DateField::CreatedAt | DateField::UpdatedAt => None,
    }
}

/// The ids of orders of those days, of the facets in an array or of all.
pub(in crate::orders) fn push_daily(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    daily: &Daily,
    facets: Option<&'static str>,
) {
    let (furthest, ahead) = match list.sort_order {
        SortOrder::Asc => ("'infinity'", " <= "),
        SortOrder::Desc => ("'-infinity'", " >= "),
    };
    sql.push("with reached as materialized (select coalesce((select n.key from (");
    push_days(sql, scope, list, (daily, facets), "");
    sql.push(" limit ").push_bind(list.reach().saturating_mul(FIRST)).push(") n order by n.key");
    sql.push(list.sort_order.sql()).push(" offset ").push_bind(list.reach() - 1);
    sql.push(" limit 1), ").push(furthest).push("::timestamptz) as key) ");
    push_days(sql, scope, list, (daily, facets), ahead);
}

/// The orders of each day, as many as the list reaches; of those `ahead` of what is reached, where that is known.
fn push_days(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    (daily, facets): (&Daily, Option<&'static str>),
    ahead: &'static str,
) {
    sql.push("select s.id, 0 as part, s.key from ");
    if !ahead.is_empty() {
        sql.push("reached cross join ");
    }
    sql.push("unnest(").push_bind(daily.days.clone()).push(") d(day) cross join lateral (");
    sql.push("select o.id, o.updated_at as key from logistics_orders o where ");
    push_shown(sql, scope);
    sql.push(" and o.").push(daily.column).push(" = d.day");
    push_range(sql, daily.field, daily.range);
    if let Some(facets) = facets {
        // Not as it is stored, or an index by facet may be read.
        sql.push(" and o.facet + 0 = any(").push(facets).push(")");
    }
    push_after(sql, list, "updated_at", 0);
    if !ahead.is_empty() {
        sql.push(" and o.updated_at").push(ahead).push("reached.key");
    }
    push_part_sorting(sql, list, "updated_at");
    sql.push(" limit ").push_bind(list.reach()).push(") s");
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::super::filter::Day;
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Day {
        let instant: DateTime<Utc> = text.parse().unwrap();
        Day { date: instant.date_naive(), instant }
    }

    fn days(range: DayRange, told: (Option<NaiveDate>, Option<NaiveDate>)) -> Option<Vec<NaiveDate>> {
        let list = OrderList { sort_order: SortOrder::Asc, ..OrderList::default() };
        Daily::of(&list, (DateField::OrderedAt, range), told).map(|daily| daily.days)
    }

    #[test]
    fn the_days_of_a_zone_touch_days_of_utc_at_both_ends() {
        let midnight =
            DayRange { from: Some(at("2026-06-01T00:00:00Z")), to: Some(at("2026-06-03T00:00:00Z")) };
        assert_eq!(days(midnight, (None, None)), Some(vec![date("2026-06-01"), date("2026-06-02")]));
        let lima = DayRange { from: Some(at("2026-06-01T05:00:00Z")), to: Some(at("2026-06-02T05:00:00Z")) };
        assert_eq!(days(lima, (None, None)), Some(vec![date("2026-06-01"), date("2026-06-02")]));
        let backwards = DayRange { from: lima.to, to: lima.from };
        assert_eq!(days(backwards, (None, None)), Some(vec![]));
    }

    #[test]
    fn a_range_without_an_end_ends_where_orders_do() {
        let open = DayRange { from: Some(at("2026-06-01T05:00:00Z")), to: None };
        assert_eq!(days(open, (None, None)), None);
        let told = (Some(date("2026-06-02")), Some(date("2026-06-02")));
        assert_eq!(days(open, told), Some(vec![date("2026-06-01"), date("2026-06-02"), date("2026-06-03")]));
        let ages = (Some(date("2020-01-01")), Some(date("2026-06-02")));
        assert_eq!(days(DayRange { from: None, to: open.from }, ages), None, "they are too many");
    }

    #[test]
    fn only_near_pages_that_are_sorted_by_the_last_change_are_walked_by_day() {
        let range = DayRange { from: Some(at("2026-06-01T00:00:00Z")), to: Some(at("2026-06-03T00:00:00Z")) };
        let of = |list: OrderList, field| Daily::of(&list, (field, range), (None, None)).is_some();
        assert!(of(OrderList::default(), DateField::OrderedAt));
        assert!(!of(OrderList::default(), DateField::CreatedAt));
        assert!(!of(OrderList { sort_by: SortBy::CreatedAt, ..OrderList::default() }, DateField::OrderedAt));
        assert!(!of(OrderList { skip: REACH_MAX, ..OrderList::default() }, DateField::OrderedAt));
    }
}
