//! The statement of one page: the ids of its orders are found over an index, and only those orders are read whole.
//!
//! A list **walks** where the order of an index is the order of the list: of each facet its first orders, as many as the
//! page has, and of those the first of all. It **sorts** where few orders can be in it at all. Ids, key and `part` are
//! what the list is sorted by; orders without a key are the second part, and so come last in both directions.

use sqlx::types::Uuid;

use super::chosen::{Sql, push_counted, push_facets, push_more, push_range, push_shown};
use super::filter::{DateField, DayRange};
use super::list::OrderList;
use super::seen::{JOINED, SELECTED};
use super::sorting::{Key, Position, SortBy, SortOrder};
use super::sought::{SOUGHT_TOTAL, push_sought};
use super::straight::{straight_query, walked_straight};
use crate::scope::TenantScope;

/// Where the orders of a page are found.
pub(super) enum Way<'a> {
    /// Along an index, each looked at whether it meets the conditions; with the text that is searched for.
    Walk {
        /// The text that each is compared with.
        searched: Option<&'a str>,
        /// How many there are in all, where counters tell.
        total: Told,
        /// How many orders of one walk are looked at; none means as many as it takes.
        at_most: Option<i64>,
    },
    /// Among those that hold the text that is searched for, if they are few: else there is neither a page nor a total.
    Sought {
        /// The text.
        text: &'a str,
        /// Whether it is looked up even if its pieces are common.
        thoroughly: bool,
    },
    /// Among those of a range of days, which are few.
    Within(DateField, DayRange),
}

/// Which counters tell how many orders a list has.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// Those of all days.
    InAll,
    /// Those of a range of days.
    InDays(DateField, DayRange),
    /// None do.
    NotCounted,
}

/// The page; its last column is the total, and a page without orders is one row of nothing else.
pub(super) fn page_query(scope: TenantScope, list: &OrderList, way: &Way<'_>) -> Sql {
    if let Some((told, column)) = walked_straight(list, way) {
        return straight_query(scope, list, told, column);
    }
    let mut sql = Sql::new("with ");
    if !matches!(way, Way::Sought { .. }) || !list.filter.is_of_all_facets() {
        push_facets(&mut sql, scope, &list.filter);
        sql.push(", ");
    }
    match way {
        Way::Walk { searched, at_most, .. } => {
            push_places(&mut sql, list);
            sql.push("page as (");
            push_walk(&mut sql, scope, list, *searched, *at_most);
        }
        Way::Sought { text, thoroughly } => push_sought(&mut sql, scope, list, text, *thoroughly),
        Way::Within(field, range) => push_within(&mut sql, scope, list, *field, *range),
    }
    if !matches!(way, Way::Walk { .. }) {
        sql.push(", page as (select w.id, w.part, w.key from wanted w where true");
        push_after_part(&mut sql, list);
    }
    push_sorting(&mut sql, list, "");
    sql.push(" limit ").push_bind(list.reading());
    if list.skip > 0 {
        sql.push(" offset ").push_bind(list.skip);
    }
    sql.push(") select ").push(SELECTED).push(", o.number_key, told.total from (select ");
    match way {
        Way::Walk { total: Told::InAll, .. } => push_counted(&mut sql, scope, None),
        Way::Walk { total: Told::InDays(field, range), .. } => {
            push_counted(&mut sql, scope, Some((*field, *range)));
        }
        Way::Walk { total: Told::NotCounted, .. } => {
            sql.push("null::bigint");
        }
        Way::Sought { .. } => {
            sql.push(SOUGHT_TOTAL);
        }
        Way::Within(..) => {
            sql.push("(select count(*) from wanted)");
        }
    }
    sql.push(" as total) told left join (page join logistics_orders o on o.id = page.id ").push(JOINED);
    sql.push(") on true");
    push_sorting(&mut sql, list, "page.");
    sql
}

