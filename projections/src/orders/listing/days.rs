//! How a list of some days is found that is sorted by something else.
//!
//! Few orders are all sorted. Of many, a page is mostly near to where the list begins (the orders of this month, newest changes
//! first) or nowhere near it (those of a month of last year): so it is **looked for near there** first, and what is not found is
//! sorted, however many they are, or walked to where that takes less. To walk to a month that lies far back takes up to fifty times as
//! long as to sort it.
//!
//! Days of the order date, sorted by the last change, need neither: they are walked one at a time ([`Daily`]), unless they are of so
//! few orders that sorting them takes less, or too many.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sqlx::{FromRow, PgConnection};

use super::conditions::{
    Sql, push_counted_in_days, push_facets, push_first_days, push_in_all, push_totals_in_days,
};
use super::daily::Daily;
use super::filter::{DateField, Day, DayRange};
use super::index_scan::has_index;
use super::list::{OrderList, SORTED_MAX, WALKED_FIRST};
use super::page::{AccessPath, TotalSource};
use super::sorting::{Key, SortBy, SortOrder};
use super::walk::is_one_walk;
use crate::scope::TenantScope;

/// An access path, and a fallback for where the first one finds less than a page.
pub(in crate::orders) type PathAndFallback<'a> = (AccessPath<'a>, Option<AccessPath<'a>>);

/// The least number of orders near the list's beginning among which a page is looked for, as a multiple of `list.reach()`.
const NEAR: i64 = 4;

/// And the most: one in this many of the orders that would be sorted otherwise, since looking may find too few.
const NEAR_PART: i64 = 8;

/// The days near the beginning are not tried where they hold more than `AT_ONCE_MAX` times the orders wanted, and more than one in
/// `AT_ONCE_PART` of the orders that would be sorted.
const AT_ONCE_MAX: i64 = 2;
const AT_ONCE_PART: i64 = 2;

/// The most orders that are read for their numbers, which the index by facet and day does not hold.
const READ_FOR_NUMBER_MAX: i64 = 100_000;

/// Days near to where the list begins that are looked at for how many orders they have.
const NEAR_DAYS: i64 = 31;

/// Days are walked only where at least one in this many of their orders is of the chosen facets.
const CHOSEN_PART: i64 = 4;

/// What walking days costs, counted in orders that could be sorted meanwhile: once, and for each day.
const SORTED_BEFORE: i64 = 800;
const SORTED_A_DAY: i64 = 20;

/// How orders of these days are found, days of an instant that the list is not sorted by among them.
pub(in crate::orders) async fn access_paths_by_days(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    given: &[(DateField, DayRange)],
) -> sqlx::Result<PathAndFallback<'static>> {
    if let [(field, range)] = *given
        && list.filter.is_of_all_facets()
        && let Some(daily) = Daily::of(list, (field, range), (None, None)).filter(Daily::is_short)
    {
        return Ok((AccessPath::Daily(daily, TotalSource::InDays(field, range)), None));
    }
    let (mut fewest, mut days) = (count_in_days(connection, scope, list, given[0]).await?, given[0]);
    for range in &given[1..] {
        let counted = count_in_days(connection, scope, list, *range).await?;
        if counted.orders < fewest.orders {
            (fewest, days) = (counted, *range);
        }
    }
    let (Counted { orders, of_all, .. }, (field, range), is_whole) = (fewest, days, given.len() == 1);
    let daily = Daily::of(list, days, (fewest.first, fewest.last))
        .filter(|daily| is_whole && is_walked_sooner(daily, fewest));
    let counted = if is_whole { Some(TotalSource::Before(orders)) } else { None };
    if orders <= i64::from(SORTED_MAX) {
        let total = counted.unwrap_or(TotalSource::AsFound);
        let few = AccessPath::Within(field, range, total);
        return Ok((daily.map_or(few, |daily| AccessPath::Daily(daily, total)), None));
    }
    let total = counted.unwrap_or(TotalSource::NotCounted);
    // Where the orders of those days are a large part of all, a page of them is soon met among all.
    let are_met =
        orders.saturating_mul(WALKED_FIRST) >= of_all.saturating_mul(list.reach()).saturating_mul(2);
    let is_tried = is_whole && has_index(list) && are_met;
    if let Some(daily) = daily {
        let is_tried = is_tried && !daily.is_short();
        let by_days = AccessPath::Daily(daily, total);
        return Ok(if is_tried { (walk(total, Some(WALKED_FIRST)), Some(by_days)) } else { (by_days, None) });
    }
    let is_sorted = is_sorted_sooner(list, field, orders, of_all);
    let surely = if is_sorted { AccessPath::Within(field, range, total) } else { walk(total, None) };
    if is_tried {
        return Ok((walk(total, Some(WALKED_FIRST)), Some(surely)));
    }
    let wanted = near(list, orders, of_all);
    let open = list.sort_by.date_field().filter(|by| list.filter.days.of(*by).is_open());
    let first = match open.filter(|_| is_sorted && wanted <= orders / 2) {
        Some(by) => first_days(connection, scope, list, by, (wanted, orders)).await?.map(|days| (by, days)),
        None => None,
    };
    Ok(match first {
        Some((by, days)) => (AccessPath::Within(by, days, total), Some(surely)),
        None => (surely, None),
    })
}

