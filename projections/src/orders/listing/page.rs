//! The statement of a page: the ids of its orders are found over an index, and only those orders are read whole.
//!
//! A list **walks** where the order of an index is the order of the list: of each facet its first orders, as many as the
//! page has, and of those the first of all. It **sorts** where few orders can be in it at all, or where days are far from
//! where it begins.
//!
//! Nothing is sorted once orders are read whole, since that would move them: each has its `place` on the page beside it, and they
//! are put into their places where they arrive.

use sqlx::types::Uuid;

use super::conditions::{Sql, push_counted_in_days, push_facets, push_in_all, push_on_days};
use super::daily::{Daily, push_daily};
use super::facet_scan::{as_facet_scan, facet_scan_query};
use super::filter::{DateField, DayRange};
use super::full_sort::{push_after_part, push_wanted, push_within};
use super::hours::{Hours, push_hours};
use super::index_scan::{as_index_scan, index_scan_query};
use super::list::OrderList;
use super::places::{WITHIN, push_places, push_walk_of_places};
use super::selection::Selection;
use super::sorting::Key;
use super::walk::{Walked, is_one_walk, push_walk};
use crate::orders::answers::seen::JOINED;
use crate::orders::search::candidates::{TEXT_INDEX_TOTAL, push_text_index};
use crate::scope::TenantScope;

/// Where the orders of a page are found.
pub(in crate::orders) enum AccessPath<'a> {
    /// Along an index, each looked at whether it meets the conditions; with the text that is searched for.
    Walk {
        /// The text that each is compared with.
        searched: Option<&'a str>,
        /// How many there are in all, where counters tell.
        total: TotalSource,
        /// How many orders of one walk are looked at; none means as many as it takes.
        at_most: Option<i64>,
    },
    /// Among those that hold the text that is searched for, if they are few: else there is neither a page nor a total.
    TextIndex {
        /// The text.
        text: &'a str,
        /// Where it is looked up even if its pieces are common: up to so many orders.
        thoroughly: Option<i64>,
    },
    /// Among these, which were found by the text.
    Among(Vec<Uuid>),
    /// Among those of a range of days, which are sorted.
    Within(DateField, DayRange, TotalSource),
    /// Along each of some days.
    Daily(Daily, TotalSource),
    /// Among those of some hours, which are sorted.
    Hourly(Hours, TotalSource),
}

/// What tells how many orders a list has.
#[derive(Clone, Copy)]
pub(in crate::orders) enum TotalSource {
    /// The counters of all days.
    InAll,
    /// The counters of a range of days.
    InDays(DateField, DayRange),
    /// The counters have told it already.
    Before(i64),
    /// Nothing does.
    NotCounted,
    /// All that are found are counted, since they are few.
    AsFound,
}

/// How many orders the facets have and what they are, where they stand in `facets`.
const OF_TABLE: (&str, &str) =
    ("(select coalesce(sum(orders), 0)::bigint from facets)", "array(select facet from facets)");

/// How the ids of a page are found, where the facets are at hand as an array.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::orders) enum Found {
    /// Along one index, so that no facet is asked for.
    AlongOneIndex,
    /// Along one index for each facet.
    AlongFacets,
    /// Among all orders that each facet has on some days.
    OnDaysOfFacets,
}

/// The page. After what is selected of an order come the total and the place on the page, where the access path does not tell it; a page
/// without orders is one row of nothing else.
pub(in crate::orders) fn page_query(
    scope: TenantScope,
    list: &OrderList,
    path: &AccessPath<'_>,
    selection: Selection,
) -> Sql {
    if let Some(scan) = as_index_scan(list, path) {
        return index_scan_query(scope, list, scan, selection);
    }
    if let Some(scan) = as_facet_scan(scope, list, path, selection) {
        return facet_scan_query(scope, list, scan);
    }
    let mut sql = Sql::new("");
    match (path, list.sort_by.column()) {
        (AccessPath::Walk { total, searched, at_most }, Some(column)) => {
            let found = if is_one_walk(list) { Found::AlongOneIndex } else { Found::AlongFacets };
            push_told(&mut sql, scope, list, *total, (found, selection));
            push_walk(&mut sql, scope, list, *searched, Walked { column, at_most: *at_most, mark: None });
        }
        (AccessPath::Within(field, range, total), Some(column)) if !matches!(total, TotalSource::AsFound) => {
            push_told(&mut sql, scope, list, *total, (Found::OnDaysOfFacets, selection));
            push_within(&mut sql, scope, list, column, (*field, *range));
        }
        (AccessPath::Daily(daily, total), _) => {
            let facets = (!list.filter.is_of_all_facets()).then_some("told.facets");
            let found = facets.map_or(Found::AlongOneIndex, |_| Found::OnDaysOfFacets);
            push_told(&mut sql, scope, list, *total, (found, selection));
            push_daily(&mut sql, scope, list, daily, facets);
        }
        (AccessPath::Hourly(hours, total), _) => {
            push_told(&mut sql, scope, list, *total, (Found::AlongOneIndex, selection));
            push_hours(&mut sql, scope, list, hours);
        }
        (AccessPath::Walk { total, searched, .. }, None) => {
            push_places(&mut sql, scope, list);
            push_selected(&mut sql, scope, list, selection);
            push_total(&mut sql, scope, list, *total, OF_TABLE);
            sql.push(" as total");
            push_placed(&mut sql, list);
            push_walk_of_places(&mut sql, scope, list, *searched);
        }
        (AccessPath::Within(field, range, total), _) => {
            sql.push("with facets as materialized (");
            push_facets(&mut sql, scope, list);
            sql.push("), wanted as (");
            push_wanted(&mut sql, scope, list, (*field, *range));
            sql.push(") ");
            push_selected(&mut sql, scope, list, selection);
            push_total(&mut sql, scope, list, *total, OF_TABLE);
            push_among_wanted(&mut sql, list);
        }
        (AccessPath::TextIndex { .. } | AccessPath::Among(_), _) => {
            sql.push("with ");
            if !list.filter.is_of_all_facets() {
                sql.push("facets as materialized (");
                push_facets(&mut sql, scope, list);
                sql.push("), ");
            }
            push_text_index(&mut sql, scope, list, path);
            sql.push(" ");
            push_selected(&mut sql, scope, list, selection);
            sql.push(TEXT_INDEX_TOTAL);
            push_among_wanted(&mut sql, list);
        }
    }
    push_sorting(&mut sql, list, "");
    sql.push(" limit ").push_bind(list.reading());
    if list.skip > 0 {
        sql.push(" offset ").push_bind(list.skip);
    }
    // Held together, so that each is read by its id, whatever is joined to it.
    sql.push(") p) s cross join lateral (");
    selection.push_row(&mut sql).push(" where o.id = s.id offset 0) o offset 0) o on true ").push(JOINED);
    sql
}

