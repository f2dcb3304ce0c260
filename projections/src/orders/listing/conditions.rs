//! The conditions of a list as SQL. Every value is a parameter, and every name of a column comes from an enum.

use chrono::NaiveDate;
use sqlx::{Postgres, QueryBuilder};

use super::filter::{DateField, DayRange, OrderFilter, pattern};
use super::list::OrderList;
use super::sorting::SortOrder;
use crate::event_log::NEXT_POSITION_OF_T;
use crate::scope::TenantScope;

/// A statement in the making.
pub(in crate::orders) type Sql = QueryBuilder<'static, Postgres>;

/// The facets that the list's filter chooses, with what they stand for and how many orders each has: a query, which asks the counters
/// where facets are not at hand.
pub(in crate::orders) fn push_facets(sql: &mut Sql, scope: TenantScope, list: &OrderList) {
    match list.facets_of(scope) {
        Some(facets) => facets.push_chosen(sql, &list.filter),
        None => push_facets_now(sql, scope, &list.filter),
    }
}

/// The facets that a filter chooses, as the counters tell them now: a query like that of [`push_facets`].
pub(in crate::orders) fn push_facets_now(sql: &mut Sql, scope: TenantScope, filter: &OrderFilter) {
    sql.push("select c.facet, c.orders, f.status, f.status_id, f.tab, f.attention from ");
    push_counted_facets(sql, scope);
    for (terms, id, name) in [
        (&filter.statuses, "f.status_id", "f.status"),
        (&filter.couriers, "f.courier_service_id", "f.courier_service"),
    ] {
        if !terms.is_empty() {
            sql.push(" and (").push(id).push(" = any(").push_bind(terms.ids.clone());
            sql.push(") or lower(").push(name).push(") = any(").push_bind(terms.names.clone()).push("))");
        }
    }
    if let Some(linked) = filter.linked {
        sql.push(" and f.linked = ").push_bind(linked);
    }
    if !filter.tabs.is_empty() {
        sql.push(" and f.tab = any(").push_bind(filter.tabs.names.clone()).push(")");
    }
    if let Some(attention) = filter.attention {
        sql.push(" and (f.attention is not null) = ").push_bind(attention);
    }
}

/// All facets, with all that they are chosen by: a query.
pub(in crate::orders) fn push_facets_told(sql: &mut Sql, scope: TenantScope) {
    sql.push("select c.facet, c.orders, f.status, f.status_id, lower(f.status) as status_name, ");
    sql.push(
        "f.courier_service_id, lower(f.courier_service) as courier_name, f.linked, f.tab, f.attention, ",
    );
    push_position(sql, scope);
    sql.push(" as position, ").push(GENERATION).push(" as generation from ");
    push_counted_facets(sql, scope);
}

/// Which counters are read: an expression.
pub(in crate::orders) const GENERATION: &str = "(select g.generation from logistics_order_generation g)";

/// How far the tenant's ledger reaches: an expression.
pub(in crate::orders) fn push_position(sql: &mut Sql, scope: TenantScope) {
    sql.push("(select ").push(NEXT_POSITION_OF_T).push(" from (values (");
    sql.push_bind(scope.tenant().0).push("::bigint)) t(id))");
}

/// The counters of facets as `c` and what these stand for as `f`: from where they come, to be selected from.
fn push_counted_facets(sql: &mut Sql, scope: TenantScope) {
    sql.push("(select facet, sum(orders)::bigint as orders from logistics_order_counted where tenant_id = ");
    sql.push_bind(scope.tenant().0)
        .push(" and field = 'all' and day = '-infinity' group by facet having sum(orders) > 0) c ");
    sql.push("join logistics_order_facets f on f.facet = c.facet where f.tenant_id = ");
    sql.push_bind(scope.tenant().0);
}

/// That a facet of [`push_facets`] has orders on the days asked for, but for those of one instant: it would be walked to its end
/// for nothing. To ask costs a look at the counters of all those days.
pub(in crate::orders) fn push_on_days(
    sql: &mut Sql,
    scope: TenantScope,
    filter: &OrderFilter,
    but_for: Option<DateField>,
) {
    for (field, range) in filter.days.given().filter(|(field, _)| Some(*field) != but_for) {
        sql.push(" and c.facet in (select d.facet from logistics_order_counted d where ");
        push_days(sql, scope, field, range);
        sql.push(" group by d.facet having sum(d.orders) > 0)");
    }
}

/// How many orders there are in a range of days, of the facets in an array or of all: an expression.
pub(in crate::orders) fn push_counted_in_days(
    sql: &mut Sql,
    scope: TenantScope,
    (field, range): (DateField, DayRange),
    facets: Option<&'static str>,
) {
    sql.push("(select coalesce(sum(d.orders), 0)::bigint ");
    if facets.is_some() {
        push_day_counters(sql, scope, (field, range), facets);
    } else {
        sql.push("from logistics_order_totalled d where ");
        push_days(sql, scope, field, range);
    }
    sql.push(")");
}