/// Whether days are walked sooner than their orders are sorted.
fn is_walked_sooner(daily: &Daily, Counted { orders, in_days, .. }: Counted) -> bool {
    let days = i64::try_from(daily.len()).unwrap_or(i64::MAX);
    orders >= SORTED_BEFORE + days.saturating_mul(SORTED_A_DAY)
        && orders.saturating_mul(CHOSEN_PART) >= in_days
}

const fn walk(total: TotalSource, at_most: Option<i64>) -> AccessPath<'static> {
    AccessPath::Walk { searched: None, total, at_most }
}

/// Whether so many orders of some days are sorted sooner than a walk is sure to have met a page of them.
fn is_sorted_sooner(list: &OrderList, field: DateField, orders: i64, of_all: i64) -> bool {
    let passed_over = of_all.saturating_sub(orders);
    match list.sort_by {
        // The walk begins and ends with those days.
        _ if list.sort_by.date_field() == Some(field) => false,
        // The index of all orders does not hold the other instants, and what is passed over is read for them.
        _ if is_one_walk(list) => orders / 2 <= passed_over,
        // What is sorted is read for its number.
        SortBy::MintsoftOrderNumber => orders <= READ_FOR_NUMBER_MAX.min(passed_over / 8),
        // Walked by when orders were first observed, so that this walk does too.
        SortBy::Status if field == DateField::CreatedAt => false,
        _ => orders.saturating_mul(3) / 2 <= passed_over,
    }
}

/// Among how many orders a page is looked for: as many as it takes if those of the days lay evenly among all, within bounds.
fn near(list: &OrderList, orders: i64, of_all: i64) -> i64 {
    let evenly = list.reach().saturating_mul(2).saturating_mul(of_all) / orders.max(1);
    let least = list.reach().saturating_mul(NEAR);
    evenly.clamp(least, least.max(orders / NEAR_PART))
}

/// The first days of the list, by what it is sorted by, with so many of the tenant's orders; none where so many are not near to
/// one another. Their ends are instants of UTC and a day off, since nothing depends on where exactly they are.
async fn first_days(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    field: DateField,
    (wanted, orders): (i64, i64),
) -> sqlx::Result<Option<DayRange>> {
    let begin = match &list.after {
        Some(place) => match place.key {
            Key::Instant(Some(instant)) => Some(instant.date_naive()),
            _ => return Ok(None),
        },
        None => None,
    };
    let mut sql = Sql::new("");
    push_first_days(&mut sql, scope, field, (begin, list.sort_order), NEAR_DAYS);
    let days: Vec<(NaiveDate, i64)> = sql.build_query_as().fetch_all(connection).await?;
    let most = wanted.saturating_mul(AT_ONCE_MAX).max(orders / AT_ONCE_PART);
    Ok(first_of(&days, wanted, most).and_then(|last| range_to(last, begin, list.sort_order)))
}

/// The day with which those days have so many orders; none where they soon have many more, as a day on which all were first read has.
fn first_of(days: &[(NaiveDate, i64)], wanted: i64, most: i64) -> Option<NaiveDate> {
    let mut met = 0;
    let at = days.iter().position(|(_, orders)| {
        met += orders;
        met >= wanted
    })?;
    // The range reaches a day further, whose orders are read too.
    let further = days.get(at + 1).map_or(0, |(_, orders)| *orders);
    (met.saturating_add(further) <= most).then_some(days[at].0)
}

