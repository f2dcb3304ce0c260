//! `GET /logistics/orders/export`: a whole list as a file, of exactly the conditions and the sorting that are asked for.
//!
//! The list is read a portion at a time within one snapshot, and each portion is sent before the next is read, so memory
//! does not grow with the list. Whoever goes away, takes nothing for too long, or takes too long in all, ends the work. What
//! fails on the way breaks the connection off: a file that came to its end is whole.

mod columns;
mod pour;
mod sheet;
mod turns;

pub(super) use turns::Turns;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chrono_tz::Tz;
use futures_util::stream;
use logistics_projections::TenantScope;
use logistics_projections::orders::{OrderList, ReadAt, SortBy, SortOrder};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::Orders;
use super::query::query_with_conditions;
use crate::access::{AccessError, Principal};
use crate::api::extract::Query;
use crate::api::frame::language_asked;
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::tenancy::find_tenant;
use crate::words::{Language, Words};

/// How long a caller may take nothing before the work is ended. Less than a transaction may lie idle.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// How long an export may take in all, however slowly it is taken.
const WHOLE_WITHIN: Duration = Duration::from_mins(10);

/// How many pieces of a file wait to be taken.
const WAITING_MAX: usize = 2;

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Text with commas, in UTF-8 with a byte order mark, instants in the tenant's zone.
    Csv,
    /// A workbook, instants in the tenant's zone.
    Xlsx,
    /// A JSON object a line, as the list answers them.
    Jsonl,
}

query_with_conditions! {
    /// The query: the conditions and the sorting of the list.
    ExportQuery {
        /// The form of the file.
        #[param(inline)]
        format: Format,
        /// What to sort by.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_by: SortBy,
        /// In which direction.
        #[serde(default)]
        #[param(required = false, inline)]
        sort_order: SortOrder,
    }
}

/// What is exported, and how.
struct Export {
    scope: TenantScope,
    list: OrderList,
    read: ReadAt,
    zone: Tz,
    format: Format,
    words: Words,
    /// Held by whatever still works on it.
    turn: Arc<turns::Turn>,
}

/// A file of a list of orders.
#[utoipa::path(get, path = "/logistics/orders/export", tag = "orders", params(ExportQuery),
    responses((status = 200, description = "The file, pedidos.csv, pedidos.xlsx or pedidos.jsonl; the heads of a table are in \
        the language of Accept-Language (es or en), Spanish where it names neither", content(
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
    let turn = Arc::new(orders.exports.take(principal.id())?);
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let filter = query.conditions().filter(&mut reading, scope).await?;
    let tenant = find_tenant(&mut *reading, scope.tenant()).await?.ok_or(AccessError::NoSuchTenant)?;
    let (sort_by, sort_order, format) = (query.sort_by, query.sort_order, query.format);
    let list = OrderList { filter, sort_by, sort_order, ..OrderList::default() };
    let export = Export {
        scope: scope.0,
        list,
        read: orders.read_at(),
        zone: tenant.timezone,
        format,
        words: Words::of(language_asked(&headers).unwrap_or(Language::Spanish)),
        turn,
    };

    let (give, mut given) = mpsc::channel(WAITING_MAX);
    let work = async move {
        if timeout(WHOLE_WITHIN, pour::pour(&mut reading, &export, &give)).await.is_err() {
            tracing::info!("an export took too long and was broken off");
            // Whoever takes no more cannot be told.
            let _told = give.try_send(Err(pour::unwritable(TooLong)));
        }
        drop((reading, export));
    };
    tokio::spawn(work.in_current_span());
    // The first piece, or why there is none, is waited for: then it can still be said.
    match given.recv().await {
        Some(Ok(first)) => Ok(file(format, first, given)),
        Some(Err(error)) => Err(error.into()),
        None => Err(Problem::internal(&Ended)),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an export ended before it began")]
struct Ended;

#[derive(Debug, thiserror::Error)]
#[error("an export took longer than it may")]
struct TooLong;

/// What is handed from the work to the answer.
type Piece = Result<Bytes, sqlx::Error>;

fn file(format: Format, first: Bytes, given: mpsc::Receiver<Piece>) -> Response {
    let pieces = stream::unfold((Some(first), given), |(first, mut given)| async move {
        if let Some(first) = first {
            return Some((Ok(first), (None, given)));
        }
        let piece = given.recv().await?;
        Some((piece.map_err(io::Error::other), (None, given)))
    });
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"pedidos.csv\""),
        Format::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"pedidos.xlsx\"",
        ),
        Format::Jsonl => ("application/x-ndjson", "attachment; filename=\"pedidos.jsonl\""),
    };
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    response
}
