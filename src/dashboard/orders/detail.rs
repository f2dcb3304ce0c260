//! `/dashboard/orders/{id}`: one order with everything that is known of it, now or as it was known at an instant.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use logistics_domain::status::MustAct;
use logistics_domain::{AccountId, OrderEvent, OrderStreamId, TenantId};
use logistics_projections::TenantScope;
use logistics_projections::event_log::LoggedEvent;
use logistics_projections::orders::{CancellationState, OrderRow, OrderView, find_order};
use serde::Deserialize;
use uuid::Uuid;

use super::Pages;
use super::list::list_before;
use super::past::EVENTS_MAX;
use super::people::People;
use super::refreshed::Refreshing;
use super::seal::Seal;
use super::shown::{Shown, Sibling, siblings};
use super::timeline::{Entry, Telling};
use super::to_do::to_do;
use crate::access::Right;
use crate::actions::beside;
use crate::api::{Path, Problem, Query, unknown_order};
use crate::clock;
use crate::dashboard::page::{Frame, Page, Section, Visit};
use crate::ledger::OrderAddress;
use crate::sync::Refreshed;

/// From the beginning of a minute to its last microsecond.
const REST_OF_MINUTE: TimeDelta = TimeDelta::microseconds(59_999_999);

/// The page.
#[derive(Template)]
#[template(path = "orders/detail.html")]
struct DetailPage {
    frame: Frame,
    id: Uuid,
    /// The list that the reader came from.
    list: String,
    /// `list` where the reader came from it, else nothing.
    came_from: &'static str,
    /// The version that is shown.
    version: i64,
    shown: Shown,
    siblings: Vec<Sibling>,
    entries: Vec<Entry>,
    /// The instant as of which it is shown, as the form and the banner have it.
    as_of: Option<(String, String)>,
    /// The place by whose clock the form and the banner are.
    city: String,
    /// The end of today, as the form has it: there is nothing to see of what has yet to come.
    latest: String,
    /// How many events are news since the refresh, where that is to be said.
    news: Option<i64>,
    /// Whether the warehouse was to be asked, and nothing was heard from it.
    is_unread: bool,
    /// How many of the newest events are told, where there are more.
    cut: Option<usize>,
    /// The address that shows the same with what is new.
    live: Option<String>,
    can_act: bool,
    /// Whose move it is, where something is wrong or the brand is waited for; and what to do, for readers who may.
    whose_move: Option<String>,
    to_do: Option<String>,
    /// The shop orders that the reader may untie it from, by id and name.
    untiable: Vec<(i64, String)>,
    can_see_evidence: bool,
    /// How far the ledger is sealed, for readers who may see proofs of it as it is now.
    seal: Option<Seal>,
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
    read_at: Option<i64>,
    unread_at: Option<i64>,
}

pub(super) async fn detail(
    State(pages): State<Pages>,
    visit: Visit,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    visit.require(Right::ReadOrders)?;
    let (w, scope) = (visit.words(), visit.scope()?);
    let now = pages.gate.clock.now();
    let as_of = asked.instant(&visit, now)?;
    let position = pages.position(&visit).await?;
    let Asked { since, read_at, unread_at, .. } = asked;
    let refreshing = Refreshing { since, read_at, unread_at };
    let is_opened = as_of.is_none() && !refreshing.is_just_now(now) && !visit.by_itself;
    let order = pages.order_as_opened(&scope, id, is_opened).await?;
    let past = pages.past(&scope, id, as_of).await?;
    let key = pages.sources.ledger.open(address(scope, &order)).await?.key;
    let actors = past.told.iter().flat_map(|(logged, event)| actors(logged, event)).collect();
    let people = People::among(&pages.gate.pool, w, actors).await?;
    let clock = order.clock();
    let telling = Telling { visit: &visit, key: key.as_ref(), people: &people, clock, seen: since };
    let entries = telling.entries(&past);
    let row = past.hindsight.known().ok_or_else(unknown_then)?;
    // Nothing tells when it was left, so it is told of now alone.
    let left = if as_of.is_none() { pages.left_to_person(&scope, row).await? } else { None };
    let left = left.as_deref();
    let shown = Shown::of(&visit, row, &past, key.as_ref(), &people, left, as_of.unwrap_or(now));
    let is_told = shown.attention.is_some() || row.standing.must_act == MustAct::Brand;
    let can_act = as_of.is_none() && visit.may(Right::ActOnOrders);
    let may_untie = as_of.is_none() && visit.may(Right::LinkOrders);
    let siblings = siblings(&pages, &visit, &order, as_of.is_none()).await?;
    let seal = if as_of.is_none() { pages.seal(&visit, &scope, id).await? } else { None };
    let age = w.age(order.freshness.age_seconds);
    let frame = visit.frame(order.mintsoft_order_number.clone(), Section::Orders);
    let (list, from_list) = list_before(&visit, &headers);
    let page = DetailPage {
        frame: if as_of.is_none() { frame.live(scope.tenant(), position) } else { frame },
        id,
        list,
        came_from: if from_list { "list" } else { "" },
        version: past.version,
        siblings,
        as_of: as_of.map(|at| (form_value(at, &visit), visit.moment(at).shown)),
        city: visit.place(),
        latest: now.with_timezone(&visit.zone()).format("%Y-%m-%dT23:59").to_string(),
        news: refreshing.news(past.version, &order.freshness),
        is_unread: refreshing.is_unread(&order.freshness),
        cut: past.is_cut.then_some(EVENTS_MAX),
        live: as_of.is_none().then(|| visit.order(id, &refreshing.query())),
        can_act,
        whose_move: is_told.then(|| shown.must_act.clone()),
        to_do: to_do(visit.words(), row, key.is_none()).filter(|_| can_act),
        untiable: if may_untie { shown.named_shop_orders() } else { Vec::new() },
        can_see_evidence: visit.may(Right::ReadEvidence),
        seal,
        age_title: w.checked_title(&age, w.source_name(&order.freshness.via)),
        age,
        checked: visit.moment(order.freshness.checked_at).iso,
        brand: visit.names_brand(),
        entries,
        request_key: clock::new_id(),
        shown,
    };
    Ok(Page(page).into_response())
}

