//! Paid shop orders that are not in the warehouse: what was looked for, how often, and why it was not found.

use axum::extract::State;
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::Right;
use crate::api::{Problem, unknown_link};
use crate::dashboard::form::Posted;
use crate::dashboard::page::addressed;
use crate::dashboard::{Moment, Visit};
use crate::sync::links::{LinkFilter, LinkRow, LinkState, find_link, list_links, reopen};
use crate::words::{Said, said};

use super::Pages;
use super::list_query::{Asked, PAGE};

/// Why a link is looked for again, in the ledger's own words.
pub(super) const ASKED_AGAIN: &str = "a person asked to look again";

/// What was done with one of them, as the address tells it: an order was chosen for it, or its link was undone.
pub(super) const CHOSEN: &str = "chosen";
pub(super) const UNDONE: &str = "undone";

/// Which of them to look for again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookAgain {
    link_id: Uuid,
    /// What the list is searched for, to come back to.
    #[serde(default)]
    search: String,
}

/// How many of those that are being looked for are shown.
const SEARCHED_MAX: i64 = 20;

/// A page of them.
pub(super) struct Missing {
    pub(super) total: i64,
    /// How many are being looked for, and so are not among them yet.
    pub(super) searched: i64,
    /// How many of them stand on pages before, and to where this page goes.
    pub(super) skip: i64,
    pub(super) to: i64,
    pub(super) rows: Vec<MissingRow>,
    /// What somebody just had done with one of them, as a sentence.
    pub(super) told: Option<String>,
    /// Whether some are being looked for, so that the page looks again by itself.
    pub(super) is_under_way: bool,
}

/// One of them.
pub(super) struct MissingRow {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) since: Moment,
    pub(super) age: String,
    pub(super) looked_for: Vec<String>,
    pub(super) attempts: String,
    pub(super) reason: Said,
    /// Whether it is being looked for just now.
    pub(super) is_searched: bool,
}

pub(super) async fn missing(
    reading: &mut PgConnection,
    visit: &Visit,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Missing, Problem> {
    let scope = visit.scope()?;
    let skip = if asked.tab() == "missing" { asked.skip() } else { 0 };
    let those = |state| LinkFilter { states: vec![state], search: Some(asked.search.clone()) };
    let page = list_links(reading, scope, &those(LinkState::NotFound), skip, PAGE).await?;
    let searched = list_links(reading, scope, &those(LinkState::Pending), 0, SEARCHED_MAX).await?;
    let to = skip + i64::try_from(page.items.len()).unwrap_or(i64::MAX);
    // Those stand above the others, on the first page alone.
    let first = if skip == 0 { searched.items } else { Vec::new() };
    let is_under_way = !first.is_empty();
    let links: Vec<LinkRow> = first.into_iter().chain(page.items).collect();
    let told = told(reading, visit, asked).await?;
    let rows = links.into_iter().map(|link| missing_row(visit, link, now)).collect();
    Ok(Missing { total: page.total, searched: searched.total, skip, to, rows, told, is_under_way })
}

/// What was just done with one of them, which need not be among those that are shown.
async fn told(reading: &mut PgConnection, visit: &Visit, asked: &Asked) -> Result<Option<String>, Problem> {
    let (w, tenant) = (visit.words(), visit.scope()?.tenant());
    let Ok(id) = asked.looking.parse::<Uuid>() else { return Ok(None) };
    let link = find_link(reading, id).await?.filter(|link| link.tenant == tenant);
    Ok(link.and_then(|link| match (asked.deed.as_str(), link.state) {
        ("", LinkState::Pending) => Some(w.missing_asked(link.order_name)),
        ("", LinkState::Linked) => Some(w.missing_found(link.order_name)),
        (CHOSEN, LinkState::Pending) => Some(w.missing_choosing(link.order_name)),
        (CHOSEN, LinkState::Linked) => Some(w.missing_chosen(link.order_name)),
        (UNDONE, LinkState::NotFound) => Some(w.missing_undone(link.order_name)),
        _ => None,
    }))
}

/// Leads to the list of them, searched for this, which tells what was done with one. What the list keeps for its other views stays.
pub(super) fn back(visit: &Visit, search: String, link_id: Uuid, deed: &str) -> Redirect {
    let (page, query) = visit.came_from.split_once('?').unwrap_or((&visit.came_from, ""));
    let list = if page == "/dashboard/orders" { Asked::read(query) } else { Asked::default() };
    let asked = list.with(|asked| {
        "missing".clone_into(&mut asked.tab);
        asked.search = search;
        asked.looking = link_id.to_string();
        deed.clone_into(&mut asked.deed);
        asked.tenant_id.clear();
    });
    Redirect::to(&addressed(&asked.address_telling(), visit.brand_query().as_deref()))
}

fn missing_row(visit: &Visit, link: LinkRow, now: DateTime<Utc>) -> MissingRow {
    let w = visit.words();
    let default = || Said { text: w.missing_default_reason(), is_foreign: false, raw: None };
    MissingRow {
        id: link.id,
        name: link.order_name,
        since: visit.moment(link.created_at),
        age: w.age_of(link.created_at, now),
        looked_for: link.candidates.into_iter().map(|candidate| candidate.number_lowercase).collect(),
        attempts: w.number(link.attempts),
        reason: link.reason.map_or_else(default, |reason| said(w, &reason)),
        is_searched: link.state == LinkState::Pending,
    }
}

/// Has one of them looked for again, as when it was paid. Where that is under way already, or was found meanwhile, it is told.
pub(super) async fn look_again(
    State(pages): State<Pages>,
    Posted { visit, form }: Posted<LookAgain>,
) -> Result<Redirect, Problem> {
    visit.require(Right::LinkOrders)?;
    let tenant = visit.scope()?.tenant();
    let mut transaction = pages.gate.pool.begin().await?;
    let link = find_link(&mut *transaction, form.link_id).await?;
    let link = link.filter(|link| link.tenant == tenant).ok_or_else(unknown_link)?;
    if link.state == LinkState::NotFound {
        let (settings, now) = (&pages.sources.settings.links, pages.gate.clock.now());
        reopen(&mut transaction, (tenant, link.order_id), ASKED_AGAIN, None, settings, now).await?;
        transaction.commit().await?;
    }
    Ok(back(&visit, form.search, form.link_id, ""))
}
