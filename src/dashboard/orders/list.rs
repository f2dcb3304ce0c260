//! `/dashboard/orders`: a view of the brand's orders, searched, filtered, sorted, a page at a time; the whole page, or the
//! part of it that the script asks for.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::REFERER;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse as _, Response};
use logistics_projections::orders::{OrderCounts, SortBy, SortOrder, Terms, count_orders, couriers_of};

use super::Pages;
use super::badge::phase_named;
use super::chips::Chip;
use super::list_query::{Asked, PAGE, TABS};
use super::list_row::Row;
use super::missing::{Missing, missing};
use super::paging::part;
use crate::access::Right;
use crate::api::Problem;
use crate::dashboard::page::{Frame, Page, Section, Visit};
use crate::words::Words;

/// How the address of the page follows what is asked for: as a step to come back to, or in place of the one before.
const PUSHED_ADDRESS: HeaderName = HeaderName::from_static("hx-push-url");
const REPLACED_ADDRESS: HeaderName = HeaderName::from_static("hx-replace-url");
const CURRENT_ADDRESS: &str = "hx-current-url";

/// The page.
#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    frame: Frame,
    view: View,
}

/// The parts of it that change with what is asked for: what is found, and the files of it.
#[derive(Template)]
#[template(path = "orders/list_parts.html")]
struct ResultsPart {
    frame: Frame,
    view: View,
}

/// What is shown.
pub(super) struct View {
    asked: Asked,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    columns: Vec<Column>,
    /// The address with the newest changes first, where they are not.
    newest_first: Option<String>,
    rows: Vec<Row>,
    missing: Option<Missing>,
    range: String,
    first: Option<String>,
    previous: Option<String>,
    next: Option<String>,
    statuses: Vec<StatusChoice>,
    couriers: Vec<(bool, String)>,
    can_export: bool,
    can_link: bool,
    exports: [String; 2],
}

/// A status of the warehouse to choose.
struct StatusChoice {
    is_chosen: bool,
    name: String,
    /// The name as a list has it.
    written: String,
    /// What it is in the reader's words, if that is known.
    told: Option<String>,
    /// How many orders have it, as far as that was counted.
    count: Option<String>,
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
    headers: HeaderMap,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let mut asked = Asked::read(query.as_deref().unwrap_or_default());
    asked.tenant_id = visit.names_brand().map(|brand| brand.to_string()).unwrap_or_default();
    let address = asked.address();
    let is_typed_on = current(&headers).is_some_and(|current| asked.is_typed_on_from(&current));
    let (tenant, position) = (visit.scope()?.tenant(), pages.position(&visit).await?);
    let view = view(&pages, &visit, asked).await?;
    let frame = visit.frame(visit.words().orders_title(), Section::Orders).live(tenant, position);
    let mut response = match visit.wanted.as_deref() {
        Some("results") => Page(ResultsPart { frame, view }).into_response(),
        _ => Page(ListPage { frame, view }).into_response(),
    };
    if visit.wanted.is_some()
        && let Ok(address) = HeaderValue::from_str(&address)
    {
        let follows = if is_typed_on { REPLACED_ADDRESS } else { PUSHED_ADDRESS };
        response.headers_mut().insert(follows, address);
    }
    Ok(response)
}

/// What the page that asks shows now.
fn current(headers: &HeaderMap) -> Option<Asked> {
    let address = address_in(headers, CURRENT_ADDRESS)?;
    Some(Asked { tenant_id: String::new(), ..Asked::read(address.query().unwrap_or_default()) })
}

/// The address of the list, as the reader came from it; else that of the whole one. And whether the reader came from it.
pub(super) fn list_before(visit: &Visit, headers: &HeaderMap) -> (String, bool) {
    let came_from = address_in(headers, REFERER.as_str()).filter(|uri| uri.path() == "/dashboard/orders");
    let query = came_from.as_ref().and_then(Uri::query).unwrap_or_default();
    let tenant_id = visit.names_brand().map(|brand| brand.to_string()).unwrap_or_default();
    (Asked { tenant_id, ..Asked::read(query) }.address(), came_from.is_some())
}

fn address_in(headers: &HeaderMap, name: &str) -> Option<Uri> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

