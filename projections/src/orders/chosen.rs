//! The conditions of a list as SQL. Every value is a parameter, and every name of a column comes from an enum.

use sqlx::{Postgres, QueryBuilder};

use super::filter::{DateField, DayRange, OrderFilter, pattern};
use crate::scope::TenantScope;

/// A statement in the making.
pub(super) type Sql = QueryBuilder<'static, Postgres>;

/// The facets that the filter chooses, with what they stand for and how many orders each has: `facets`, for a `with`.
pub(super) fn push_facets(sql: &mut Sql, scope: TenantScope, filter: &OrderFilter) {
    sql.push(
        "facets as materialized (select c.facet, c.orders, f.status, f.status_id, f.tab, f.attention from ",
    );
    sql.push("(select facet, sum(orders)::bigint as orders from logistics_order_counted where tenant_id = ");
    sql.push_bind(scope.tenant().0)
        .push(" and field = 'all' and day = '-infinity' group by facet having sum(orders) > 0) c ");
    sql.push("join logistics_order_facets f on f.facet = c.facet where f.tenant_id = ");
    sql.push_bind(scope.tenant().0);
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
    for (field, range) in filter.days.given() {
        // A facet without orders on those days would be walked to its end for nothing.
        sql.push(" and c.facet in (select d.facet from logistics_order_counted d where ");
        push_days(sql, "d", scope, field, range);
        sql.push(" group by d.facet having sum(d.orders) > 0)");
    }
    sql.push(")");
}

/// How many orders the facets have, in all or in a range of days: an expression.
pub(super) fn push_counted(sql: &mut Sql, scope: TenantScope, range: Option<(DateField, DayRange)>) {
    let Some((field, range)) = range else {
        sql.push("(select coalesce(sum(orders), 0)::bigint from facets)");
        return;
    };
    sql.push("(select coalesce(sum(c.orders), 0)::bigint ");
    push_day_counters(sql, scope, field, range);
    sql.push(")");
}

/// The counters of the facets in a range of days, as `c`: from where they come, to be selected from. They are gone through once,
/// with the facets at hand as an array: a join would go through all of them for each facet, since no plan knows how few there are.
pub(super) fn push_day_counters(sql: &mut Sql, scope: TenantScope, field: DateField, range: DayRange) {
    sql.push("from logistics_order_counted c where c.facet = any(array(select facet from facets)) and ");
    push_days(sql, "c", scope, field, range);
}

/// That a counter is one of those days.
pub(super) fn push_days(
    sql: &mut Sql,
    counter: &'static str,
    scope: TenantScope,
    field: DateField,
    range: DayRange,
) {
    sql.push(counter).push(".tenant_id = ").push_bind(scope.tenant().0);
    sql.push(" and ").push(counter).push(".field = '").push(field.name()).push("'");
    if let Some(from) = range.from {
        sql.push(" and ").push(counter).push(".day >= ").push_bind(from.date);
    }
    if let Some(to) = range.to {
        sql.push(" and ").push(counter).push(".day <= ").push_bind(to.date);
    }
}

/// That an order `o` is the tenant's and shown.
pub(super) fn push_shown(sql: &mut Sql, scope: TenantScope) {
    sql.push("o.withheld_reason is null and o.tenant_id = ").push_bind(scope.tenant().0);
}

/// That an instant of an order `o` lies in the range.
pub(super) fn push_range(sql: &mut Sql, field: DateField, range: DayRange) {
    if let Some(from) = range.from {
        sql.push(" and o.").push(field.name()).push(" >= ").push_bind(from.instant);
    }
    if let Some(to) = range.to {
        sql.push(" and o.").push(field.name()).push(" < ").push_bind(to.instant);
    }
}

/// The conditions on an order `o` that its facet does not tell.
pub(super) fn push_more(sql: &mut Sql, filter: &OrderFilter, searched: Option<&str>) {
    for (field, range) in filter.days.given() {
        push_range(sql, field, range);
    }
    if let Some(text) = searched {
        let pattern = pattern(text);
        sql.push(" and (o.search_text like ").push_bind(pattern.clone());
        // As a value and not as `exists`, for which the server would read all recipients of the tenant once to have them at hand.
        sql.push(" or (select r.search_text like ").push_bind(pattern);
        sql.push(" from logistics_order_recipients r where r.logistics_order_id = o.id))");
    }
}