impl Asked {
    /// The instant as of which the order is asked for.
    fn instant(&self, visit: &Visit, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(text) = self.as_of.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        // Nothing is known of what has yet to come.
        Ok(Some(instant(text, visit).ok_or_else(unreadable_instant)?.min(now)))
    }
}

impl Pages {
    /// The order, read again in the warehouse first where a person opens it and its data is old.
    async fn order_as_opened(
        &self,
        scope: &TenantScope,
        id: Uuid,
        is_opened: bool,
    ) -> Result<OrderView, Problem> {
        let order = self.order(scope, id).await?;
        if !is_opened || !order.freshness.stale {
            return Ok(order);
        }
        // What came of it is seen in the order's freshness.
        self.refresh_order(scope, &order).await;
        self.order(scope, id).await
    }

    /// The order, if the visitor may see it.
    pub(super) async fn order(&self, scope: &TenantScope, id: Uuid) -> Result<OrderView, Problem> {
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let found = find_order(&mut *reading, scope, OrderStreamId(id), self.read_at()).await?;
        found.ok_or_else(unknown_order)
    }

    /// Why the cancellation that waits was left to a person, if it was.
    async fn left_to_person(&self, scope: &TenantScope, row: &OrderRow) -> Result<Option<String>, Problem> {
        let asked = row.cancellation.as_ref().filter(|asked| asked.state == CancellationState::Requested);
        let Some(asked) = asked else { return Ok(None) };
        let beside = beside(&self.gate.pool, (scope.tenant(), row.id), Some(asked.request_id)).await?;
        Ok(beside.left_to_person)
    }

    /// Has the order read again in the warehouse.
    pub(super) async fn refresh_order(&self, scope: &TenantScope, order: &OrderView) -> Refreshed {
        let account = AccountId(order.account_id);
        self.refresh.refresh(scope.tenant(), account, order.mintsoft_order_id).await
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

/// The instant that a form tells in the reader's zone; the earlier one of a repeated hour. One that is told to the minute is
/// the end of that minute, since what the history tells of a minute had happened by then.
fn instant(text: &str, visit: &Visit) -> Option<DateTime<Utc>> {
    let parsed = |form| NaiveDateTime::parse_from_str(text, form).ok();
    let of_minute = parsed("%Y-%m-%dT%H:%M").map(|minute| minute + REST_OF_MINUTE);
    let local = of_minute.or_else(|| parsed("%Y-%m-%dT%H:%M:%S"))?;
    if !(2000..=9999).contains(&chrono::Datelike::year(&local)) {
        return None;
    }
    visit.zone().from_local_datetime(&local).earliest().map(|at| at.to_utc())
}

fn form_value(at: DateTime<Utc>, visit: &Visit) -> String {
    at.with_timezone(&visit.zone()).format("%Y-%m-%dT%H:%M").to_string()
}

fn unknown_then() -> Problem {
    let told = "the order was not known yet at that instant; choose a later one";
    Problem::not_found("order_unknown_then", told)
}

fn unreadable_instant() -> Problem {
    Problem::not_found("instant_unreadable", "give the instant as a day and a time, as 2026-11-25T10:30")
}