async fn view(pages: &Pages, visit: &Visit, asked: Asked) -> Result<View, Problem> {
    let (w, scope, read) = (visit.words(), visit.scope()?, pages.read_at());
    let mut reading = pages.gate.reader.of(scope.tenant()).await?;
    let counts = count_orders(&mut reading, &scope, &asked.of_all_tabs(visit.zone())).await?;
    // A menu of several to choose from offers those, too, that are not chosen yet.
    let of_menu = if asked.statuses.is_empty() {
        None
    } else {
        Some(count_orders(&mut reading, &scope, &asked.of_all_statuses(visit.zone())).await?)
    };
    let couriers = couriers_of(&mut *reading, &scope).await?;
    let mut view = View {
        columns: columns(visit, &asked),
        newest_first: newest_first(&asked),
        chips: asked.chips(w),
        can_export: visit.may(Right::ExportOrders),
        can_link: visit.may(Right::LinkOrders),
        exports: ["csv", "xlsx"].map(|format| asked.export(format, scope.tenant())),
        statuses: statuses(w, of_menu.as_ref().unwrap_or(&counts), &asked),
        couriers: couriers.into_iter().map(|name| (asked.courier == name, name)).collect(),
        rows: Vec::new(),
        missing: None,
        range: String::new(),
        first: asked.is_further_on().then(|| asked.with(|_| {}).address()),
        previous: None,
        next: None,
        tabs: Vec::new(),
        asked,
    };
    let missing = missing(&mut reading, visit, &view.asked, read.now).await?;
    view.tabs = tabs(visit, &view.asked, &counts, missing.total);
    if view.asked.tab() == "missing" {
        let (skip, to) = (missing.skip, missing.to);
        view.range = w.missing_range(missing.total);
        if missing.searched > 0 {
            view.range = format!("{} {}", view.range, w.missing_looking_more(missing.searched));
        }
        let beginning = |skip: i64| view.asked.with(|asked| asked.skip = skip.to_string()).address();
        view.next = (to < missing.total).then(|| beginning(to));
        view.previous = (skip > 0).then(|| beginning((skip - PAGE).max(0)));
        view.missing = Some(missing);
        return Ok(view);
    }
    let part = part(&mut reading, &scope, view.asked.list(visit.zone()), &view.asked, read).await?;
    // A page further on does not know how many there are before it; the tab does.
    let in_tab = counted(&counts, view.asked.tab());
    view.range = match (part.total_is_exact, counts.is_exact) {
        (true, _) => w.orders_found(part.total),
        (false, true) => w.orders_found(in_tab),
        (false, false) => w.orders_found_at_least(part.total.max(in_tab)),
    };
    view.next = part.next.map(|cursor| view.asked.with(|asked| asked.cursor = cursor).address());
    view.previous = part.previous.map(|cursor| view.asked.with(|asked| asked.before = cursor).address());
    view.rows = part.items.into_iter().map(|order| Row::of(visit, order)).collect();
    Ok(view)
}

fn tabs(visit: &Visit, asked: &Asked, counts: &OrderCounts, missing: i64) -> Vec<Tab> {
    let w = visit.words();
    TABS.into_iter()
        .map(|name| {
            let count = if name == "missing" { missing } else { counted(counts, name) };
            Tab {
                text: w.tab_name(name),
                count: at_least(w, count, counts.is_exact || name == "missing"),
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

impl View {
    /// The id of the box to search by. What is missing has one of its own: a box keeps what is written in it while one
    /// types, and with that what it says can be searched for.
    fn search_box(&self) -> &'static str {
        if self.missing.is_some() { "search-missing" } else { "search" }
    }

    /// The address of the first page, where this one is further on and all that it had went elsewhere.
    fn left_empty(&self) -> Option<&str> {
        let is_empty =
            self.rows.is_empty() && self.missing.as_ref().is_none_or(|missing| missing.rows.is_empty());
        self.first.as_deref().filter(|_| is_empty)
    }

    /// Whether something is being done of which no event tells, so that the page looks again by itself.
    fn is_under_way(&self) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.is_under_way)
    }
}

/// How many orders a view has.
fn counted(counts: &OrderCounts, tab: &str) -> i64 {
    match tab {
        "all" => counts.total,
        "attention" => counts.need_attention,
        _ => counts.tabs.iter().find(|held| held.tab == tab).map_or(0, |held| held.orders),
    }
}

/// The statuses to choose from, by name, and those chosen of which there is none now.
fn statuses(w: Words, counts: &OrderCounts, asked: &Asked) -> Vec<StatusChoice> {
    let choice = |name: &str, written: String, orders: i64| StatusChoice {
        is_chosen: asked.has_status(name),
        told: phase_named(w, name),
        name: name.to_owned(),
        written,
        count: match orders {
            0 => counts.is_exact.then(|| w.number(0)),
            orders => Some(at_least(w, orders, counts.is_exact)),
        },
    };
    // One name may have several numbers; a choice is by name.
    let mut held: Vec<(&str, i64)> = Vec::new();
    for count in &counts.statuses {
        match (count.status.as_deref(), held.last_mut()) {
            (Some(name), Some((last, orders))) if *last == name => *orders += count.orders,
            (Some(name), _) => held.push((name, count.orders)),
            (None, _) => {}
        }
    }
    let mut all: Vec<_> =
        held.into_iter().map(|(name, orders)| choice(name, Terms::written(name), orders)).collect();
    for (name, written) in asked.statuses() {
        if !all.iter().any(|held| held.name.eq_ignore_ascii_case(&name)) {
            all.push(choice(&name, written, 0));
        }
    }
    all
}

/// A count, and whether there may be more.
fn at_least(w: Words, count: i64, is_exact: bool) -> String {
    let shown = w.number(count);
    if is_exact { shown } else { w.at_least(shown) }
}

/// The address that is sorted as the list is when nobody chose, by no column of its own.
fn newest_first(asked: &Asked) -> Option<String> {
    let is_so = (asked.sort_by(), asked.sort_order()) == (SortBy::default(), SortOrder::default());
    let sorted = || {
        asked.with(|asked| {
            asked.sort_by.clear();
            asked.sort_order.clear();
        })
    };
    (!is_so).then(|| sorted().address())
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
