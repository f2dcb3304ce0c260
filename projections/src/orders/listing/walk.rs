//! Walks along indexes, whose order is the order of the list: of each facet its first orders, as many as the page has. Ids, key and
//! `part` are what the list is sorted by; orders without a key are a part of their own, and so come last in both directions, or first
//! in both.

use super::conditions::{Sql, push_holds_text, push_more, push_range, push_shown};
use super::list::OrderList;
use super::page::push_key;
use super::selection::push_mark;
use super::sorting::{Key, Position, SortBy};
use crate::scope::TenantScope;

/// What is walked along.
#[derive(Clone, Copy)]
pub(in crate::orders) struct Walked {
    /// The column that the index is sorted by.
    pub(in crate::orders) column: &'static str,
    /// How many orders of one walk are looked at; none means as many as it takes.
    pub(in crate::orders) at_most: Option<i64>,
    /// Where a mark of each order is read on the way: what it is sorted by.
    pub(in crate::orders) mark: Option<SortBy>,
}

/// The ids by a column: along one index, or of each of `told.facets` along the index by facet.
pub(in crate::orders) fn push_walk(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    searched: Option<&str>,
    walked: Walked,
) {
    let by_facet = !is_one_walk(list);
    sql.push("select s.* from ");
    if by_facet {
        sql.push("unnest(told.facets) f(facet) cross join lateral ");
    }
    sql.push("(");
    for (place, part) in parts_ahead(list).into_iter().enumerate() {
        if place > 0 {
            sql.push(" union all ");
        }
        push_part(sql, scope, list, searched, Part { walked, number: part, by_facet });
    }
    sql.push(") s");
}

/// The parts of a list that are still ahead: 0 has those with a key, the other one those without.
pub(in crate::orders) fn parts_ahead(list: &OrderList) -> Vec<i8> {
    let asked = list.sort_by.date_field().is_some_and(|field| !list.filter.days.of(field).is_open());
    if asked || !list.sort_by.is_optional() {
        return vec![0];
    }
    let without = list.part_without_key();
    let begins_in = list.after.as_ref().map(|after| if after.has_key() { 0 } else { without });
    [0, without].into_iter().filter(|part| begins_in.is_none_or(|begins_in| *part >= begins_in)).collect()
}

/// A part of a walk.
#[derive(Clone, Copy)]
struct Part {
    walked: Walked,
    number: i8,
    by_facet: bool,
}

/// Whether the list is walked along one index, and not along one walk a facet.
pub(in crate::orders) const fn is_one_walk(list: &OrderList) -> bool {
    matches!(list.sort_by, SortBy::UpdatedAt) && list.filter.is_of_all_facets()
}

/// Whether a walk by the column meets orders of other days than those that are asked for.
pub(in crate::orders) fn passes_over(list: &OrderList, column: &str) -> bool {
    list.filter.days.given().any(|(field, _)| field.name() != column)
}

fn push_part(sql: &mut Sql, scope: TenantScope, list: &OrderList, searched: Option<&str>, part: Part) {
    let Part { walked: Walked { column, at_most, mark }, number: part, by_facet } = part;
    // Held together where orders are passed over, so that the index of the list's order is read, whatever else is asked for.
    let compares = at_most.is_some() || passes_over(list, column);
    sql.push("(select o.id, ").push(part).push(" as part, o.").push(column).push(" as key");
    if let Some(sort_by) = mark {
        push_mark(sql, sort_by);
    }
    sql.push(" from ");
    if compares {
        sql.push("(select ").push(compared(list.sort_by));
        if searched.is_some() {
            // Only what is compared: an order's other columns would be taken apart for each that is passed over.
            sql.push(", o.search_text");
        }
        sql.push(" from ");
    }
    sql.push("logistics_orders o where ");
    push_shown(sql, scope);
    if by_facet {
        sql.push(" and o.facet = f.facet");
    }
    if list.sort_by.is_optional() {
        sql.push(" and o.").push(column).push(if part == 0 { " is not null" } else { " is null" });
    }
    push_after(sql, list, column, part);
    if let Some(field) = list.sort_by.date_field().filter(|_| compares && part == 0) {
        // Here and not only outside, so that the walk begins and ends with those days.
        push_range(sql, field, list.filter.days.of(field));
    }
    if compares {
        push_part_sorting(sql, list, column);
        match at_most {
            Some(at_most) => sql.push(" limit ").push_bind(at_most),
            None => sql.push(" offset 0"),
        };
        sql.push(") o where true");
    }
    push_more(sql, &list.filter);
    if let Some(text) = searched {
        push_holds_text(sql.push(" and "), text);
    }
    push_part_sorting(sql, list, column);
    sql.push(" limit ").push_bind(list.reach()).push(")");
}

/// What of a part is still ahead.
pub(in crate::orders) fn push_after(sql: &mut Sql, list: &OrderList, column: &'static str, part: i8) {
    match &list.after {
        Some(Position { key: Key::Instant(None), id }) if part != 0 => {
            sql.push(" and o.id ").push(list.sort_order.beyond()).push(" ").push_bind(*id);
        }
        Some(after @ Position { key, id }) if part == 0 && after.has_key() => {
            sql.push(" and (o.").push(column).push(", o.id) ").push(list.sort_order.beyond()).push(" (");
            push_key(sql, key);
            sql.push(", ").push_bind(*id).push(")");
        }
        _ => {}
    }
}

/// What is asked of an order that may be passed over: no more than the index by facet of that sorting holds, so that the order
/// itself is not looked at.
pub(in crate::orders) const fn compared(sort_by: SortBy) -> &'static str {
    match sort_by {
        SortBy::MintsoftOrderNumber => {
            "o.id, o.updated_at, o.created_at, o.ordered_at, o.dispatched_at, o.number_key"
        }
        _ => "o.id, o.updated_at, o.created_at, o.ordered_at, o.dispatched_at",
    }
}

/// In the order of the index, also of a part whose orders all have no key: they stand together in it, sorted by their ids, but
/// the server does not know that they are equal.
pub(in crate::orders) fn push_part_sorting(sql: &mut Sql, list: &OrderList, column: &'static str) {
    let direction = list.sort_order.sql();
    sql.push(" order by o.").push(column).push(direction).push(", o.id").push(direction);
}

#[cfg(test)]
mod tests {
    use logistics_domain::TenantId;

    use super::*;

    #[test]
    fn a_search_passes_over_no_more_of_an_order_than_is_compared() {
        let mut sql = Sql::new("");
        let scope = TenantScope::granted(TenantId(7));
        let walked = Walked { column: "updated_at", at_most: Some(2000), mark: None };
        push_walk(&mut sql, scope, &OrderList::default(), Some("rosa"), walked);
        assert!(!sql.sql().contains("o.*"), "{}", sql.sql());
    }
}
