//! Finds the orders of a page by the access path expected to be cheapest, falls back to another where that finds too few, and makes the
//! page.

use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{PgConnection, Row};

use super::access_path::access_paths;
use super::index_scan::{as_index_scan, sort_by, sort_by_change};
use super::list::{OrderList, Page};
use super::page::{AccessPath, page_query};
use super::selection::Selection;
use super::sorting::{Key, Position, SortBy};
use crate::orders::search::searched_page::searched_page;
use crate::scope::TenantScope;

/// A page by the facets that are at hand, whether they hold or not.
pub(super) async fn found_page(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    selection: Selection,
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    match list.filter.searched() {
        Some(text) => searched_page(connection, *scope, list, (&text, selection)).await,
        None => listed_page(connection, *scope, list, selection).await.map(|page| (page, selection)),
    }
}

/// What a page is made of, as the statement gave it.
pub(in crate::orders) struct FoundRows<'a> {
    pub(in crate::orders) rows: Vec<PgRow>,
    pub(in crate::orders) selected: Selection,
    pub(in crate::orders) path: AccessPath<'a>,
    /// Whether the text that is searched for turned out to be common.
    pub(in crate::orders) has_common_text: bool,
}

/// The page of the list as if nothing were searched for, by the cheapest access path, and by its fallback where that finds too few.
pub(in crate::orders) async fn listed_page(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    selected: Selection,
) -> sqlx::Result<Page<PgRow>> {
    let (mut path, fallback) = access_paths(connection, scope, list).await?;
    let mut rows = rows_of(connection, scope, list, &path, selected).await?;
    if let Some(fallback) = fallback
        && is_short(list, &rows)?.is_some()
    {
        path = fallback;
        rows = rows_of(connection, scope, list, &path, selected).await?;
    }
    put_together(FoundRows { rows, selected, path, has_common_text: false }, scope, list)
}

/// The page that the rows make: in its order, cut to its length, with its total and the place where the next one begins.
pub(in crate::orders) fn put_together(
    found: FoundRows<'_>,
    scope: TenantScope,
    list: &OrderList,
) -> sqlx::Result<Page<PgRow>> {
    let FoundRows { mut rows, selected, path, has_common_text } = found;
    let counted = counted(&rows)?;
    let had_stale_facets = match (list.facets_of(scope), rows.first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(_), Some(row)) => !row.try_get::<bool, _>("holds")?,
    };
    // A page without orders is one row of nothing else.
    rows.retain(has_order);
    match as_index_scan(list, &path).filter(|scan| scan.is_sorted_here()) {
        Some(_) => sort_by_change(&mut rows, selected, list.sort_order)?,
        None => sort_by(&mut rows, |row| row.try_get::<Option<i64>, _>("place"))?,
    }
    let read_in_all = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let more = read_in_all > list.limit;
    rows.truncate(usize::try_from(list.limit).unwrap_or_default());
    let next = rows.last().filter(|_| more).map(|row| place(row, list.sort_by)).transpose()?;
    // The last page of a list that was read from its beginning tells how many there are.
    let ended = !more && list.after.is_none() && (read_in_all > 0 || list.skip == 0);
    let at_least = if read_in_all > 0 { list.skip.saturating_add(read_in_all) } else { 0 };
    // Counters that were asked before the page may not know yet what the page shows.
    let told = counted.filter(|told| list.after.is_some() || *told >= at_least);
    let total_is_exact = told.is_some() || ended;
    let total = told.unwrap_or(at_least);
    Ok(Page { total, total_is_exact, items: rows, next, has_common_text, had_stale_facets })
}

/// The rows that an access path gives, in whatever order.
pub(in crate::orders) async fn rows_of(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    path: &AccessPath<'_>,
    selection: Selection,
) -> sqlx::Result<Vec<PgRow>> {
    page_query(scope, list, path, selection).build().fetch_all(connection).await
}

/// How many orders of a page were found, where orders of it may be further away than it was looked.
pub(in crate::orders) fn is_short(list: &OrderList, rows: &[PgRow]) -> sqlx::Result<Option<i64>> {
    let found = i64::try_from(rows.iter().filter(|row| has_order(row)).count()).unwrap_or(i64::MAX);
    let is_whole =
        list.after.is_none() && counted(rows)?.is_some_and(|total| total <= list.skip.saturating_add(found));
    Ok((found < list.reading() && !is_whole).then_some(found))
}

/// How many there are in all, where the statement told it.
pub(in crate::orders) fn counted(rows: &[PgRow]) -> sqlx::Result<Option<i64>> {
    Ok(rows.first().map(|row| row.try_get("total")).transpose()?.flatten())
}

pub(in crate::orders) fn has_order(row: &PgRow) -> bool {
    row.try_get::<Option<Uuid>, _>(0).is_ok_and(|id| id.is_some())
}

/// The place of a row in a list of that sorting.
pub(in crate::orders) fn place(row: &PgRow, sort_by: SortBy) -> sqlx::Result<Position> {
    let key = match sort_by {
        SortBy::MintsoftOrderNumber => Key::Number(row.try_get("number_key")?),
        SortBy::Status => {
            Key::Status(row.try_get("status")?, row.try_get("status_id")?, row.try_get("created_at")?)
        }
        SortBy::UpdatedAt | SortBy::CreatedAt | SortBy::OrderedAt | SortBy::DispatchedAt => {
            Key::Instant(row.try_get(sort_by.column().unwrap_or("updated_at"))?)
        }
    };
    Ok(Position { key, id: row.try_get("id")? })
}
