//! Lists as JSON. Which orders a page has, and which rows they are, is asked each time; what a row says is written once and kept at
//! hand, so that a page of orders that were shown before costs no more than finding it.

use std::collections::HashMap;
use std::sync::Arc;

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::freshness::ReadAt;
use super::line::{OrderLine, OrderText, TextsAtHand};
use crate::orders::listing::list::{LIMIT_MAX, OrderList, Page, rows_page};
use crate::orders::listing::selection::{Selection, whole_rows};
use crate::scope::TenantScope;

/// The page of the tenant's orders that the list asks for, to be written as JSON. Of orders whose texts are at hand no more is read
/// than which rows they are.
pub async fn list_lines(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    read: ReadAt,
    at_hand: Option<&dyn TextsAtHand>,
) -> sqlx::Result<Page<OrderLine>> {
    let mut list = list.within_bounds(list.limit.clamp(1, LIMIT_MAX));
    let likely = at_hand.filter(|at_hand| at_hand.are_likely(&list));
    let selection = likely.map_or(Selection::Whole, |_| Selection::Marks(list.sort_by));
    let (mut page, mut selected) = rows_page(connection, scope, &list, selection).await?;
    let texts = match (selected, at_hand) {
        (Selection::Marks(_), Some(at_hand)) => {
            texts_of(connection, *scope, (&list, &page.items, selected), at_hand).await?
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
        whole_texts(*scope, (&list, &page.items), at_hand)?
    };
    let mut texts = texts.into_iter();
    page.try_map(|row| {
        let text = texts.next().ok_or(sqlx::Error::RowNotFound)?;
        Ok(OrderLine::of(text, row, selected, read))
    })
}

/// The texts of whole rows: those that are at hand, and the others where they are kept.
fn whole_texts(
    scope: TenantScope,
    (list, rows): (&OrderList, &[PgRow]),
    at_hand: Option<&dyn TextsAtHand>,
) -> sqlx::Result<Vec<Option<Arc<OrderText>>>> {
    let Some(at_hand) = at_hand else { return Ok(rows.iter().map(|_| None).collect()) };
    let are_kept = at_hand.are_likely(list) || at_hand.are_kept();
    let mut missing = 0;
    let mut text_of = |row: &PgRow| {
        let stamp = Selection::Whole.stamp_of(row)?;
        let text = at_hand.get(OrderStreamId(row.try_get(0)?));
        let text = text.filter(|text| text.is_of(scope.tenant(), stamp));
        missing += usize::from(text.is_none());
        if text.is_none() && are_kept { kept_text(row, at_hand).map(Some) } else { Ok(text) }
    };
    let texts = rows.iter().map(&mut text_of).collect::<sqlx::Result<Vec<_>>>()?;
    at_hand.note(list, rows.len() - missing, missing);
    Ok(texts)
}

/// The texts of these rows, of which those that are not at hand are read; none where an order was changed meanwhile, so that its text
/// would be of another row than the one that stands in the list.
async fn texts_of(
    connection: &mut PgConnection,
    scope: TenantScope,
    (list, rows, selection): (&OrderList, &[PgRow], Selection),
    at_hand: &dyn TextsAtHand,
) -> sqlx::Result<Option<Vec<Arc<OrderText>>>> {
    let mut found = Vec::with_capacity(rows.len());
    let mut missing = vec![];
    for row in rows {
        let (id, stamp) = (OrderStreamId(row.try_get(0)?), selection.stamp_of(row)?);
        let text = at_hand.get(id).filter(|text| text.is_of(scope.tenant(), stamp));
        if text.is_none() {
            missing.push(id);
        }
        found.push((id, stamp, text));
    }
    at_hand.note(list, rows.len() - missing.len(), missing.len());
    let read = if missing.is_empty() { vec![] } else { whole_rows(connection, scope, missing).await? };
    let read = read.iter().map(|row| kept_text(row, at_hand).map(|text| (text.id, text)));
    let read = read.collect::<sqlx::Result<HashMap<_, _>>>()?;
    let texts = found.into_iter().map(|(id, stamp, text)| {
        text.or_else(|| read.get(&id).filter(|text| text.is_of(scope.tenant(), stamp)).cloned())
    });
    Ok(texts.collect())
}

/// The text of a whole row, which is kept.
fn kept_text(row: &PgRow, at_hand: &dyn TextsAtHand) -> sqlx::Result<Arc<OrderText>> {
    let text = Arc::new(OrderText::of(row)?);
    at_hand.keep(&text);
    Ok(text)
}
