//! A page of the list of orders from a place on, forward or backward. The list is walked by the place of an order and not by
//! numbers of pages, so what comes in between moves nobody's page.

use logistics_projections::TenantScope;
use logistics_projections::orders::{Key, OrderList, OrderView, Position, ReadAt, SortBy, list_orders};
use sqlx::PgConnection;

use super::list_query::Asked;
use crate::api::{Problem, cursor_of, place_of};

/// The orders of one page, and the cursors of those beside it.
pub(super) struct Part {
    pub(super) items: Vec<OrderView>,
    pub(super) total: i64,
    pub(super) total_is_exact: bool,
    /// What the page after begins after.
    pub(super) next: Option<String>,
    /// What the page before ends before.
    pub(super) previous: Option<String>,
}

/// The page that is asked for.
pub(super) async fn part(
    reading: &mut PgConnection,
    scope: &TenantScope,
    list: OrderList,
    asked: &Asked,
    read: ReadAt,
) -> Result<Part, Problem> {
    let tenant = scope.tenant();
    let is_backward = !asked.before.is_empty();
    let mut walked = if is_backward { list.reversed() } else { list };
    let cursor = if is_backward { &asked.before } else { &asked.cursor };
    if !cursor.is_empty() {
        walked.after = Some(place_of(tenant, &walked, cursor)?);
    }
    let page = list_orders(reading, scope, &walked, read).await?;
    let mut items = page.items;
    let goes_on = page.next.is_some();
    if is_backward {
        items.reverse();
    }
    let (first, last) = (items.first(), items.last());
    let (ahead, behind) = if is_backward { (first, last) } else { (last, first) };
    let cursor = |walked: &OrderList, order| cursor_of(tenant, walked, &place(order, walked.sort_by));
    let onward = ahead.filter(|_| goes_on).map(|order| cursor(&walked, order));
    // Whoever came back has a page to go on to; whoever goes forward has one before it unless this is the first.
    let has_behind = is_backward || !asked.cursor.is_empty();
    let walked_back = walked.reversed();
    let back = behind.filter(|_| has_behind).map(|order| cursor(&walked_back, order));
    let (next, previous) = if is_backward { (back, onward) } else { (onward, back) };
    Ok(Part { items, total: page.total, total_is_exact: page.total_is_exact, next, previous })
}

/// Where an order stands in a list.
fn place(order: &OrderView, sort_by: SortBy) -> Position {
    let key = match sort_by {
        SortBy::UpdatedAt => Key::Instant(Some(order.updated_at)),
        SortBy::CreatedAt => Key::Instant(Some(order.created_at)),
        SortBy::OrderedAt => Key::Instant(order.ordered_at),
        SortBy::DispatchedAt => Key::Instant(order.dispatched_at),
        SortBy::MintsoftOrderNumber => Key::Number(order.mintsoft_order_number.to_lowercase()),
        SortBy::Status => Key::Status(order.status.clone(), order.status_id, order.created_at),
    };
    Position { key, id: order.id }
}