/// Sorted by the status, a facet has a place among facets, and the list goes on in it after an id, or begins in it anew.
fn push_places(sql: &mut Sql, list: &OrderList) {
    if list.sort_by != SortBy::Status {
        return;
    }
    sql.push("places as (select facet, ");
    push_rank(sql, list);
    let anew = match list.sort_order {
        SortOrder::Asc => Uuid::nil(),
        SortOrder::Desc => Uuid::max(),
    };
    let Some(Position { key: Key::Status(status, status_id), id }) = &list.after else {
        sql.push(", ").push_bind(anew).push(" as after from facets), ");
        return;
    };
    sql.push(", case when status is not distinct from ").push_bind(status.clone());
    sql.push(" and status_id is not distinct from ").push_bind(*status_id);
    sql.push(" then ").push_bind(*id).push(" else ").push_bind(anew).push(" end as after from facets where ");
    match status {
        None => sql.push("status is null"),
        Some(status) => {
            sql.push("status is null or (status, status_id) ").push(list.sort_order.beyond()).push("= (");
            sql.push_bind(status.clone()).push(", ").push_bind(*status_id).push(")")
        }
    };
    sql.push("), ");
}

fn push_rank(sql: &mut Sql, list: &OrderList) {
    let direction = list.sort_order.sql();
    sql.push("dense_rank() over (order by status").push(direction).push(" nulls last, status_id");
    sql.push(direction).push(" nulls last) as key");
}

fn push_walk(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    searched: Option<&str>,
    at_most: Option<i64>,
) {
    let Some(column) = list.sort_by.column() else {
        sql.push("select s.id, 0 as part, p.key from places p cross join lateral ");
        sql.push("(select o.id from logistics_orders o where ");
        push_shown(sql, scope);
        sql.push(" and o.facet = p.facet and o.id ").push(list.sort_order.beyond()).push(" p.after");
        push_more(sql, &list.filter, searched);
        sql.push(" order by o.id")
            .push(list.sort_order.sql())
            .push(" limit ")
            .push_bind(list.reach())
            .push(") s");
        return;
    };
    let by_facet = !is_one_walk(list);
    sql.push("select s.id, s.part, s.key from ");
    if by_facet {
        sql.push("facets f cross join lateral ");
    }
    sql.push("(");
    for (place, part) in parts_ahead(list).iter().enumerate() {
        if place > 0 {
            sql.push(" union all ");
        }
        push_part(sql, scope, list, searched, Part { column, number: *part, by_facet, at_most });
    }
    sql.push(") s");
}

/// The parts of a list that are still ahead: 0 has those with a key, 1 those without.
fn parts_ahead(list: &OrderList) -> &'static [u8] {
    let asked = list.sort_by.date_field().is_some_and(|field| !list.filter.days.of(field).is_open());
    match &list.after {
        Some(Position { key: Key::Instant(None), .. }) => &[1],
        _ if list.sort_by.is_optional() && !asked => &[0, 1],
        _ => &[0],
    }
}

/// A part of a walk.
#[derive(Clone, Copy)]
struct Part {
    column: &'static str,
    number: u8,
    by_facet: bool,
    at_most: Option<i64>,
}

/// Whether the list is walked along one index, and not along one walk a facet.
pub(super) const fn is_one_walk(list: &OrderList) -> bool {
    matches!(list.sort_by, SortBy::UpdatedAt) && list.filter.is_of_all_facets()
}

fn push_part(sql: &mut Sql, scope: TenantScope, list: &OrderList, searched: Option<&str>, part: Part) {
    let Part { column, number: part, by_facet, at_most } = part;
    // Held together where orders are passed over, so that the index of the list's order is read, whatever else is asked for.
    let passes_over = at_most.is_some() || list.filter.days.given().any(|(field, _)| field.name() != column);
    sql.push("(select o.id, ").push(part).push(" as part, o.").push(column).push(" as key from ");
    if passes_over {
        sql.push("(select ")
            .push(if searched.is_some() { "o.*" } else { passed_over(list.sort_by) })
            .push(" from ");
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
    if passes_over {
        push_part_sorting(sql, list, column, part);
        match at_most {
            Some(at_most) => sql.push(" limit ").push_bind(at_most),
            None => sql.push(" offset 0"),
        };
        sql.push(") o where true");
    }
    push_more(sql, &list.filter, searched);
    push_part_sorting(sql, list, column, part);
    sql.push(" limit ").push_bind(list.reach()).push(")");
}

/// What of a part is still ahead.
pub(super) fn push_after(sql: &mut Sql, list: &OrderList, column: &'static str, part: u8) {
    match &list.after {
        Some(Position { key: Key::Instant(None), id }) => {
            sql.push(" and o.id ").push(list.sort_order.beyond()).push(" ").push_bind(*id);
        }
        Some(Position { key, id }) if part == 0 => {
            sql.push(" and (o.").push(column).push(", o.id) ").push(list.sort_order.beyond()).push(" (");
            push_key(sql, key);
            sql.push(", ").push_bind(*id).push(")");
        }
        _ => {}
    }
}

/// What is asked of an order that may be passed over: no more than the index by facet of that sorting holds, so that the order
/// itself is not looked at.
const fn passed_over(sort_by: SortBy) -> &'static str {
    match sort_by {
        SortBy::MintsoftOrderNumber => {
            "o.id, o.updated_at, o.created_at, o.ordered_at, o.dispatched_at, o.number_key"
        }
        _ => "o.id, o.updated_at, o.created_at, o.ordered_at, o.dispatched_at",
    }
}

