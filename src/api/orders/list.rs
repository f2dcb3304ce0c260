//! `GET /logistics/orders`: a page of the tenant's orders, searched, filtered and sorted.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use logistics_projections::orders::{
    ORDER_JSON_BYTES, OrderLine, OrderList, OrderTextCache, OrderView, SortBy, SortOrder, begin_object,
    end_object, list_lines,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Orders;
use super::cursor::{cursor_of, place_of};
use super::query::query_with_conditions;
use crate::api::etag::Known;
use crate::api::extract::{Query, page, refused_beside};
use crate::api::gate::{Gate, Scope};
use crate::api::problem::Problem;

query_with_conditions! {
    /// The query. Dates are days in the tenant's zone, both included.
    ListQuery {
        /// How many to pass over; not together with `cursor`, which costs the same at any depth.
        #[param(minimum = 0)]
        skip: Option<i64>,
        /// How many to answer: 1 to 200, 50 if nothing is said.
        #[param(minimum = 1, maximum = 200)]
        limit: Option<i64>,
        /// What to sort by; `updated_at` where nothing is said.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_by: SortBy,
        /// In which direction; `desc`, the largest or latest first, where nothing is said.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_order: SortOrder,
        /// The `next_cursor` of the page before, asked for with the same conditions and sorting.
        cursor: Option<String>,
    }
}

/// A page, in the host's shape.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is written piece by piece, and only written")]
pub(super) struct OrderPage {
    /// How many there are in all.
    total: i64,
    /// False where counting would take too long: then there are at least `total`.
    total_is_exact: bool,
    items: Vec<OrderView>,
    skip: i64,
    limit: i64,
    /// Goes into `cursor` to go on; null at the end.
    next_cursor: Option<String>,
}

/// What stands in a page before its orders.
#[derive(Serialize)]
struct Begin {
    total: i64,
    total_is_exact: bool,
}

/// And what stands after them.
#[derive(Serialize)]
struct End {
    skip: i64,
    limit: i64,
    next_cursor: Option<String>,
}

/// Orders, a page at a time.
#[utoipa::path(get, path = "/logistics/orders", tag = "orders", params(ListQuery),
    responses((status = 200, description = "A page of orders", body = OrderPage)))]
pub(super) async fn list(
    State(orders): State<Orders>,
    scope: Scope,
    Extension(known): Extension<Known>,
    Query(mut query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    if skip > 0 && query.cursor.is_some() {
        return Err(refused_beside("skip", "cursor"));
    }
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let filter = query.conditions().filter(&mut reading, scope, known.zone).await?;
    let (sort_by, sort_order) = (query.sort_by, query.sort_order);
    let Gate { facets, common_texts, clock, listed, .. } = &*orders.gate;
    let (second, has_common_text) = (clock.now().timestamp(), common_texts.have(scope.tenant(), &filter));
    let mut list =
        OrderList { filter, sort_by, sort_order, skip, limit, has_common_text, ..OrderList::default() };
    list.facets = facets.of(&mut reading, &scope.0, &list, (known.position, second)).await?;
    if let Some(cursor) = query.cursor {
        list.after = Some(place_of(scope.tenant(), &list, &cursor)?);
    }
    let cache = listed.as_ref().map(|listed| listed as &dyn OrderTextCache);
    let page = list_lines(&mut reading, &scope.0, &list, orders.read_at(), cache).await?;
    reading.release();
    if page.had_stale_facets {
        facets.pass_over(scope.0, second);
    }
    if page.has_common_text {
        common_texts.note(scope.tenant(), &list.filter);
    }
    let next_cursor = page.next.map(|place| cursor_of(scope.tenant(), &list, &place));
    let begin = Begin { total: page.total, total_is_exact: page.total_is_exact };
    let body = written(&begin, &page.items, &End { skip, limit, next_cursor })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The page as JSON, its orders straight from their rows.
fn written(begin: &Begin, orders: &[OrderLine], end: &End) -> sqlx::Result<Vec<u8>> {
    let mut json = Vec::with_capacity((orders.len() + 1) * ORDER_JSON_BYTES);
    begin_object(&mut json, begin)?;
    json.extend_from_slice(br#","items":["#);
    for (place, order) in orders.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        order.write(&mut json)?;
    }
    json.push(b']');
    end_object(&mut json, end)?;
    Ok(json)
}
