//! `/dashboard/orders`: a view of the brand's orders, searched, filtered, sorted, a page at a time; the whole page, or the
//! part of it that the script asks for.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use logistics_domain::OrderStreamId;
use logistics_projections::orders::{
    OrderCounts, SortBy, SortOrder, count_orders, couriers_of, find_order, list_orders,
};
use uuid::Uuid;

use super::Pages;
use super::asked::{Asked, Chip, TABS};
use super::list_row::Row;
use super::missing::{Missing, missing};
use crate::access::Right;
use crate::api::{Path, Problem, cursor_of, place_of};
use crate::dashboard::page::{Frame, Page, Section, Visit};

const PUSHED_ADDRESS: HeaderName = HeaderName::from_static("hx-push-url");

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
    first: Option<String>,
    next: Option<String>,
    /// Whether it is chosen, its name, how many orders have it.
    statuses: Vec<(bool, String, String)>,
    couriers: Vec<(bool, String)>,
    can_export: bool,
    can_link: bool,
    exports: [String; 2],
}

struct Tab {
    text: String,
    count: String,
    tone: &'static str,
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
    let counts = count_orders(&mut reading, &scope, &asked.of_all_tabs(visit.zone())).await?;
    let couriers = couriers_of(&mut *reading, &scope).await?;
    let mut view = View {
        columns: columns(visit, &asked),
        chips: asked.chips(w),
        can_export: visit.may(Right::ExportOrders) && asked.tab() != "missing",
        can_link: visit.may(Right::LinkOrders),
        exports: ["csv", "xlsx"].map(|format| asked.export(format, scope.tenant())),
        statuses: statuses(&counts, &asked),
        couriers: couriers.into_iter().map(|name| (asked.courier == name, name)).collect(),
        rows: Vec::new(),
        missing: None,
        range: String::new(),
        first: (!asked.cursor.is_empty() || asked.skip() > 0).then(|| asked.with(|_| {}).address()),
        next: None,
        tabs: Vec::new(),
        asked,
    };
    let skip = if view.asked.tab() == "missing" { view.asked.skip() } else { 0 };
    let missing = missing(&mut reading, visit, skip, read.now).await?;
    view.tabs = tabs(visit, &view.asked, &counts, missing.total);
    if view.asked.tab() == "missing" {
        let to = skip + i64::try_from(missing.rows.len()).unwrap_or(i64::MAX);
        view.range = w.missing_range(missing.total);
        view.next =
            (to < missing.total).then(|| view.asked.with(|asked| asked.skip = to.to_string()).address());
        view.missing = Some(missing);
        return Ok(view);
    }
    let mut list = view.asked.list(visit.zone());
    if !view.asked.cursor.is_empty() {
        list.after = Some(place_of(scope.tenant(), &list, &view.asked.cursor)?);
    }
    let page = list_orders(&mut reading, &scope, &list, read).await?;
    view.range =
        if page.total_is_exact { w.orders_found(page.total) } else { w.orders_found_at_least(page.total) };
    let cursor = page.next.map(|place| cursor_of(scope.tenant(), &list, &place));
    view.next = cursor.map(|cursor| view.asked.with(|asked| asked.cursor = cursor).address());
    view.rows = page.items.into_iter().map(|order| Row::of(visit, order)).collect();
    Ok(view)
}

fn tabs(visit: &Visit, asked: &Asked, counts: &OrderCounts, missing: i64) -> Vec<Tab> {
    let w = visit.words();
    let within = |name: &str| counts.tabs.iter().find(|tab| tab.tab == name).map_or(0, |tab| tab.orders);
    TABS.into_iter()
        .map(|name| {
            let count = match name {
                "all" => counts.total,
                "attention" => counts.need_attention,
                "missing" => missing,
                _ => within(name),
            };
            let shown = w.number(count);
            Tab {
                text: w.tab_name(name),
                count: if counts.is_exact || name == "missing" { shown } else { w.at_least(shown) },
                tone: match name {
                    "attention" if count > 0 => "warning",
                    "missing" if count > 0 => "danger",
                    _ => "",
                },
                href: asked.in_tab(name),
                is_current: asked.tab() == name,
            }
        })
        .collect()
}

/// The statuses to choose from, and those chosen of which there is none now.
fn statuses(counts: &OrderCounts, asked: &Asked) -> Vec<(bool, String, String)> {
    let held =
        counts.statuses.iter().filter_map(|held| Some((held.status.clone()?, held.orders.to_string())));
    let mut all: Vec<_> = held.map(|(name, count)| (asked.has_status(&name), name, count)).collect();
    all.dedup_by(|one, other| one.1 == other.1);
    for name in asked.statuses.split(',').filter(|name| !name.is_empty()) {
        if !all.iter().any(|(_, held, _)| held.eq_ignore_ascii_case(name)) {
            all.push((true, name.to_owned(), String::from("0")));
        }
    }
    all
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