/// How many orders of all facets there are in a range of days, and which of them are the first and the last with any: as `d`, to be
/// selected from.
pub(in crate::orders) fn push_totals_in_days(
    sql: &mut Sql,
    scope: TenantScope,
    (field, range): (DateField, DayRange),
) {
    sql.push(
        "(select coalesce(sum(d.orders), 0)::bigint as orders, min(d.day) as first, max(d.day) as last ",
    );
    sql.push("from logistics_order_totalled d where ");
    push_days(sql, scope, field, range);
    sql.push(") d");
}

/// About how many orders of all facets there are on some days, since the notes are left out: a query in brackets.
pub(in crate::orders) fn push_totals_of(
    sql: &mut Sql,
    scope: TenantScope,
    field: DateField,
    days: &[NaiveDate],
) {
    sql.push("(select coalesce(sum(d.orders), 0)::bigint as orders from logistics_order_totals d where d.tenant_id = ");
    sql.push_bind(scope.tenant().0).push(" and d.field = '").push(field.name()).push("'");
    sql.push(" and d.generation = (select generation from logistics_order_generation)");
    sql.push(" and d.day = any(").push_bind(days.to_vec()).push("))");
}

/// The counters in a range of days as `d`, of the facets in an array or of all: from where they come, to be selected from.
pub(in crate::orders) fn push_day_counters(
    sql: &mut Sql,
    scope: TenantScope,
    (field, range): (DateField, DayRange),
    facets: Option<&'static str>,
) {
    sql.push("from logistics_order_counted d where ");
    push_days(sql, scope, field, range);
    if let Some(facets) = facets {
        // Not as it is stored, or the index would be read once a facet, and each time over all the days.
        sql.push(" and d.facet + 0 = any(").push(facets).push(")");
    }
}

/// How many orders there are on each of the first days of a list that is sorted by an instant, from a day on: a query. It is no more
/// than an estimate, since the notes are left out.
pub(in crate::orders) fn push_first_days(
    sql: &mut Sql,
    scope: TenantScope,
    field: DateField,
    (begin, order): (Option<NaiveDate>, SortOrder),
    days: i64,
) {
    sql.push("select d.day, d.orders from logistics_order_totals d where d.tenant_id = ");
    sql.push_bind(scope.tenant().0).push(" and d.field = '").push(field.name()).push("'");
    sql.push(" and d.generation = (select generation from logistics_order_generation)");
    if let Some(begin) = begin {
        sql.push(" and d.day ").push(order.beyond()).push("= ").push_bind(begin);
    }
    sql.push(" order by d.day").push(order.sql()).push(" limit ").push_bind(days);
}

/// How many orders there are of all facets and all days: an expression.
pub(in crate::orders) fn push_in_all(sql: &mut Sql, scope: TenantScope, list: &OrderList) {
    if let Some(facets) = list.facets_of(scope) {
        sql.push_bind(facets.orders());
        return;
    }
    sql.push(
        "(select coalesce(sum(d.orders), 0)::bigint from logistics_order_totalled d where d.tenant_id = ",
    );
    sql.push_bind(scope.tenant().0).push(" and d.field = 'all' and d.day = '-infinity')");
}

/// That a counter `d` is one of those days.
fn push_days(sql: &mut Sql, scope: TenantScope, field: DateField, range: DayRange) {
    sql.push("d.tenant_id = ").push_bind(scope.tenant().0);
    sql.push(" and d.field = '").push(field.name()).push("'");
    if let Some(from) = range.from {
        sql.push(" and d.day >= ").push_bind(from.date);
    }
    if let Some(to) = range.to {
        sql.push(" and d.day <= ").push_bind(to.date);
    }
}

/// That an order `o` is the tenant's and shown.
pub(in crate::orders) fn push_shown(sql: &mut Sql, scope: TenantScope) {
    sql.push("o.withheld_reason is null and o.tenant_id = ").push_bind(scope.tenant().0);
}

/// That an instant of an order `o` lies in the range.
pub(in crate::orders) fn push_range(sql: &mut Sql, field: DateField, range: DayRange) {
    if let Some(from) = range.from {
        sql.push(" and o.").push(field.name()).push(" >= ").push_bind(from.instant);
    }
    if let Some(to) = range.to {
        sql.push(" and o.").push(field.name()).push(" < ").push_bind(to.instant);
    }
}

/// The conditions on an order `o` that its facet does not tell.
pub(in crate::orders) fn push_more(sql: &mut Sql, filter: &OrderFilter) {
    for (field, range) in filter.days.given() {
        push_range(sql, field, range);
    }
}

/// Whether an order `o` or its recipient holds a text: an expression, null where there is no recipient and the order does not.
pub(in crate::orders) fn push_holds_text(sql: &mut Sql, text: &str) {
    let pattern = pattern(text);
    sql.push("(o.search_text like ").push_bind(pattern.clone());
    // As a value and not as `exists`, for which the server would read all recipients of the tenant once to have them at hand.
    sql.push(" or (select r.search_text like ").push_bind(pattern);
    sql.push(" from logistics_order_recipients r where r.logistics_order_id = o.id))");
}
