//! The page of a list in which a text is searched for. A text that few orders hold is looked up by its pieces. One that many hold is
//! looked for along the list, since it is soon met there: along an index, where the list is nothing but all orders by their last change, and
//! else [in portions](super::portions).

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::candidates::{THOROUGH_MAX, has_pieces};
use super::portions::page_in_portions;
use super::result_page::text_index_rows;
use crate::orders::listing::list::{OrderList, Page, WALKED_FIRST};
use crate::orders::listing::page::{AccessPath, TotalSource};
use crate::orders::listing::page_finder::{FoundRows, counted, is_short, put_together, rows_of};
use crate::orders::listing::selection::Selection;
use crate::orders::listing::walk::is_one_walk;
use crate::scope::TenantScope;

/// The most orders that may be expected to be passed until the page is full. Where more are, the text is looked up by its pieces,
/// however common they are.
const WALKED_ON_MAX: i64 = 20_000;

/// The page, and what its rows have of each order.
pub(in crate::orders) async fn searched_page(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, selection): (&str, Selection),
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    let mut has_common_text = false;
    if has_pieces(text) && !list.has_common_text {
        if let Some(found) = looked_up(connection, scope, list, (text, None), selection).await? {
            let selected = found.selected;
            return Ok((put_together(found, scope, list)?, selected));
        }
        has_common_text = true;
    }
    if is_one_walk(list) && list.filter.days.given().next().is_none() && list.skip == 0 {
        let found = walked(connection, scope, list, (text, selection)).await?;
        let selected = found.selected;
        return Ok((put_together(FoundRows { has_common_text, ..found }, scope, list)?, selected));
    }
    let (page, selected) = page_in_portions(connection, scope, list, (text, selection)).await?;
    Ok((Page { has_common_text, ..page }, selected))
}

/// What is found by the pieces of a text; none where too many orders hold it.
pub(super) async fn looked_up<'a>(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, thoroughly): (&'a str, Option<i64>),
    selection: Selection,
) -> sqlx::Result<Option<FoundRows<'a>>> {
    let (rows, selected) = text_index_rows(connection, scope, list, (text, thoroughly), selection).await?;
    let path = AccessPath::TextIndex { text, thoroughly };
    let is_found = counted(&rows)?.is_some();
    Ok(is_found.then_some(FoundRows { rows, selected, path, has_common_text: false }))
}

/// What is met of a text that many orders hold along the index of all orders by their last change. What turns out to be rarer than its
/// pieces is looked up.
async fn walked<'a>(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, selected): (&'a str, Selection),
) -> sqlx::Result<FoundRows<'a>> {
    let found = |path, rows| FoundRows { rows, selected, path, has_common_text: false };
    if has_pieces(text) {
        let near = walk_of(text, Some(WALKED_FIRST));
        let rows = rows_of(connection, scope, list, &near, selected).await?;
        let Some(met) = is_short(list, &rows)? else { return Ok(found(near, rows)) };
        let is_rare = WALKED_FIRST.saturating_mul(list.reading()) > met.saturating_mul(WALKED_ON_MAX);
        if is_rare
            && let Some(found) =
                looked_up(connection, scope, list, (text, Some(THOROUGH_MAX)), selected).await?
        {
            return Ok(found);
        }
    }
    let far = walk_of(text, None);
    let rows = rows_of(connection, scope, list, &far, selected).await?;
    Ok(found(far, rows))
}

/// A walk that compares each order with the text, of so many orders at most.
pub(super) const fn walk_of(text: &str, at_most: Option<i64>) -> AccessPath<'_> {
    AccessPath::Walk { searched: Some(text), total: TotalSource::NotCounted, at_most }
}
