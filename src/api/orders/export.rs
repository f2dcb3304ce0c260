//! `GET /logistics/orders/export`: a whole list of orders as a file, of exactly the conditions and the sorting that are
//! asked for; and the columns of a table of orders, with their names in the caller's language.

use async_trait::async_trait;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono_tz::Tz;
use logistics_projections::RawJson;
use logistics_projections::TenantScope;
use logistics_projections::orders::{OrderList, OrderView, ReadAt, SortBy, SortOrder, list_portion};
use serde::Deserialize;
use sqlx::PgConnection;

use super::Orders;
use super::query::query_with_conditions;
use crate::access::Principal;
use crate::api::export::{Cell, Format, Listed, answer, instant, text};
use crate::api::extract::Query;
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::words::Words;

query_with_conditions! {
    /// The query: the conditions and the sorting of the list.
    ExportQuery {
        /// The form of the file.
        #[param(inline)]
        format: Format,
        /// What to sort by; `updated_at` where nothing is said.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_by: SortBy,
        /// In which direction; `desc`, the largest or latest first, where nothing is said.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_order: SortOrder,
    }
}

/// A file of a list of orders.
#[utoipa::path(get, path = "/logistics/orders/export", tag = "exports", params(ExportQuery),
    responses((status = 200, description = "The file, pedidos.csv, pedidos.xlsx or pedidos.jsonl; the heads of a table are in \
        the language of Accept-Language (es or en), Spanish where it names neither; with a session in the one that was chosen \
        on the pages", content(
        (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "application/x-ndjson")))))]
pub(super) async fn export(
    State(orders): State<Orders>,
    scope: Scope,
    principal: Principal,
    headers: HeaderMap,
    Query(mut query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let permit = orders.gate.exports.take(principal.id(), scope.tenant())?;
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let filter = query.conditions().filter(&mut reading, scope, None).await?;
    let (sort_by, sort_order) = (query.sort_by, query.sort_order);
    let list = OrderList { filter, sort_by, sort_order, ..OrderList::default() };
    let listed = OrderRows { scope: scope.0, read: orders.read_at(), ahead: Some(list) };
    answer(permit, reading, (scope, orders.gate.language_for(&headers)), query.format, listed).await
}

/// The orders of a list.
struct OrderRows {
    scope: TenantScope,
    read: ReadAt,
    /// Where to go on; none at the end.
    ahead: Option<OrderList>,
}

#[async_trait]
impl Listed for OrderRows {
    type Row = OrderView;

    const NAME: &'static str = "pedidos";

    fn heads(words: Words) -> Vec<String> {
        vec![
            words.export_head_order(),
            words.export_head_status(),
            words.export_head_stage(),
            words.export_head_attention(),
            words.export_head_courier(),
            words.export_head_tracking_number(),
            words.export_head_tracking_url(),
            words.export_head_ordered(),
            words.export_head_dispatched(),
            words.export_head_estimated(),
            words.export_head_delivered(),
            words.export_head_parcels(),
            words.export_head_weight(),
            words.export_head_shop_order(),
            words.export_head_items(),
            words.export_head_part(),
            words.export_head_parts(),
            words.export_head_mintsoft_id(),
            words.export_head_created(),
            words.export_head_updated(),
        ]
    }

    fn cells(order: &Self::Row, zone: Tz, words: Words) -> Vec<Cell> {
        let instant = |at| instant(at, zone);
        let promised = order.estimated_delivery.and_then(|at| order.clock().day_told(at));
        let stage = match order.tab.as_str() {
            "in_warehouse" => words.export_stage_in_warehouse(),
            "on_the_way" => words.export_stage_on_the_way(),
            "delivered" => words.export_stage_delivered(),
            _ => words.export_stage_closed(),
        };
        vec![
            text(Some(&order.mintsoft_order_number)),
            text(order.status.as_deref()),
            text(Some(&stage)),
            text(Some(&if order.attention.is_some() { words.export_yes() } else { words.export_no() })),
            text(order.courier_service.as_deref()),
            text(order.tracking_number.as_deref()),
            text(order.tracking_url.as_deref()),
            instant(order.ordered_at),
            instant(order.dispatched_at),
            promised.map_or_else(|| instant(order.estimated_delivery), Cell::Day),
            instant(order.delivered_at),
            order.num_parcels.map_or(Cell::Empty, |parcels| Cell::Number(parcels.into())),
            order.weight.map_or(Cell::Empty, Cell::Number),
            text(order.shop_order_name.as_deref()),
            text(Some(&lines(&order.items))),
            Cell::Number(order.part.into()),
            Cell::Number(order.number_of_parts.into()),
            // As a text: a spreadsheet rounds long numbers.
            text(Some(&order.mintsoft_order_id.to_string())),
            instant(Some(order.created_at)),
            instant(Some(order.updated_at)),
        ]
    }

    async fn next(&mut self, snapshot: &mut PgConnection) -> sqlx::Result<Option<Vec<OrderView>>> {
        let Some(mut list) = self.ahead.take() else { return Ok(None) };
        let page = list_portion(snapshot, &self.scope, &list, self.read).await?;
        if page.next.is_some() {
            list.after = page.next;
            list.has_common_text |= page.has_common_text;
            self.ahead = Some(list);
        }
        Ok(Some(page.items))
    }
}

/// `LADORE_A x2; LADORE_B x1`.
fn lines(items: &RawJson) -> String {
    #[derive(Deserialize)]
    struct Line {
        sku: Option<String>,
        #[serde(default)]
        quantity: i64,
    }
    let items: Vec<Line> = items.read().unwrap_or_default();
    let line = |item: &Line| format!("{} x{}", item.sku.as_deref().unwrap_or("?"), item.quantity);
    items.iter().map(line).collect::<Vec<_>>().join("; ")
}
