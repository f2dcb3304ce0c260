//! Lists as JSON. Which orders a page has, and which rows they are, is asked each time; what a row says is written once and
//! cached, so that a page of orders that were shown before costs no more than finding it.

use std::collections::HashMap;
use std::sync::Arc;

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::freshness::ReadAt;
use super::line::{OrderLine, OrderText, OrderTextCache};
use crate::orders::listing::list::{LIMIT_MAX, OrderList, Page, rows_page};
use crate::orders::listing::selection::{Selection, whole_rows};
use crate::scope::TenantScope;

/// The page of the tenant's orders that the list asks for, to be written as JSON. Of orders whose texts are cached no more is
/// read than which rows they are.
pub async fn list_lines(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    read: ReadAt,
    cache: Option<&dyn OrderTextCache>,
) -> sqlx::Result<Page<OrderLine>> {
    let mut list = list.within_bounds(list.limit.clamp(1, LIMIT_MAX));
    let likely = cache.filter(|cache| cache.are_likely(&list));
    let selection = likely.map_or(Selection::Whole, |_| Selection::Marks(list.sort_by));
    let (mut page, mut selected) = rows_page(connection, scope, &list, selection).await?;
    let texts = match (selected, cache) {
        (Selection::Marks(_), Some(cache)) => {
            texts_of(connection, *scope, (&list, &page.items, selected), cache).await?
        }
        _ => None,
    };
    let texts = if let Some(texts) = texts {
        texts.into_iter().map(Some).collect()
    } else {
        if selected != Selection::Whole {
            // Something happens just now.
            list.facets = None;
            let had_stale_facets = page.had_stale_facets;
            (page, selected) = rows_page(connection, scope, &list, Selection::Whole).await?;
            page.had_stale_facets = had_stale_facets;
        }
        whole_texts(*scope, (&list, &page.items), cache)?
    };
    let mut texts = texts.into_iter();
    page.try_map(|row| {
        let text = texts.next().ok_or(sqlx::Error::RowNotFound)?;
        Ok(OrderLine::of(text, row, selected, read))
    })
}

/// The texts of whole rows: those that are cached, and the others where they are to be.
fn whole_texts(
    scope: TenantScope,
    (list, rows): (&OrderList, &[PgRow]),
    cache: Option<&dyn OrderTextCache>,
) -> sqlx::Result<Vec<Option<Arc<OrderText>>>> {
    let Some(cache) = cache else { return Ok(rows.iter().map(|_| None).collect()) };
    let are_kept = cache.are_likely(list) || cache.are_kept();
    let mut missing = 0;
    let mut text_of = |row: &PgRow| {
        let stamp = Selection::Whole.stamp_of(row)?;
        let text = cache.get(OrderStreamId(row.try_get(0)?));
        let text = text.filter(|text| text.is_of(scope.tenant(), stamp));
        missing += usize::from(text.is_none());
        if text.is_none() && are_kept { kept_text(row, cache).map(Some) } else { Ok(text) }
    };
    let texts = rows.iter().map(&mut text_of).collect::<sqlx::Result<Vec<_>>>()?;
    cache.note(list, rows.len() - missing, missing);
    Ok(texts)
}

/// The texts of these rows, of which those that are not cached are read; none where an order was changed meanwhile, so that its text
/// would be of another row than the one that stands in the list.
async fn texts_of(
    connection: &mut PgConnection,
    scope: TenantScope,
    (list, rows, selection): (&OrderList, &[PgRow], Selection),
    cache: &dyn OrderTextCache,
) -> sqlx::Result<Option<Vec<Arc<OrderText>>>> {
    let mut found = Vec::with_capacity(rows.len());
    let mut missing = vec![];
    for row in rows {
        let (id, stamp) = (OrderStreamId(row.try_get(0)?), selection.stamp_of(row)?);
        let text = cache.get(id).filter(|text| text.is_of(scope.tenant(), stamp));
        if text.is_none() {
            missing.push(id);
        }
        found.push((id, stamp, text));
    }
    cache.note(list, rows.len() - missing.len(), missing.len());
    let read = if missing.is_empty() { vec![] } else { whole_rows(connection, scope, missing).await? };
    let read = read.iter().map(|row| kept_text(row, cache).map(|text| (text.id, text)));
    let read = read.collect::<sqlx::Result<HashMap<_, _>>>()?;
    let texts = found.into_iter().map(|(id, stamp, text)| {
        text.or_else(|| read.get(&id).filter(|text| text.is_of(scope.tenant(), stamp)).cloned())
    });
    Ok(texts.collect())
}

/// The text of a whole row, which is put into the cache.
fn kept_text(row: &PgRow, cache: &dyn OrderTextCache) -> sqlx::Result<Arc<OrderText>> {
    let text = Arc::new(OrderText::of(row)?);
    cache.keep(&text);
    Ok(text)
}
