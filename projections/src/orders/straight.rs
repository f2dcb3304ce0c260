//! The statement of a page whose list is one walk along one index: its orders are read whole where the walk meets them, and
//! the counters are summed over all facets, since none is left out.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::chosen::{Sql, push_days, push_more, push_shown};
use super::filter::{DateField, DayRange};
use super::list::{LIMIT_MAX, OrderList};
use super::page::{Told, Way, is_one_walk, push_after, push_part_sorting};
use super::seen::{JOINED, SELECTED};
use super::sorting::SortOrder;
use crate::scope::TenantScope;

/// What tells the total of a list that is read so, and the column that it is walked by; none where it is not. Orders that are
/// only passed over are not worth being read whole.
pub(super) fn walked_straight(list: &OrderList, way: &Way<'_>) -> Option<(Told, &'static str)> {
    let Way::Walk { searched: None, total, .. } = way else { return None };
    let passes_over = list.skip > LIMIT_MAX
        || list.filter.days.given().any(|(field, _)| list.sort_by.date_field() != Some(field));
    let column = list.sort_by.column().filter(|_| is_one_walk(list) && !passes_over)?;
    Some((*total, column))
}

/// The page, in the columns of [`page_query`](super::page::page_query).
pub(super) fn straight_query(scope: TenantScope, list: &OrderList, told: Told, column: &'static str) -> Sql {
    let mut sql = Sql::new("select ");
    sql.push(SELECTED).push(", o.number_key, told.total from (select ");
    match told {
        Told::InAll => push_all_counted(&mut sql, scope, None),
        Told::InDays(field, range) => push_all_counted(&mut sql, scope, Some((field, range))),
        Told::NotCounted => {
            sql.push("null::bigint");
        }
    }
    sql.push(" as total) told left join (select o.* from logistics_orders o where ");
    push_shown(&mut sql, scope);
    push_after(&mut sql, list, column, 0);
    push_more(&mut sql, &list.filter, None);
    push_part_sorting(&mut sql, list, column, 0);
    sql.push(" limit ").push_bind(list.reading());
    if list.skip > 0 {
        sql.push(" offset ").push_bind(list.skip);
    }
    sql.push(") o on true ").push(JOINED);
    sql
}

/// Sorts what the statement gave. It mostly is sorted, as the walk is, but joins promise nothing; to have the server make sure would
/// cost a fifth of the statement, since it would move whole orders.
pub(super) fn sort(rows: &mut Vec<PgRow>, list: &OrderList, column: &str) -> sqlx::Result<()> {
    let keyed = |row: PgRow| {
        let key: (DateTime<Utc>, Uuid) = (row.try_get(column)?, row.try_get("id")?);
        Ok((key, row))
    };
    let mut orders = std::mem::take(rows).into_iter().map(keyed).collect::<sqlx::Result<Vec<_>>>()?;
    match list.sort_order {
        SortOrder::Asc => orders.sort_by_key(|(key, _)| *key),
        SortOrder::Desc => orders.sort_by_key(|(key, _)| Reverse(*key)),
    }
    rows.extend(orders.into_iter().map(|(_, row)| row));
    Ok(())
}

/// How many orders there are of all facets, in all or in a range of days: an expression.
fn push_all_counted(sql: &mut Sql, scope: TenantScope, range: Option<(DateField, DayRange)>) {
    sql.push("(select coalesce(sum(d.orders), 0)::bigint from logistics_order_counted d where ");
    if let Some((field, range)) = range {
        push_days(sql, "d", scope, field, range);
    } else {
        sql.push("d.tenant_id = ").push_bind(scope.tenant().0);
        sql.push(" and d.field = 'all' and d.day = '-infinity'");
    }
    sql.push(")");
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::filter::{Day, OrderFilter};
    use super::super::sorting::SortBy;
    use super::*;

    const WALK: Way<'static> = Way::Walk { searched: None, total: Told::InAll, at_most: None };

    fn is_straight(list: &OrderList) -> bool {
        walked_straight(list, &WALK).is_some()
    }

    fn of(filter: OrderFilter) -> OrderList {
        OrderList { filter, ..OrderList::default() }
    }

    #[test]
    fn the_newest_page_and_those_after_it_are_one_walk() {
        assert!(is_straight(&OrderList::default()));
        assert!(is_straight(&OrderList { sort_order: SortOrder::Asc, skip: 50, ..OrderList::default() }));
        assert!(
            !is_straight(&OrderList { skip: LIMIT_MAX + 1, ..OrderList::default() }),
            "they are passed over"
        );
    }

    #[test]
    fn what_has_no_index_of_its_own_or_is_searched_is_found_in_another_way() {
        assert!(!is_straight(&OrderList { sort_by: SortBy::CreatedAt, ..OrderList::default() }));
        assert!(!is_straight(&of(OrderFilter { linked: Some(true), ..OrderFilter::default() })));
        let searched = Way::Walk { searched: Some("ro"), total: Told::NotCounted, at_most: None };
        assert!(walked_straight(&OrderList::default(), &searched).is_none());
    }

    #[test]
    fn days_are_part_of_the_walk_where_the_list_is_sorted_by_them() {
        let day = Day { date: NaiveDate::MIN, instant: DateTime::UNIX_EPOCH };
        let mut filter = OrderFilter::default();
        filter.days.set(DateField::UpdatedAt, DayRange { from: Some(day), to: None });
        assert!(is_straight(&of(filter.clone())));
        filter.days.set(DateField::CreatedAt, DayRange { from: Some(day), to: None });
        assert!(!is_straight(&of(filter)));
    }

    #[test]
    fn neither_the_orders_nor_their_facets_are_looked_for_first() {
        let (scope, list) = (TenantScope::granted(logistics_domain::TenantId(7)), OrderList::default());
        let sql = straight_query(scope, &list, Told::InAll, "updated_at");
        assert!(!sql.sql().contains("facets") && !sql.sql().contains("page"), "{}", sql.sql());
    }
}
