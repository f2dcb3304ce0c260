//! How the orders of a list are found: looked up by a text, of some days, or along an index.

use sqlx::PgConnection;

use super::days::{Ways, ways_by_days};
use super::hours::Hours;
use super::index_scan::has_index;
use super::list::{OrderList, WALKED_FIRST};
use super::page::{Told, Way};
use super::walk::is_one_walk;
use crate::orders::search::candidates::has_pieces;
use crate::scope::TenantScope;

/// How the orders of a list are best found.
pub(in crate::orders) async fn ways<'a>(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    searched: Option<&'a str>,
) -> sqlx::Result<Ways<'a>> {
    if let Some(text) = searched {
        let sought = Way::Sought { text, thoroughly: false };
        return Ok((if has_pieces(text) { sought } else { walk_of(text, None) }, None));
    }
    let sorted_by = list.sort_by.date_field();
    let given: Vec<_> = list.filter.days.given().collect();
    let total = match given.as_slice() {
        [] => Told::InAll,
        [(field, range)] if sorted_by == Some(*field) => Told::InDays(*field, *range),
        _ => return ways_by_days(connection, scope, list, &given).await,
    };
    let whole = Way::Walk { searched: None, total, at_most: None };
    if let Some(hours) = Hours::of(list) {
        return Ok((Way::Hourly(hours, total), Some(whole)));
    }
    // Of a list that is not sorted by one of its facets' indexes alone, only orders that are withheld are passed over.
    Ok(if has_index(list) && !is_one_walk(list) {
        (Way::Walk { searched: None, total, at_most: Some(WALKED_FIRST) }, Some(whole))
    } else {
        (whole, None)
    })
}

/// A walk that compares each order with the text, of so many orders at most.
pub(in crate::orders) const fn walk_of(text: &str, at_most: Option<i64>) -> Way<'_> {
    Way::Walk { searched: Some(text), total: Told::NotCounted, at_most }
}
