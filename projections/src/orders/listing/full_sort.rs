//! Lists of orders of some days, all of which are looked at and sorted: they are few, or further away along an index.

use super::conditions::{Sql, push_more, push_range, push_shown};
use super::filter::{DateField, DayRange};
use super::list::OrderList;
use super::page::push_key;
use super::places::{WITHIN, push_after_place, push_rank};
use super::sorting::{Key, Position};
use super::walk::compared;
use crate::scope::TenantScope;

/// The ids of orders of `told.facets` on those days, for a list whose total is told in another way.
pub(in crate::orders) fn push_within(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    column: &'static str,
    (field, range): (DateField, DayRange),
) {
    sql.push("select w.id, w.part, w.key from (select o.id, ");
    push_part_of(sql, list, column);
    sql.push(", o.").push(column).push(" as key from unnest(told.facets) f(facet) cross join lateral ");
    push_facet_on_days(sql, scope, list, ("f.facet", field, range));
    sql.push(" where true");
    for (other, days) in list.filter.days.given().filter(|given| *given != (field, range)) {
        push_range(sql, other, days);
    }
    sql.push(") w where true");
    push_after_part(sql, list);
}

/// Orders `o` of a facet on some days. They are held together, so that the index of the facet and this instant is read, whatever
/// else is asked for.
fn push_facet_on_days(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    (facet, field, range): (&'static str, DateField, DayRange),
) {
    sql.push("(select ").push(compared(list.sort_by)).push(" from logistics_orders o where ");
    push_shown(sql, scope);
    sql.push(" and o.facet = ").push(facet);
    push_range(sql, field, range);
    sql.push(" offset 0) o");
}

/// All orders of those days that are in the list.
pub(in crate::orders) fn push_wanted(
    sql: &mut Sql,
    scope: TenantScope,
    list: &OrderList,
    (field, range): (DateField, DayRange),
) {
    let facet = if let Some(column) = list.sort_by.column() {
        sql.push("select o.id, ");
        push_part_of(sql, list, column);
        sql.push(", o.")
            .push(column)
            .push(" as key, null::text as status, null::int as status_id from facets f ");
        "f.facet"
    } else {
        sql.push("select o.id, 0 as part, ranked.key, ranked.status, ranked.status_id, o.").push(WITHIN);
        sql.push(" from (select facet, status, status_id, ");
        push_rank(sql, list, "");
        sql.push(" as key from facets) ranked ");
        "ranked.facet"
    };
    sql.push("cross join lateral ");
    push_facet_on_days(sql, scope, list, (facet, field, range));
    sql.push(" where true");
    push_more(sql, &list.filter);
}

/// The part of the list that an order `o` is in: 0, or another one if it is without what the list is sorted by.
pub(in crate::orders) fn push_part_of(sql: &mut Sql, list: &OrderList, column: &'static str) {
    if list.sort_by.is_optional() {
        sql.push("case when o.").push(column).push(" is null then ").push(list.part_without_key());
        sql.push(" else 0 end as part");
    } else {
        sql.push("0 as part");
    }
}

/// What of the wanted orders `w` is still ahead.
pub(in crate::orders) fn push_after_part(sql: &mut Sql, list: &OrderList) {
    let Some(Position { key, id }) = &list.after else { return };
    let beyond = list.sort_order.beyond();
    match key {
        Key::Instant(None) => {
            let part = list.part_without_key();
            sql.push(" and (w.part > ").push(part).push(" or w.part = ").push(part).push(" and w.id ");
            sql.push(beyond).push(" ").push_bind(*id).push(")");
        }
        Key::Instant(Some(_)) | Key::Number(_) => {
            sql.push(" and (w.part > 0 or w.part = 0 and (w.key, w.id) ").push(beyond).push(" (");
            push_key(sql, key);
            sql.push(", ").push_bind(*id).push("))");
        }
        Key::Status(..) => push_after_place(sql, list),
    }
}