pub(super) fn push_part_sorting(sql: &mut Sql, list: &OrderList, column: &'static str, part: u8) {
    let direction = list.sort_order.sql();
    sql.push(" order by ");
    if part == 0 {
        sql.push("o.").push(column).push(direction).push(", ");
    }
    sql.push("o.id").push(direction);
}

/// `wanted`, for a `with`: the orders of the range that are in the list.
fn push_within(sql: &mut Sql, scope: TenantScope, list: &OrderList, field: DateField, range: DayRange) {
    sql.push("wanted as materialized (");
    let facet = if let Some(column) = list.sort_by.column() {
        sql.push("select o.id, case when o.").push(column).push(" is null then 1 else 0 end as part, o.");
        sql.push(column).push(" as key, null::text as status, null::int as status_id from facets f ");
        "f.facet"
    } else {
        sql.push("select o.id, 0 as part, ranked.key, ranked.status, ranked.status_id ");
        sql.push("from (select facet, status, status_id, ");
        push_rank(sql, list);
        sql.push(" from facets) ranked ");
        "ranked.facet"
    };
    // Held together, so that the index of the facet and this instant is read, whatever else is asked for.
    sql.push("cross join lateral (select ").push(passed_over(list.sort_by));
    sql.push(" from logistics_orders o where ");
    push_shown(sql, scope);
    sql.push(" and o.facet = ").push(facet);
    push_range(sql, field, range);
    sql.push(" offset 0) o where true");
    push_more(sql, &list.filter, None);
    sql.push(")");
}

/// What of the wanted orders `w` is still ahead.
fn push_after_part(sql: &mut Sql, list: &OrderList) {
    let Some(Position { key, id }) = &list.after else { return };
    let beyond = list.sort_order.beyond();
    match key {
        Key::Instant(None) => {
            sql.push(" and w.part = 1 and w.id ").push(beyond).push(" ").push_bind(*id);
        }
        Key::Instant(Some(_)) | Key::Number(_) => {
            sql.push(" and (w.part = 1 or (w.key, w.id) ").push(beyond).push(" (");
            push_key(sql, key);
            sql.push(", ").push_bind(*id).push("))");
        }
        Key::Status(None, _) => {
            sql.push(" and w.status is null and w.id ").push(beyond).push(" ").push_bind(*id);
        }
        Key::Status(Some(status), status_id) => {
            sql.push(" and (w.status is null or (w.status, w.status_id, w.id) ").push(beyond).push(" (");
            sql.push_bind(status.clone())
                .push(", ")
                .push_bind(*status_id)
                .push(", ")
                .push_bind(*id)
                .push("))");
        }
    }
}

fn push_key(sql: &mut Sql, key: &Key) {
    match key {
        Key::Instant(instant) => sql.push_bind(*instant),
        Key::Number(number) => sql.push_bind(number.clone()),
        Key::Status(status, _) => sql.push_bind(status.clone()),
    };
}

/// The places of facets are ranked in the list's direction already.
fn push_sorting(sql: &mut Sql, list: &OrderList, of: &'static str) {
    let direction = list.sort_order.sql();
    sql.push(" order by ").push(of).push("part, ").push(of).push("key");
    if list.sort_by.column().is_some() {
        sql.push(direction);
    }
    sql.push(", ").push(of).push("id").push(direction);
}
