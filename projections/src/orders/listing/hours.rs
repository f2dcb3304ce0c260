//! Lists of all facets that are sorted by an instant whose days have an index ([`Daily`](super::daily::Daily)): the orders of some hours
//! where the list begins or goes on, as many as counters make likely to fill the page, are read and sorted. Where they do not fill it,
//! it is put together from its facets.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::conditions::{Sql, push_range, push_shown, push_totals_of};
use super::daily::{REACH_MAX, day_column};
use super::filter::{DateField, DayRange};
use super::list::OrderList;
use super::sorting::{Key, SortOrder};
use super::walk::{push_after, push_part_sorting};
use crate::scope::TenantScope;

/// Days from where the list goes on whose orders are counted, to know how many there are in an hour.
const COUNTED: u64 = 3;

/// The hours are chosen so that they can be expected to hold this multiple of `reach`.
const LIKELY: i64 = 4;

/// Where those days have more, too many would be passed over in the index.
const ORDERS_MAX: i64 = 30_000;

/// Where hours of a list begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::orders) struct Hours {
    /// The column of days.
    column: &'static str,
    field: DateField,
    range: DayRange,
    begin: DateTime<Utc>,
    /// The days of UTC on which they may lie.
    days: Vec<NaiveDate>,
}

impl Hours {
    /// Those of the list, where it can be read so.
    pub(in crate::orders) fn of(list: &OrderList) -> Option<Self> {
        let field = list.sort_by.date_field()?;
        let column = day_column(field)?;
        // Where a list begins with orders without the instant, no hour tells where.
        let begins_without = list.absent_first && list.after.is_none();
        if list.reach() > REACH_MAX || begins_without || !list.filter.is_of_all_facets() {
            return None;
        }
        let range = list.filter.days.of(field);
        let begin = match (&list.after, list.sort_order) {
            (Some(after), _) => match after.key {
                Key::Instant(instant) => instant?,
                _ => return None,
            },
            (None, SortOrder::Asc) => range.from?.instant,
            (None, SortOrder::Desc) => range.to?.instant,
        };
        let day = begin.date_naive();
        let days = (0..COUNTED).map(Days::new).map(|days| match list.sort_order {
            SortOrder::Asc => day.checked_add_days(days),
            SortOrder::Desc => day.checked_sub_days(days),
        });
        Some(Self { column, field, range, begin, days: days.collect::<Option<_>>()? })
    }
}

/// The ids of the orders of those hours.
pub(in crate::orders) fn push_hours(sql: &mut Sql, scope: TenantScope, list: &OrderList, hours: &Hours) {
    let (sign, within) = match list.sort_order {
        SortOrder::Asc => (" + ", " <= "),
        SortOrder::Desc => (" - ", " >= "),
    };
    let Hours { column, field, range, begin, days } = hours;
    sql.push("with hours as materialized (select e.at, (e.at at time zone 'UTC')::date as day from (select ");
    sql.push_bind(*begin).push(sign).push("interval '1 day' * least(2, ");
    sql.push_bind(list.reach().saturating_mul(LIKELY)).push("::float8 * ").push(days.len().to_string());
    sql.push(" / greatest(n.orders, 1)) as at from ");
    push_totals_of(sql, scope, *field, days);
    // Of fewer than a page they would be read in vain.
    sql.push(" n where n.orders between ").push_bind(list.reach());
    sql.push(" and ").push(ORDERS_MAX.to_string()).push(") e) ");
    sql.push("select s.id, 0 as part, s.key from hours cross join unnest(").push_bind(days.clone());
    sql.push(") d(day) cross join lateral (select o.id, o.").push(field.name());
    sql.push(" as key from logistics_orders o where ");
    push_shown(sql, scope);
    sql.push(" and o.")
        .push(*column)
        .push(" = d.day and o.")
        .push(field.name())
        .push(within)
        .push("hours.at");
    push_range(sql, *field, *range);
    push_after(sql, list, field.name(), 0);
    push_part_sorting(sql, list, field.name());
    sql.push(" limit ").push_bind(list.reach()).push(") s where d.day").push(within).push("hours.day");
}
