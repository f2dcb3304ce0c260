//! The statement of a page whose list is one walk along one index: its orders are read whole where the walk meets them, and
//! the counters are summed over all facets, since none is left out.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::conditions::{Sql, push_more, push_shown};
use super::list::{LIMIT_MAX, OrderList, WALKED_FIRST};
use super::page::{AccessPath, TotalSource, push_selected, push_total};
use super::selection::{OF_ROW, Selection};
use super::sorting::{SortBy, SortOrder};
use super::walk::{is_one_walk, push_after, push_part_sorting};
use crate::orders::answers::seen::JOINED;
use crate::scope::TenantScope;

/// A list that is read along one index of all the tenant's orders.
#[derive(Clone, Copy)]
pub(in crate::orders) struct IndexScan {
    total: TotalSource,
    /// The column that is walked by.
    column: &'static str,
    /// How many orders are looked at; none where none is passed over.
    at_most: Option<i64>,
}

/// The index scan for this list; `None` where it does not apply. Orders that are only passed over are not worth reading whole, unless
/// they are few.
pub(in crate::orders) fn as_index_scan(list: &OrderList, path: &AccessPath<'_>) -> Option<IndexScan> {
    let AccessPath::Walk { searched: None, total, at_most } = *path else { return None };
    let passes_over = list.filter.days.given().any(|(field, _)| list.sort_by.date_field() != Some(field));
    let applies = match at_most {
        Some(_) => has_index(list),
        None => is_one_walk(list) && !passes_over && list.skip <= LIMIT_MAX,
    };
    let column = list.sort_by.column().filter(|_| applies)?;
    Some(IndexScan { total, column, at_most })
}

/// Whether an index of all orders, whatever their facets, stands in the order of the list, and the list is read near to where it
/// begins.
pub(in crate::orders) fn has_index(list: &OrderList) -> bool {
    list.filter.is_of_all_facets()
        && list.skip <= LIMIT_MAX
        && list.reading() <= WALKED_FIRST
        && matches!(list.sort_by, SortBy::UpdatedAt | SortBy::MintsoftOrderNumber)
}

/// The page, in the columns of [`page_query`](super::page::page_query).
pub(in crate::orders) fn index_scan_query(
    scope: TenantScope,
    list: &OrderList,
    scan: IndexScan,
    selection: Selection,
) -> Sql {
    let IndexScan { total, column, at_most } = scan;
    let mut sql = Sql::new("");
    push_selected(&mut sql, scope, list, selection);
    push_total(&mut sql, scope, list, total, ("", ""));
    sql.push(" as total) told left join (select o.*, ");
    if scan.is_sorted_here() {
        sql.push("null::bigint");
    } else {
        sql.push("row_number() over (");
        push_part_sorting(&mut sql, list, column);
        sql.push(")");
    }
    sql.push(" as place from (");
    match at_most {
        // What is looked at is compared outside, by columns that a mark does not have.
        Some(_) => sql.push("select o.* from (").push(OF_ROW),
        None => selection.push_row(&mut sql),
    };
    sql.push(" where ");
    if scan.is_sorted_here() {
        push_shown(&mut sql, scope);
    } else {
        // The index of numbers has withheld orders too. They are among those that are looked at, however many they are.
        sql.push("o.tenant_id = ").push_bind(scope.tenant().0);
    }
    push_after(&mut sql, list, column, 0);
    if let Some(at_most) = at_most {
        push_part_sorting(&mut sql, list, column);
        sql.push(" limit ").push_bind(at_most).push(") o where o.withheld_reason is null");
    }
    push_more(&mut sql, &list.filter);
    push_part_sorting(&mut sql, list, column);
    sql.push(" limit ").push_bind(list.reading());
    if list.skip > 0 {
        sql.push(" offset ").push_bind(list.skip);
    }
    sql.push(") o) o on true ").push(JOINED);
    sql
}

impl IndexScan {
    /// Whether the page is sorted by instants, which are compared here as they are by the server. Texts are not, so that the server
    /// tells their places.
    pub(in crate::orders) fn is_sorted_here(self) -> bool {
        self.column == "updated_at"
    }
}

/// Sorts what a statement gave by the last change. It mostly is sorted, as the walk is, but joins promise nothing; to have the server
/// make sure would cost a fifth of the statement, since it would move whole orders.
pub(in crate::orders) fn sort_by_change(
    rows: &mut Vec<PgRow>,
    selected: Selection,
    order: SortOrder,
) -> sqlx::Result<()> {
    let key = |row: &PgRow| -> sqlx::Result<(Option<DateTime<Utc>>, Option<Uuid>)> {
        Ok((selected.changed_at(row)?, row.try_get(0)?))
    };
    match order {
        SortOrder::Asc => sort_by(rows, key),
        SortOrder::Desc => sort_by(rows, |row| key(row).map(Reverse)),
    }
}

