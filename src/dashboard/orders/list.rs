//! `/dashboard/orders`: a view of the brand's orders, searched, filtered, sorted, a page at a time; the whole page, or the
//! part of it that the script asks for.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use logistics_domain::OrderStreamId;
use logistics_projections::orders::{SortBy, SortOrder, find_order, list_orders};
use uuid::Uuid;

use super::Pages;
use super::asked::{Asked, Chip, PAGE, TABS};
use super::list_row::Row;
use super::missing::{Missing, missing};
use crate::access::Right;
use crate::api::{Path, Problem};
use crate::dashboard::page::{Frame, Page, Section, Visit};

const PUSHED_ADDRESS: HeaderName = HeaderName::from_static("hx-push-url");

/// Mintsoft's names of the statuses that most orders pass.
const STATUSES: [&str; 12] = [
    "NEW",
    "PRINTED",
    "AWAITINGPICKING",
    "PICKINGSTARTED",
    "PICKED",
    "PACKED",
    "DESPATCHED",
    "INVOICED",
    "ONBACKORDER",
    "QUERYRAISED",
    "PACKANDHOLD",
    "CANCELLED",
];

/// The page.
#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    frame: Frame,
    view: View,
}

/// The part of it that changes with what is asked for.
#[derive(Template)]
#[template(path = "orders/results.html")]
struct ResultsPart {
    frame: Frame,
    view: View,
}

/// One row.
#[derive(Template)]
#[template(path = "orders/row.html")]
struct RowPart {
    frame: Frame,
    row: Row,
}

/// What is shown.
pub(super) struct View {
    asked: Asked,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    missing: Option<Missing>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
    statuses: Vec<(String, bool)>,
    can_export: bool,
}

struct Tab {
    name: &'static str,
    text: String,
    count: Option<String>,
    href: String,
    is_current: bool,
}

struct Column {
    text: String,
    /// The address sorted by it, and how it is sorted now.
    sorting: Option<(String, &'static str)>,
}

pub(super) async fn list(
    State(pages): State<Pages>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let asked = Asked::read(query.as_deref().unwrap_or_default())?;
    let address = asked.address();
    let view = view(&pages, &visit, asked).await?;
    let frame = visit.frame(visit.words().orders_title(), Section::Orders).live();
    let mut response = match visit.wanted.as_deref() {
        Some("results") => Page(ResultsPart { frame, view }).into_response(),
        _ => Page(ListPage { frame, view }).into_response(),
    };
    if visit.wanted.is_some()
        && let Ok(address) = HeaderValue::from_str(&address)
    {
        response.headers_mut().insert(PUSHED_ADDRESS, address);
    }
    Ok(response)
}

/// One row anew, for the script that follows events.
pub(super) async fn row(
    State(pages): State<Pages>,
    visit: Visit,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let read = pages.read_at();
    let scope = visit.scope()?;
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let found = find_order(&mut *reading, &scope, OrderStreamId(id), read).await?;
    let unknown =
        || Problem::not_found("order_unknown", "there is no such order; open it from the list of orders");
    let row = Row::of(&visit, found.ok_or_else(unknown)?);
    let frame = visit.frame(String::new(), Section::Orders);
    Ok(Page(RowPart { frame, row }).into_response())
}

async fn view(pages: &Pages, visit: &Visit, asked: Asked) -> Result<View, Problem> {
    let (w, scope, read) = (visit.words(), visit.scope()?, pages.read_at());
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let (rows, gone_missing, found, total) = if asked.tab() == "missing" {
        let page = missing(&mut reading, visit, asked.skip(), read.now).await?;
        let (found, total) = (page.rows.len(), page.total);
        (Vec::new(), Some(page), found, total)
    } else {
        let page = list_orders(&mut reading, &scope, &asked.filter(visit.zone()), read).await?;
        let found = page.items.len();
        let rows = page.items.into_iter().map(|order| Row::of(visit, order)).collect();
        (rows, None, found, page.total)
    };
    let found = i64::try_from(found).unwrap_or(i64::MAX);
    let (from, to) = (asked.skip() + i64::from(found > 0), asked.skip() + found);
    let at = |skip: i64| {
        let skip = if skip > 0 { skip.to_string() } else { String::new() };
        asked.with(|asked| asked.skip = skip).address()
    };
    Ok(View {
        tabs: tabs(visit, &asked),
        chips: asked.chips(w),
        columns: columns(visit, &asked),
        rows,
        missing: gone_missing,
        range: w.orders_range(w.number(from), w.number(to), w.number(total)),
        previous: (asked.skip() > 0).then(|| at((asked.skip() - PAGE).max(0))),
        next: (to < total).then(|| at(asked.skip() + PAGE)),
        statuses: STATUSES.map(|name| (name.to_owned(), asked.has_status(name))).to_vec(),
        can_export: visit.may(Right::ExportOrders),
        asked,
    })
}

fn tabs(visit: &Visit, asked: &Asked) -> Vec<Tab> {
    TABS.into_iter()
        .map(|name| Tab {
            name,
            text: visit.words().tab_name(name),
            count: None,
            href: asked.in_tab(name),
            is_current: asked.tab() == name,
        })
        .collect()
}

/// The columns, those that one can sort by with the address that does it: down first, then up.
fn columns(visit: &Visit, asked: &Asked) -> Vec<Column> {
    let w = visit.words();
    let sorted = |by: SortBy, name: &str| {
        let is_current = asked.sort_by() == by;
        let now = match (is_current, asked.sort_order()) {
            (false, _) => "",
            (true, SortOrder::Desc) => "descending",
            (true, SortOrder::Asc) => "ascending",
        };
        let order = if now == "descending" { "asc" } else { "" };
        let address = asked.with(|asked| {
            name.clone_into(&mut asked.sort_by);
            order.clone_into(&mut asked.sort_order);
        });
        Some((address.address(), now))
    };
    vec![
        Column {
            text: w.column_order(),
            sorting: sorted(SortBy::MintsoftOrderNumber, "mintsoft_order_number"),
        },
        Column { text: w.column_status(), sorting: sorted(SortBy::Status, "status") },
        Column { text: w.column_courier(), sorting: None },
        Column { text: w.column_tracking(), sorting: None },
        Column { text: w.column_dispatched(), sorting: sorted(SortBy::DispatchedAt, "dispatched_at") },
        Column { text: w.column_estimated(), sorting: None },
        Column { text: w.column_shop_order(), sorting: None },
        Column { text: w.column_checked(), sorting: None },
    ]
}
