//! Lists as JSON. Which orders a page has, and which rows they are, is asked each time; what a row says is written once and kept at
//! hand, so that a page of orders that were shown before costs no more than finding it.

use std::collections::HashMap;
use std::sync::Arc;

use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::freshness::ReadAt;
use super::line::{OrderLine, OrderText, TextsAtHand};
use super::list::{LIMIT_MAX, OrderList, Page, rows_page};
use super::selection::{Selection, whole_rows};
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
    let list = list.within_bounds(list.limit.clamp(1, LIMIT_MAX));
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
        texts
    } else {
        if selected != Selection::Whole {
            (page, selected) = rows_page(connection, scope, &list, Selection::Whole).await?;
        }
        let written = |row| written_of(row, *scope, at_hand);
        let texts = page.items.iter().map(written).collect::<sqlx::Result<Vec<_>>>()?;
        if let Some(at_hand) = at_hand {
            let missing = texts.iter().filter(|(_, is_new)| *is_new).count();
            at_hand.note(&list, texts.len() - missing, missing);
        }
        texts.into_iter().map(|(text, _)| text).collect()
    };
    let mut texts = texts.into_iter();
    page.try_map(|row| {
        let text = texts.next().ok_or(sqlx::Error::RowNotFound)?;
        Ok(OrderLine::of(text, row, selected, read))
    })
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
    let read = read.iter().map(|row| written_of(row, scope, Some(at_hand)).map(|(text, _)| (text.id, text)));
    let read = read.collect::<sqlx::Result<HashMap<_, _>>>()?;
    let texts = found.into_iter().map(|(id, stamp, text)| {
        text.or_else(|| read.get(&id).filter(|text| text.is_of(scope.tenant(), stamp)).cloned())
    });
    Ok(texts.collect())
}

/// The text of a whole row, which is at hand, or is kept; and whether it was written now.
fn written_of(
    row: &PgRow,
    scope: TenantScope,
    at_hand: Option<&dyn TextsAtHand>,
) -> sqlx::Result<(Arc<OrderText>, bool)> {
    if let Some(at_hand) = at_hand {
        let stamp = Selection::Whole.stamp_of(row)?;
        let text = at_hand.get(OrderStreamId(row.try_get(0)?));
        if let Some(text) = text.filter(|text| text.is_of(scope.tenant(), stamp)) {
            return Ok((text, false));
        }
    }
    let text = Arc::new(OrderText::of(row)?);
    if let Some(at_hand) = at_hand {
        at_hand.keep(&text);
    }
    Ok((text, true))
}
