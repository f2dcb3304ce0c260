//! Parked rows as an operator sees them: a page of them, how many there are by reason, and one with its decisions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

use super::parked::OWNED_OTHERWISE;
use super::parked_decisions::{ParkedDecision, ParkedKey, decisions};

/// A parked row, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct ParkedOrder {
    /// The account that the order was read from.
    pub account_id: Uuid,
    /// The key of the parked row within its account, for addresses.
    pub row_key: String,
    /// Mintsoft's id of the order, where it could be read.
    pub mintsoft_order_id: Option<i64>,
    /// The order's number, where it could be read.
    pub mintsoft_order_number: Option<String>,
    /// The warehouse's client under which the order is booked.
    pub client_id: Option<i64>,
    /// The SKUs on the order's lines.
    pub skus: Vec<String>,
    /// The stable code of the reason.
    pub reason: String,
    /// The reason as a sentence.
    pub detail: String,
    /// `open`, `assigned` (being taken in), `dismissed`, or `settled` (it has found its tenant).
    pub state: String,
    /// The tenant that an operator assigned the order to.
    pub assigned_tenant_id: Option<i64>,
    /// When the order was dismissed (UTC).
    pub dismissed_at: Option<DateTime<Utc>>,
    /// When the order was parked first (UTC).
    pub first_seen_at: DateTime<Utc>,
    /// When the order was last seen (UTC).
    pub last_seen_at: DateTime<Utc>,
}

/// Which rows are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedState {
    /// Waiting for an operator.
    #[default]
    Open,
    /// Given to a tenant, and not taken in yet.
    Assigned,
    /// Hidden by an operator.
    Dismissed,
}

impl ParkedState {
    /// The name under which it is asked for.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Assigned => "assigned",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Which parked rows to show.
#[derive(Clone, Debug, Default)]
pub struct ParkedFilter {
    /// In this state.
    pub state: ParkedState,
    /// Of this account only.
    pub account: Option<Uuid>,
    /// For this reason only.
    pub reason: Option<String>,
    /// With this in their number, a SKU, or as their Mintsoft id.
    pub search: Option<String>,
}

/// A page of them.
#[derive(Debug)]
pub struct ParkedRows {
    /// How many match.
    pub total: i64,
    /// How many match by reason, whatever reason was asked for.
    pub by_reason: BTreeMap<String, i64>,
    /// The page.
    pub items: Vec<ParkedOrder>,
}

const SHOWN: &str = "select account_id, row_key, mintsoft_order_id, order_number as mintsoft_order_number, client_id, skus, reason,
  detail, assigned_tenant_id, dismissed_at, first_seen_at, last_seen_at, state";

/// The rows, each with its state. One that was given to a tenant and taken in for another waits for an operator again.
fn rows() -> String {
    format!(
        " from (select *, case when resolved_at is not null then 'settled'
                 when dismissed_at is not null then 'dismissed'
                 when assigned_tenant_id is not null and not {OWNED_OTHERWISE} then 'assigned' else 'open' end as state
          from parked_orders) as parked where "
    )
}

const MATCHING: &str = "resolved_at is null and state = $1
  and ($2::uuid is null or account_id = $2)
  and ($3::text is null or order_number ilike $3 or mintsoft_order_id::text ilike $3
       or exists (select from unnest(skus) as sku where sku ilike $3))";

/// The rows that match, newest first.
pub async fn list(
    pool: &PgPool,
    filter: &ParkedFilter,
    skip: i64,
    limit: i64,
) -> Result<ParkedRows, sqlx::Error> {
    let pattern = filter.search.as_deref().map(containing);
    let counted: Vec<(String, i64)> =
        sqlx::query_as(&format!("select reason, count(*){}{MATCHING} group by reason", rows()))
            .bind(filter.state.as_str())
            .bind(filter.account)
            .bind(&pattern)
            .fetch_all(pool)
            .await?;
    let by_reason: BTreeMap<String, i64> = counted.into_iter().collect();
    let total = match &filter.reason {
        Some(reason) => by_reason.get(reason).copied().unwrap_or(0),
        None => by_reason.values().sum(),
    };
    let page = format!(
        "{SHOWN}{}{MATCHING} and ($4::text is null or reason = $4)
         order by last_seen_at desc, account_id, row_key offset $5 limit $6",
        rows()
    );
    let items = sqlx::query_as(&page)
        .bind(filter.state.as_str())
        .bind(filter.account)
        .bind(&pattern)
        .bind(&filter.reason)
        .bind(skip)
        .bind(limit)
        .fetch_all(pool)
        .await?;
    Ok(ParkedRows { total, by_reason, items })
}

/// One row, whatever its state, with all that was decided of it.
pub async fn find(
    pool: &PgPool,
    key: &ParkedKey,
) -> Result<Option<(ParkedOrder, Vec<ParkedDecision>)>, sqlx::Error> {
    let row: Option<ParkedOrder> =
        sqlx::query_as(&format!("{SHOWN}{}account_id = $1 and row_key = $2", rows()))
            .bind(key.account.0)
            .bind(&key.row_key)
            .fetch_optional(pool)
            .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row, decisions(pool, key).await?)))
}

/// A pattern that finds the text anywhere, taken as it is.
pub(super) fn containing(text: &str) -> String {
    let plain = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}
