//! Paid shop orders that are not in the warehouse: what was looked for, how often, and why it was not found.

use axum::extract::State;
use axum::response::Redirect;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::Right;
use crate::api::Problem;
use crate::dashboard::form::Posted;
use crate::dashboard::{Moment, Visit};
use crate::sync::links::{LinkRow, LinkState, find_link, list_links, reopen};

use super::Pages;
use super::asked::PAGE;

/// Why a link is looked for again, in the ledger's own words.
const ASKED_AGAIN: &str = "a person asked to look again";

/// Which of them to look for again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookAgain {
    link_id: Uuid,
}

/// A page of them.
pub(super) struct Missing {
    pub(super) total: i64,
    pub(super) rows: Vec<MissingRow>,
}

/// One of them.
pub(super) struct MissingRow {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) since: Moment,
    pub(super) age: String,
    pub(super) looked_for: Vec<String>,
    pub(super) attempts: String,
    pub(super) reason: String,
}

pub(super) async fn missing(
    reading: &mut PgConnection,
    visit: &Visit,
    skip: i64,
    now: DateTime<Utc>,
) -> Result<Missing, Problem> {
    let w = visit.words();
    let page = list_links(reading, visit.scope()?, Some(LinkState::NotFound), skip, PAGE).await?;
    let rows = page.items.into_iter().map(|link| MissingRow {
        id: link.id,
        name: link.order_name,
        since: visit.moment(link.created_at),
        age: w.age_of(link.created_at, now),
        looked_for: link.candidates.into_iter().map(|candidate| candidate.number_lowercase).collect(),
        attempts: w.number(link.attempts),
        reason: link.reason.unwrap_or_else(|| w.missing_default_reason()),
    });
    Ok(Missing { total: page.total, rows: rows.collect() })
}

/// Has one of them looked for again, as when it was paid.
pub(super) async fn look_again(
    State(pages): State<Pages>,
    Posted { visit, form }: Posted<LookAgain>,
) -> Result<Redirect, Problem> {
    visit.require(Right::LinkOrders)?;
    let tenant = visit.scope()?.tenant();
    let mut transaction = pages.gate.pool.begin().await?;
    let link = find_link(&mut *transaction, form.link_id).await?;
    let unknown = || Problem::not_found("link_unknown", "there is no such paid order; open the list again");
    let missing = |link: &LinkRow| link.tenant == tenant && link.state == LinkState::NotFound;
    let order_id = link.filter(missing).ok_or_else(unknown)?.order_id;
    let (settings, now) = (&pages.sources.settings.links, pages.gate.clock.now());
    reopen(&mut transaction, tenant, order_id, ASKED_AGAIN, settings, now).await?;
    transaction.commit().await?;
    Ok(Redirect::to("/dashboard/orders?tab=missing"))
}