/// From where the list goes on to that day.
fn range_to(last: NaiveDate, begin: Option<NaiveDate>, order: SortOrder) -> Option<DayRange> {
    let (day, days) = (Days::new(1), Days::new(2));
    let (from, to) = match order {
        SortOrder::Desc => (last.checked_sub_days(day), begin.and_then(|begin| begin.checked_add_days(days))),
        SortOrder::Asc => (begin.and_then(|begin| begin.checked_sub_days(day)), last.checked_add_days(days)),
    };
    let is_open = match order {
        SortOrder::Desc => from.is_none(),
        SortOrder::Asc => to.is_none(),
    };
    (!is_open).then(|| DayRange { from: from.map(day_of), to: to.map(day_of) })
}

fn day_of(date: NaiveDate) -> Day {
    Day { date, instant: DateTime::<Utc>::from_naive_utc_and_offset(date.and_time(NaiveTime::MIN), Utc) }
}

/// What counters tell of some days.
#[derive(Clone, Copy, FromRow)]
struct Counted {
    /// How many orders the filter's facets have on those days.
    orders: i64,
    /// And on all.
    of_all: i64,
    /// How many orders all facets have on those days.
    in_days: i64,
    /// The first of the days that has any.
    first: Option<NaiveDate>,
    /// And the last.
    last: Option<NaiveDate>,
}

async fn count_in_days(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    range: (DateField, DayRange),
) -> sqlx::Result<Counted> {
    let mut sql = Sql::new("select ");
    if list.filter.is_of_all_facets() {
        sql.push("d.orders, ");
        push_in_all(&mut sql, scope, list);
        sql.push(" as of_all, d.orders as in_days, d.first, d.last from ");
    } else {
        push_counted_in_days(&mut sql, scope, range, Some("a.facets"));
        sql.push(" as orders, a.orders as of_all, d.orders as in_days, d.first, d.last from ");
        sql.push("(select array_agg(f.facet) as facets, coalesce(sum(f.orders), 0)::bigint as orders from (");
        push_facets(&mut sql, scope, list);
        sql.push(") f) a cross join ");
    }
    push_totals_in_days(&mut sql, scope, range);
    sql.build_query_as().fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLION: i64 = 1_000_000;

    fn by(sort_by: SortBy) -> OrderList {
        OrderList { sort_by, ..OrderList::default() }
    }

    #[test]
    fn a_month_is_sorted_and_most_of_two_years_are_walked_to() {
        for sort_by in [SortBy::UpdatedAt, SortBy::CreatedAt, SortBy::MintsoftOrderNumber, SortBy::Status] {
            assert!(is_sorted_sooner(&by(sort_by), DateField::OrderedAt, 41_000, MILLION), "{sort_by:?}");
            assert!(!is_sorted_sooner(&by(sort_by), DateField::OrderedAt, 800_000, MILLION), "{sort_by:?}");
        }
        assert!(!is_sorted_sooner(&by(SortBy::Status), DateField::CreatedAt, 41_000, MILLION));
        assert!(!is_sorted_sooner(&by(SortBy::OrderedAt), DateField::OrderedAt, 41_000, MILLION));
    }

    #[test]
    fn what_is_near_begins_where_the_list_goes_on_and_ends_before_a_day_of_very_many() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 6, day).expect("a day");
        let days = [(day(20), 500), (day(19), 600), (day(18), 90_000)];
        assert_eq!(first_of(&days, 400, 20_000), Some(day(20)));
        assert_eq!(first_of(&days, 1_000, 20_000), None, "the day after it is read too");
        assert_eq!(first_of(&days, 1_000, 100_000), Some(day(19)));
        assert_eq!(first_of(&days, 100_000, 200_000), None);
        let ends = |range: Option<DayRange>| {
            range.map(|range| (range.from.map(|day| day.date), range.to.map(|day| day.date)))
        };
        let (from, to) = (Some(day(18)), Some(day(22)));
        assert_eq!(ends(range_to(day(19), Some(day(20)), SortOrder::Desc)), Some((from, to)));
        assert_eq!(ends(range_to(day(19), None, SortOrder::Desc)), Some((from, None)));
        assert_eq!(ends(range_to(day(20), Some(day(19)), SortOrder::Asc)), Some((from, to)));
    }

    #[test]
    fn looking_in_vain_costs_little_of_what_is_sorted_then() {
        let list = OrderList::default();
        assert_eq!(near(&list, 41_000, MILLION), 51 * 2 * MILLION / 41_000);
        assert_eq!(near(&list, 8_000, MILLION), 1_000);
        assert_eq!(near(&list, 500_000, MILLION), 51 * 4);
    }
}
