//! Chooses the access path of a list in which nothing is searched for: by days or hours, or along an index.

use sqlx::PgConnection;

use super::days::{PathAndFallback, access_paths_by_days};
use super::hours::Hours;
use super::index_scan::has_index;
use super::list::{OrderList, WALKED_FIRST};
use super::page::{AccessPath, TotalSource};
use super::walk::is_one_walk;
use crate::scope::TenantScope;

/// The access path that is expected to be cheapest for a list, and its fallback.
pub(in crate::orders) async fn access_paths(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
) -> sqlx::Result<PathAndFallback<'static>> {
    let sorted_by = list.sort_by.date_field();
    let given: Vec<_> = list.filter.days.given().collect();
    let total = match given.as_slice() {
        [] => TotalSource::InAll,
        [(field, range)] if sorted_by == Some(*field) => TotalSource::InDays(*field, *range),
        _ => return access_paths_by_days(connection, scope, list, &given).await,
    };
    let whole = AccessPath::Walk { searched: None, total, at_most: None };
    if let Some(hours) = Hours::of(list) {
        return Ok((AccessPath::Hourly(hours, total), Some(whole)));
    }
    // Of a list that is not sorted by one of its facets' indexes alone, only orders that are withheld are passed over.
    Ok(if has_index(list) && !is_one_walk(list) {
        (AccessPath::Walk { searched: None, total, at_most: Some(WALKED_FIRST) }, Some(whole))
    } else {
        (whole, None)
    })
}
