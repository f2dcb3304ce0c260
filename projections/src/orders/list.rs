//! Lists of orders: the page is found by ids alone, over an index, and only its orders are read whole.
//!
//! The statement holds only the conditions that were asked for; every value is a parameter, and every name of
//! a column comes from an enum. Statements are planned anew each time: which index is best depends on the
//! tenant and the filter, and the many texts would push the ledger's own out of the statement cache.

use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::filter::{LIMIT_MAX, OrderFilter};
use super::freshness::ReadAt;
use super::statuses::{StatusCondition, status_condition};
use super::view::{JOINED, OrderView, SELECTED};
use crate::scope::TenantScope;

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// How many there are in all.
    pub total: i64,
    /// Those of this page.
    pub items: Vec<T>,
}

/// The page of the tenant's orders that the filter asks for.
pub async fn list_orders(
    reading: &mut PgConnection,
    scope: &TenantScope,
    filter: &OrderFilter,
    read: ReadAt,
) -> sqlx::Result<Page<OrderView>> {
    let window = Window::of(filter);
    let statuses = status_condition(&mut *reading, *scope, &filter.statuses).await?;
    let wanted = Wanted { scope: *scope, filter, statuses: statuses.as_ref() };
    let rows = page_query(wanted, window).build().persistent(false).fetch_all(&mut *reading).await?;
    let items = rows.iter().map(|row| OrderView::read(row, read)).collect::<sqlx::Result<Vec<_>>>()?;
    let total = match window.total_told_by(items.len()) {
        Some(total) => total,
        None => count_query(wanted).build_query_scalar().persistent(false).fetch_one(reading).await?,
    };
    Ok(Page { total, items })
}

/// What a statement is made from.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    scope: TenantScope,
    filter: &'a OrderFilter,
    statuses: Option<&'a StatusCondition>,
}

/// Which rows of the sorted list.
#[derive(Clone, Copy)]
struct Window {
    skip: i64,
    limit: i64,
}

impl Window {
    fn of(filter: &OrderFilter) -> Self {
        Self { skip: filter.skip.max(0), limit: filter.limit.clamp(1, LIMIT_MAX) }
    }

    /// A page that is neither full nor beyond the end is the last one, so nothing needs to be counted.
    fn total_told_by(self, found: usize) -> Option<i64> {
        let found = i64::try_from(found).ok()?;
        (found < self.limit && (found > 0 || self.skip == 0)).then(|| self.skip.saturating_add(found))
    }
}

fn page_query(wanted: Wanted<'_>, window: Window) -> QueryBuilder<'static, Postgres> {
    let filter = wanted.filter;
    let mut query = QueryBuilder::new("with page as (");
    if filter.sort_by.is_optional() {
        push_in_two_parts(&mut query, wanted, window);
    } else {
        query.push("select o.id from logistics_orders o where ");
        push_conditions(&mut query, wanted);
        push_sorting(&mut query, filter, "");
        push_window(&mut query, window.skip, window.limit);
    }
    query.push(") select ").push(SELECTED).push(" from page join logistics_orders o on o.id = page.id ");
    query.push(JOINED);
    push_sorting(&mut query, filter, " nulls last");
    query
}

/// First those that have what the list is sorted by, then those that have not: so the ones without come last
/// in both directions, and one index serves both.
fn push_in_two_parts(query: &mut QueryBuilder<'static, Postgres>, wanted: Wanted<'_>, window: Window) {
    let filter = wanted.filter;
    let (first, direction) = (filter.sort_by.keys()[0], filter.sort_order.sql());
    let reached = window.skip.saturating_add(window.limit);
    query.push("select both_parts.id from (");
    for (part, presence) in [(0, " is not null"), (1, " is null")] {
        if part == 1 {
            query.push(" union all ");
        }
        query.push("(select o.id, ").push(part).push(" as part");
        for (place, key) in filter.sort_by.keys().iter().enumerate() {
            query.push(", ").push(key).push(" as key_").push(place);
        }
        query.push(" from logistics_orders o where ");
        push_conditions(query, wanted);
        query.push(" and ").push(first).push(presence);
        push_sorting(query, filter, "");
        push_window(query, 0, reached);
        query.push(")");
    }
    query.push(") both_parts order by part");
    for place in 0..filter.sort_by.keys().len() {
        query.push(", key_").push(place).push(direction);
    }
    query.push(", id").push(direction);
    push_window(query, window.skip, window.limit);
}

fn count_query(wanted: Wanted<'_>) -> QueryBuilder<'static, Postgres> {
    let mut query = QueryBuilder::new("select count(*) from logistics_orders o where ");
    push_conditions(&mut query, wanted);
    query
}

fn push_sorting(query: &mut QueryBuilder<'static, Postgres>, filter: &OrderFilter, nulls: &str) {
    let direction = filter.sort_order.sql();
    query.push(" order by ");
    for key in filter.sort_by.keys() {
        query.push(key).push(direction).push(nulls).push(", ");
    }
    query.push("o.id").push(direction);
}

fn push_window(query: &mut QueryBuilder<'static, Postgres>, skip: i64, limit: i64) {
    query.push(" limit ").push_bind(limit);
    if skip > 0 {
        query.push(" offset ").push_bind(skip);
    }
}

fn push_conditions(query: &mut QueryBuilder<'static, Postgres>, wanted: Wanted<'_>) {
    let (tenant, filter) = (wanted.scope.tenant().0, wanted.filter);
    query.push("o.withheld_reason is null and o.tenant_id = ").push_bind(tenant);
    if let Some(statuses) = wanted.statuses {
        push_statuses(query, statuses);
    }
    if let Some(from) = filter.date_from {
        query.push(" and ").push(filter.date_field.column()).push(" >= ").push_bind(from);
    }
    if let Some(before) = filter.date_before {
        query.push(" and ").push(filter.date_field.column()).push(" < ").push_bind(before);
    }
    if let Some(pattern) = filter.search_pattern() {
        query.push(" and (o.search_text like ").push_bind(pattern.clone());
        query.push(
            " or o.id in (select r.logistics_order_id from logistics_order_recipients r where r.tenant_id = ",
        );
        query.push_bind(tenant).push(" and r.search_text like ").push_bind(pattern).push("))");
    }
}

/// The first condition is one that an index serves; the second tells apart statuses of one name.
fn push_statuses(query: &mut QueryBuilder<'static, Postgres>, statuses: &StatusCondition) {
    query.push(" and o.status = any(").push_bind(statuses.held.clone());
    query.push(") and (o.status_id = any(").push_bind(statuses.ids.clone());
    query.push(") or lower(o.status) = any(").push_bind(statuses.names.clone()).push("))");
}
