//! Lists by the status, in which the orders of a facet are equal: statuses have places in the list, and orders of one place, of however
//! many facets, stand there by when they were first observed, along the index of each facet that stands by that already.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::conditions::{Sql, push_facets, push_holds_text, push_more, push_on_days, push_range, push_shown};
use super::filter::DateField;
use super::list::OrderList;
use super::sorting::{Key, Position, SortOrder};
use super::walk::{compared, push_part_sorting};
use crate::scope::TenantScope;

/// What orders of one place are sorted by, before their ids.
pub(in crate::orders) const WITHIN: &str = "created_at";

/// `facets` and their `places`, for a `with`: the list goes on in each after an instant and an id, or begins in it anew, where the
/// days asked for begin.
pub(in crate::orders) fn push_places(sql: &mut Sql, scope: TenantScope, list: &OrderList) {
    sql.push("with facets as materialized (");
    push_facets(sql, scope, list);
    push_on_days(sql, scope, &list.filter, None);
    sql.push("), places as (select f.facet, ");
    push_rank(sql, list, "f.");
    sql.push(" as key, ");
    match goes_on(list) {
        None => {
            push_anew(sql, list);
            sql.push(" as after_at, ").push_bind(Uuid::nil()).push(" as after_id from facets f) ");
        }
        Some((status, at, id)) => {
            sql.push("case when f.is_at then ").push_bind(at).push(" else ");
            push_anew(sql, list);
            sql.push(" end as after_at, case when f.is_at then ").push_bind(id).push(" else ");
            sql.push_bind(Uuid::nil()).push(" end as after_id from (select facet, status, status_id, ");
            push_is_at(sql, "", status);
            sql.push(" as is_at from facets) f where f.is_at or ");
            push_is_behind(sql, list, "f.", status);
            sql.push(") ");
        }
    }
}

/// Ahead of all orders of a facet that the list may have. No order has the least of ids, so that it stands before those of its instant in
/// either direction.
fn push_anew(sql: &mut Sql, list: &OrderList) {
    let days = list.filter.days.of(DateField::CreatedAt);
    let (begin, endless) = match list.sort_order {
        SortOrder::Asc => (days.from, "'-infinity'"),
        SortOrder::Desc => (days.to, "'infinity'"),
    };
    match begin {
        Some(day) => sql.push_bind(day.instant),
        None => sql.push(endless).push("::timestamptz"),
    };
}

/// The ids, walked along the index of each of the `places`.
pub(in crate::orders) fn push_walk_of_places(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    searched: Option<&str>,
) {
    // Held together where orders are passed over, so that the index of the list's order is read, whatever else is asked for.
    let passes_over = list.filter.days.given().any(|(field, _)| field != DateField::CreatedAt);
    sql.push("select s.id, 0 as part, p.key, s.created_at from places p cross join lateral ");
    sql.push("(select o.id, o.created_at from ");
    if passes_over {
        sql.push("(select ").push(compared(list.sort_by));
        if searched.is_some() {
            sql.push(", o.search_text");
        }
        sql.push(" from ");
    }
    sql.push("logistics_orders o where ");
    push_shown(sql, scope);
    sql.push(" and o.facet = p.facet and (o.created_at, o.id) ").push(list.sort_order.beyond());
    sql.push(" (p.after_at, p.after_id)");
    if passes_over {
        // Here and not only outside, so that the walk ends with those days.
        push_range(sql, DateField::CreatedAt, list.filter.days.of(DateField::CreatedAt));
        push_part_sorting(sql, list, WITHIN);
        sql.push(" offset 0) o where true");
    }
    push_more(sql, &list.filter);
    if let Some(text) = searched {
        push_holds_text(sql.push(" and "), text);
    }
    push_part_sorting(sql, list, WITHIN);
    sql.push(" limit ").push_bind(list.reach()).push(") s");
}

/// The place of a status, told by the columns with that prefix, among those of the list.
pub(in crate::orders) fn push_rank(sql: &mut Sql, list: &OrderList, of: &'static str) {
    let (direction, absent) =
        (list.sort_order.sql(), if list.absent_first { " nulls first" } else { " nulls last" });
    sql.push("dense_rank() over (order by ").push(of).push("status").push(direction).push(absent).push(", ");
    sql.push(of).push("status_id").push(direction).push(absent).push(")");
}

/// What of the wanted orders `w` is still ahead.
pub(in crate::orders) fn push_after_place(sql: &mut Sql, list: &OrderList) {
    let Some((status, at, id)) = goes_on(list) else { return };
    sql.push(" and (");
    push_is_behind(sql, list, "w.", status);
    sql.push(" or ");
    push_is_at(sql, "w.", status);
    sql.push(" and (w.created_at, w.id) ").push(list.sort_order.beyond()).push(" (");
    sql.push_bind(at).push(", ").push_bind(id).push("))");
}

/// A status by name and number.
type Status<'a> = (Option<&'a str>, Option<i32>);

/// After what the list goes on.
fn goes_on(list: &OrderList) -> Option<(Status<'_>, DateTime<Utc>, Uuid)> {
    match &list.after {
        Some(Position { key: Key::Status(status, status_id, at), id }) => {
            Some(((status.as_deref(), *status_id), *at, *id))
        }
        _ => None,
    }
}

/// That it is of that status.
fn push_is_at(sql: &mut Sql, of: &'static str, (status, status_id): Status<'_>) {
    sql.push("(").push(of).push("status is not distinct from ").push_bind(status.map(str::to_owned));
    sql.push(" and ").push(of).push("status_id is not distinct from ").push_bind(status_id).push(")");
}

/// That the place of its status is further down the list.
fn push_is_behind(sql: &mut Sql, list: &OrderList, of: &'static str, (status, status_id): Status<'_>) {
    sql.push("(");
    push_is_beyond(sql, list, (of, "status"), status.map(str::to_owned));
    sql.push(" or ").push(of).push("status is not distinct from ").push_bind(status.map(str::to_owned));
    sql.push(" and ");
    push_is_beyond(sql, list, (of, "status_id"), status_id);
    sql.push(")");
}

/// That a column is further down the list than this value, or than none.
fn push_is_beyond<T>(
    sql: &mut Sql,
    list: &OrderList,
    (of, column): (&'static str, &'static str),
    value: Option<T>,
) where
    T: for<'v> sqlx::Encode<'v, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + 'static,
{
    match value {
        Some(value) => {
            sql.push("(").push(of).push(column).push(" ").push(list.sort_order.beyond()).push(" ");
            sql.push_bind(value);
            if !list.absent_first {
                sql.push(" or ").push(of).push(column).push(" is null");
            }
            sql.push(")");
        }
        None if list.absent_first => {
            sql.push(of).push(column).push(" is not null");
        }
        None => {
            sql.push("false");
        }
    }
}