/// Up to where the ids are found, each of which gets its place.
fn push_told(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    total: TotalSource,
    found: (Found, Selection),
) {
    push_told_of(sql, scope, list, total, found);
    push_placed(sql, list);
}

/// Up to the end of what is told; with the facets at hand as an array, `told.facets`, where they are found by facet.
pub(in crate::orders) fn push_told_of(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    total: TotalSource,
    (found, selection): (Found, Selection),
) {
    push_selected(sql, scope, list, selection);
    let by_facet = found != Found::AlongOneIndex;
    if by_facet {
        sql.push("a.facets, ");
    }
    push_total(sql, scope, list, total, ("a.orders", "a.facets"));
    sql.push(" as total");
    if by_facet {
        sql.push(
            " from (select array_agg(f.facet) as facets, coalesce(sum(f.orders), 0)::bigint as orders from (",
        );
        push_facets(sql, scope, list);
        if found == Found::AlongFacets {
            // Walked by one of the instants, days of it are where the walk begins and ends.
            push_on_days(sql, scope, &list.filter, list.sort_by.date_field());
        }
        // Held together, so that the total is told once, and not for each order of the page.
        sql.push(") f) a offset 0");
    }
}

/// From the total to the ids, where all that can be on the page stand in `wanted`.
fn push_among_wanted(sql: &mut Sql, list: &OrderList) {
    sql.push(" as total");
    push_placed(sql, list);
    sql.push("select w.id, w.part, w.key");
    if list.sort_by.column().is_none() {
        sql.push(", w.").push(WITHIN);
    }
    sql.push(" from wanted w where true");
    push_after_part(sql, list);
}

/// What is answered of an order, up to the total; with it whether the facets at hand hold, where the list has any.
pub(in crate::orders) fn push_selected(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    selection: Selection,
) {
    push_selected_and(sql, scope, list, (selection, ""));
}

/// What is answered of an order, up to the total, and further columns of `told`; with it whether the facets at hand hold, where the list
/// has any.
pub(in crate::orders) fn push_selected_and(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    (selection, more): (Selection, &'static str),
) {
    selection.push(sql, &list.filter);
    sql.push(", told.total, o.place").push(more);
    let Some(facets) = list.facets_of(scope) else {
        sql.push(" from (select ");
        return;
    };
    sql.push(", told.holds from (select ");
    facets.push_holds(sql, scope);
    sql.push(" as holds, ");
}

/// How many orders the list has: an expression, of the number of orders that the facets have and of the array of them.
pub(in crate::orders) fn push_total(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    total: TotalSource,
    (of_facets, facets): (&'static str, &'static str),
) {
    let of_all = list.filter.is_of_all_facets();
    match total {
        TotalSource::InAll if of_all => push_in_all(sql, scope, list),
        TotalSource::InAll => {
            sql.push(of_facets);
        }
        TotalSource::InDays(field, range) => {
            push_counted_in_days(sql, scope, (field, range), (!of_all).then_some(facets));
        }
        TotalSource::Before(total) => {
            sql.push_bind(total);
        }
        TotalSource::NotCounted => {
            sql.push("null::bigint");
        }
        TotalSource::AsFound => {
            sql.push("(select count(*) from wanted)");
        }
    }
}

/// From what is told to the ids, each of which gets its place.
fn push_placed(sql: &mut Sql, list: &OrderList) {
    sql.push(") told left join lateral (select o.*, s.place from (select p.id, row_number() over (");
    push_sorting(sql, list, "p.");
    sql.push(") as place from (");
}

pub(in crate::orders) fn push_key(sql: &mut Sql, key: &Key) {
    match key {
        Key::Instant(instant) => sql.push_bind(*instant),
        Key::Number(number) => sql.push_bind(number.clone()),
        Key::Status(status, ..) => sql.push_bind(status.clone()),
    };
}

/// The places of facets are ranked in the list's direction already.
pub(in crate::orders) fn push_sorting(sql: &mut Sql, list: &OrderList, of: &'static str) {
    let direction = list.sort_order.sql();
    sql.push(" order by ").push(of).push("part, ").push(of).push("key");
    if list.sort_by.column().is_none() {
        sql.push(", ").push(of).push(WITHIN);
    }
    sql.push(direction);
    sql.push(", ").push(of).push("id").push(direction);
}
