//! `/dashboard/orders/{id}`: one order with everything that is known of it, now or as it was known at an instant; and its
//! refresh.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, NaiveDateTime, TimeZone as _, Utc};
use logistics_domain::{AccountId, OrderEvent, OrderStreamId, TenantId};
use logistics_projections::TenantScope;
use logistics_projections::event_log::LoggedEvent;
use logistics_projections::orders::{OrderView, find_order};
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::past::EVENTS_MAX;
use super::people::People;
use super::shown::{Shown, Sibling, siblings};
use super::timeline::{Entry, Telling};
use crate::access::Right;
use crate::api::{Path, Problem, Query};
use crate::clock;
use crate::dashboard::form::Posted;
use crate::dashboard::page::{Frame, Page, Section, Visit};
use crate::ledger::OrderAddress;

/// The page.
#[derive(Template)]
#[template(path = "orders/detail.html")]
struct DetailPage {
    frame: Frame,
    id: Uuid,
    /// The version that is shown.
    version: i64,
    shown: Shown,
    siblings: Vec<Sibling>,
    entries: Vec<Entry>,
    /// The instant as of which it is shown, as the form and the banner have it.
    as_of: Option<(String, String)>,
    /// The end of today, as the form has it: there is nothing to see of what has yet to come.
    latest: String,
    /// How many events are news since the refresh; none where there was no refresh.
    news: Option<i64>,
    /// How many of the newest events are told, where there are more.
    cut: Option<usize>,
    /// The address that shows the same with what is new.
    live: Option<String>,
    can_act: bool,
    can_see_evidence: bool,
    age: String,
    age_title: String,
    /// What the age is counted from.
    checked: String,
    /// The brand, for the form that goes to another instant.
    brand: Option<TenantId>,
    /// The key under which a request may be repeated.
    request_key: Uuid,
}

/// What the page is asked for. What else stands in an address, a mail or an advertisement added.
#[derive(Deserialize)]
pub(super) struct Asked {
    as_of: Option<String>,
    since: Option<i64>,
}

/// The version that the reader had before them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    seen: i64,
}

pub(super) async fn detail(
    State(pages): State<Pages>,
    visit: Visit,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let (w, scope) = (visit.words(), visit.scope()?);
    let now = pages.gate.clock.now();
    let as_of = match asked.as_of.as_deref().filter(|text| !text.is_empty()) {
        // Nothing is known of what has yet to come.
        Some(text) => Some(instant(text, &visit).ok_or_else(unreadable_instant)?.min(now)),
        None => None,
    };
    let position = pages.position(&visit).await?;
    let mut order = pages.order(&scope, id).await?;
    let is_opened = as_of.is_none() && asked.since.is_none() && !visit.by_itself;
    if is_opened && order.freshness.stale {
        pages.refresh_order(&scope, &order).await;
        order = pages.order(&scope, id).await?;
    }
    let past = pages.past(&scope, id, as_of).await?;
    let key = pages.sources.ledger.open(address(scope, &order)).await?.key;
    let actors = past.told.iter().flat_map(|(logged, event)| actors(logged, event)).collect();
    let people = People::among(&pages.gate.pool, w, actors).await?;
    let clock = order.clock();
    let telling = Telling { visit: &visit, key: key.as_ref(), people: &people, clock, seen: asked.since };
    let entries = telling.entries(&past.told);
    let unknown_then = || {
        Problem::not_found(
            "order_unknown_then",
            "the order was not known yet at that instant; choose a later one",
        )
    };
    let row = past.hindsight.known().ok_or_else(unknown_then)?;
    let shown = Shown::of(&visit, row, &past, key.as_ref(), &people, as_of.unwrap_or(now));
    let siblings = siblings(&pages, &visit, &order, as_of.is_none()).await?;
    let age = w.age(order.freshness.age_seconds);
    let frame = visit.frame(order.mintsoft_order_number.clone(), Section::Orders);
    let since = asked.since.map(|since| format!("?since={since}")).unwrap_or_default();
    let page = DetailPage {
        frame: if as_of.is_none() { frame.live(scope.tenant(), position) } else { frame },
        id,
        version: past.version,
        shown,
        siblings,
        as_of: as_of.map(|at| (form_value(at, &visit), visit.moment(at).shown)),
        latest: now.with_timezone(&visit.zone()).format("%Y-%m-%dT23:59").to_string(),
        news: asked.since.map(|since| (past.version - since).max(0)),
        cut: past.is_cut.then_some(EVENTS_MAX),
        live: as_of.is_none().then(|| visit.order(id, &since)),
        can_act: as_of.is_none() && visit.may(Right::ActOnOrders),
        can_see_evidence: visit.may(Right::ReadEvidence),
        age_title: w.checked_title(&age, w.source_name(&order.freshness.via)),
        age,
        checked: visit.moment(order.freshness.checked_at).iso,
        brand: visit.names_brand(),
        entries,
        request_key: clock::new_id(),
    };
    Ok(Page(page).into_response())
}

/// Reads the order again in the warehouse, and shows what that brought.
pub(super) async fn refresh(
    State(pages): State<Pages>,
    Path(id): Path<Uuid>,
    Posted { visit, form }: Posted<Refresh>,
) -> Result<Redirect, Problem> {
    visit.require(Right::ReadOrders)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let before = pages.sources.ledger.open(address(scope, &order)).await?.version;
    pages.refresh_order(&scope, &order).await;
    // What came by itself while the page lay open is news to its reader, too.
    let seen = form.seen.clamp(0, before);
    Ok(Redirect::to(&visit.order(id, &format!("?since={seen}"))))
}

impl Pages {
    /// The order, if the visitor may see it.
    pub(super) async fn order(&self, scope: &TenantScope, id: Uuid) -> Result<OrderView, Problem> {
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let found = find_order(&mut *reading, scope, OrderStreamId(id), self.read_at()).await?;
        found.ok_or_else(|| {
            Problem::not_found("order_unknown", "there is no such order; open it from the list of orders")
        })
    }

    async fn refresh_order(&self, scope: &TenantScope, order: &OrderView) {
        let account = AccountId(order.account_id);
        self.refresh.refresh(scope.tenant(), account, order.mintsoft_order_id).await;
    }
}

/// Where the order stands in the ledger.
pub(super) const fn address(scope: TenantScope, order: &OrderView) -> OrderAddress {
    OrderAddress {
        tenant: scope.tenant(),
        account: AccountId(order.account_id),
        mintsoft_order_id: order.mintsoft_order_id,
    }
}

/// Who acted in an event, as the log names them.
fn actors<'a>(logged: &'a LoggedEvent, event: &'a OrderEvent) -> Vec<&'a str> {
    let asked = match event {
        OrderEvent::CancellationRequested { requested_by, .. }
        | OrderEvent::CommentRequested { requested_by, .. } => Some(requested_by.as_str()),
        _ => None,
    };
    logged.actor.as_deref().into_iter().chain(asked).collect()
}

/// The instant that a form tells in the reader's zone, to the minute; the earlier one of a repeated hour.
fn instant(text: &str, visit: &Visit) -> Option<DateTime<Utc>> {
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    if !(2000..=9999).contains(&chrono::Datelike::year(&local)) {
        return None;
    }
    visit.zone().from_local_datetime(&local).earliest().map(|at| at.to_utc())
}

fn form_value(at: DateTime<Utc>, visit: &Visit) -> String {
    at.with_timezone(&visit.zone()).format("%Y-%m-%dT%H:%M").to_string()
}

fn unreadable_instant() -> Problem {
    Problem::not_found("instant_unreadable", "give the instant as a day and a time, as 2026-11-25T10:30")
}