/// Sorts rows by what is read of each.
pub(in crate::orders) fn sort_by<K: Ord>(
    rows: &mut Vec<PgRow>,
    key: impl Fn(&PgRow) -> sqlx::Result<K>,
) -> sqlx::Result<()> {
    let keys = rows.iter().map(key).collect::<sqlx::Result<Vec<_>>>()?;
    if keys.is_sorted() {
        return Ok(());
    }
    let mut orders: Vec<_> = keys.into_iter().zip(std::mem::take(rows)).collect();
    orders.sort_by(|(one, _), (other, _)| one.cmp(other));
    rows.extend(orders.into_iter().map(|(_, row)| row));
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use logistics_domain::TenantId;

    use super::super::filter::{DateField, Day, DayRange, OrderFilter};
    use super::*;

    const WALK: AccessPath<'static> =
        AccessPath::Walk { searched: None, total: TotalSource::InAll, at_most: None };

    fn is_index_scan(list: &OrderList) -> bool {
        as_index_scan(list, &WALK).is_some()
    }

    fn of(filter: OrderFilter) -> OrderList {
        OrderList { filter, ..OrderList::default() }
    }

    #[test]
    fn the_newest_page_and_those_after_it_are_one_walk() {
        assert!(is_index_scan(&OrderList::default()));
        assert!(is_index_scan(&OrderList { sort_order: SortOrder::Asc, skip: 50, ..OrderList::default() }));
        assert!(
            !is_index_scan(&OrderList { skip: LIMIT_MAX + 1, ..OrderList::default() }),
            "they are passed over"
        );
    }

    #[test]
    fn what_has_no_index_of_its_own_or_is_searched_is_no_index_scan() {
        assert!(!is_index_scan(&OrderList { sort_by: SortBy::CreatedAt, ..OrderList::default() }));
        assert!(!is_index_scan(&of(OrderFilter { linked: Some(true), ..OrderFilter::default() })));
        let searched =
            AccessPath::Walk { searched: Some("ro"), total: TotalSource::NotCounted, at_most: None };
        assert!(as_index_scan(&OrderList::default(), &searched).is_none());
    }

    #[test]
    fn days_are_part_of_the_walk_where_the_list_is_sorted_by_them() {
        let day = Day { date: NaiveDate::MIN, instant: DateTime::UNIX_EPOCH };
        let mut filter = OrderFilter::default();
        filter.days.set(DateField::UpdatedAt, DayRange { from: Some(day), to: None });
        assert!(is_index_scan(&of(filter.clone())));
        filter.days.set(DateField::CreatedAt, DayRange { from: Some(day), to: None });
        assert!(!is_index_scan(&of(filter)));
    }

    #[test]
    fn few_orders_are_passed_over_where_an_index_of_all_stands_in_the_order_of_the_list() {
        let tried =
            AccessPath::Walk { searched: None, total: TotalSource::Before(9000), at_most: Some(2000) };
        let mut list = OrderList { sort_by: SortBy::MintsoftOrderNumber, ..OrderList::default() };
        list.filter.days.set(
            DateField::OrderedAt,
            DayRange { from: None, to: Some(Day { date: NaiveDate::MAX, instant: DateTime::UNIX_EPOCH }) },
        );
        assert!(as_index_scan(&list, &tried).is_some() && as_index_scan(&list, &WALK).is_none());
        for other in [
            OrderList { sort_by: SortBy::OrderedAt, ..list.clone() },
            OrderList { skip: LIMIT_MAX + 1, ..list.clone() },
            OrderList { filter: OrderFilter { linked: Some(true), ..list.filter.clone() }, ..list },
        ] {
            assert!(as_index_scan(&other, &tried).is_none(), "{other:?}");
        }
    }

    #[test]
    fn neither_the_orders_nor_their_facets_are_looked_for_first() {
        let (scope, list) = (TenantScope::granted(TenantId(7)), OrderList::default());
        let scan = as_index_scan(&list, &WALK).unwrap();
        let sql = index_scan_query(scope, &list, scan, Selection::Whole);
        assert!(!sql.sql().contains("facets") && !sql.sql().contains(" s.id"), "{}", sql.sql());
    }
}
