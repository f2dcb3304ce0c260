//! How many orders a list has, by status and by tab. Where counters tell it, or few orders can be in the list, it is exact;
//! else the newest orders are looked at, and the counts are what is there at least.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use utoipa::ToSchema;

use crate::orders::listing::conditions::{
    Sql, push_day_counters, push_facets_now, push_holds_text, push_more, push_shown,
};
use crate::orders::listing::filter::OrderFilter;
use crate::orders::listing::list::SORTED_MAX;
use crate::orders::search::candidates::found_by_text;
use crate::scope::TenantScope;

/// How many orders a status has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatusCount {
    /// Upstream's name; null for orders of which none is known.
    pub status: Option<String>,
    /// Upstream's number.
    pub status_id: Option<i32>,
    /// How many orders.
    pub orders: i64,
}

/// How many orders stand under a tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TabCount {
    /// `in_warehouse`, `on_the_way`, `delivered` or `closed`.
    pub tab: String,
    /// How many orders.
    pub orders: i64,
    /// How many orders of the tab need attention.
    pub need_attention: i64,
}

/// How many orders a list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCounts {
    /// In all.
    pub total: i64,
    /// Of those, how many need attention.
    pub need_attention: i64,
    /// By status: those that have any, by name.
    pub statuses: Vec<StatusCount>,
    /// By tab: those that have any, by name.
    pub tabs: Vec<TabCount>,
    /// Whether all this is exact, rather than what is there at least.
    pub is_exact: bool,
}

#[derive(FromRow)]
struct Counted {
    status: Option<String>,
    status_id: Option<i32>,
    tab: String,
    needs_attention: bool,
    orders: i64,
}

/// Counts the tenant's orders that meet the filter.
pub async fn count_orders(
    connection: &mut PgConnection,
    scope: &TenantScope,
    filter: &OrderFilter,
) -> sqlx::Result<OrderCounts> {
    let given: Vec<_> = filter.days.given().collect();
    let searched = filter.searched();
    let mut sql = Sql::new("");
    if let (None, []) = (&searched, given.as_slice()) {
        push_by_status(&mut sql);
        sql.push("(");
        push_facets_now(&mut sql, *scope, filter);
        sql.push(") f");
        push_grouped(&mut sql);
        let counted = sql.build_query_as().fetch_all(connection).await?;
        return Ok(summed(counted, true));
    }
    sql.push("with facets as materialized (");
    push_facets_now(&mut sql, *scope, filter);
    sql.push(")");
    let is_exact = match (searched.as_deref(), given.as_slice()) {
        (None, [range]) => {
            sql.push(", counted as (select d.facet, d.orders ");
            let chosen = "array(select facet from facets)";
            push_day_counters(&mut sql, *scope, *range, (!filter.is_of_all_facets()).then_some(chosen));
            sql.push(")");
            true
        }
        (text, _) => {
            let found = match text {
                Some(text) => found_by_text(connection, *scope, text).await?,
                None => None,
            };
            let is_exact = found.is_some();
            sql.push(", counted as (select o.facet, 1 as orders from ");
            if let Some(ids) = found {
                sql.push("logistics_orders o where o.id = any(").push_bind(ids).push(") and ");
                push_shown(&mut sql, *scope);
                push_more(&mut sql, filter);
            } else {
                sql.push("(select o.* from logistics_orders o where ");
                push_shown(&mut sql, *scope);
                sql.push(" order by o.updated_at desc limit ").push_bind(i64::from(SORTED_MAX));
                sql.push(") o where true");
                push_more(&mut sql, filter);
                if let Some(text) = text {
                    push_holds_text(sql.push(" and "), text);
                }
            }
            sql.push(")");
            is_exact
        }
    };
    push_by_status(&mut sql);
    sql.push("(select c.orders, f.status, f.status_id, f.tab, f.attention ");
    sql.push("from counted c join facets f on f.facet = c.facet) f");
    push_grouped(&mut sql);
    let counted: Vec<Counted> = sql.build_query_as().fetch_all(connection).await?;
    Ok(summed(counted, is_exact))
}

/// The counts by all that is told, of what follows as `f`.
fn push_by_status(sql: &mut Sql) {
    sql.push(" select f.status, f.status_id, f.tab, f.attention is not null as needs_attention, ");
    sql.push("sum(f.orders)::bigint as orders from ");
}

fn push_grouped(sql: &mut Sql) {
    sql.push(" group by f.status, f.status_id, f.tab, f.attention is not null having sum(f.orders) > 0 ");
    sql.push("order by f.status, f.status_id");
}

fn summed(counted: Vec<Counted>, is_exact: bool) -> OrderCounts {
    let mut counts = OrderCounts { total: 0, need_attention: 0, statuses: vec![], tabs: vec![], is_exact };
    let mut tabs = BTreeMap::new();
    for Counted { status, status_id, tab, needs_attention, orders } in counted {
        let need_attention = if needs_attention { orders } else { 0 };
        counts.total += orders;
        counts.need_attention += need_attention;
        let (in_tab, of_those): &mut (i64, i64) = tabs.entry(tab).or_default();
        *in_tab += orders;
        *of_those += need_attention;
        match counts.statuses.last_mut() {
            Some(last) if (&last.status, last.status_id) == (&status, status_id) => last.orders += orders,
            _ => counts.statuses.push(StatusCount { status, status_id, orders }),
        }
    }
    let tab = |(tab, (orders, need_attention))| TabCount { tab, orders, need_attention };
    counts.tabs = tabs.into_iter().map(tab).collect();
    counts
}
