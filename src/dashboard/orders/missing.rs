//! Paid shop orders that are not in the warehouse: what was looked for, how often, and why it was not found.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::api::Problem;
use crate::dashboard::{Moment, Visit};
use crate::sync::links::{LinkState, list_links};

use super::asked::PAGE;

/// A page of them.
pub(super) struct Missing {
    pub(super) total: i64,
    pub(super) rows: Vec<MissingRow>,
}

/// One of them.
pub(super) struct MissingRow {
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
        name: link.order_name,
        since: visit.moment(link.created_at),
        age: w.age_of(link.created_at, now),
        looked_for: link.candidates.into_iter().map(|candidate| candidate.number_lowercase).collect(),
        attempts: w.number(link.attempts),
        reason: link.reason.unwrap_or_else(|| w.missing_default_reason()),
    });
    Ok(Missing { total: page.total, rows: rows.collect() })
}
