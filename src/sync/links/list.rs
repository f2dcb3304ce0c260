//! Reading links: one, a page of a tenant's, and those that an observed warehouse number may resolve.

use logistics_domain::TenantId;
use logistics_domain::order::facts::LinkBasis;
use logistics_projections::TenantScope;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{LinkError, LinkRow, LinkState, Stored};

/// The most links of one page.
const PAGE_MAX: i64 = 200;
/// The most numbers that one question may hold.
const NUMBERS_MAX: usize = 500;

/// Some links of a tenant, and how many there are in all.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPage {
    /// How many links there are in all.
    pub total: i64,
    /// Those of this page, the latest first.
    pub items: Vec<LinkRow>,
}

/// The link of this id, whoever's it is: for jobs, which carry ids.
pub async fn find_link(database: impl PgExecutor<'_>, link_id: Uuid) -> Result<Option<LinkRow>, LinkError> {
    let found: Option<Stored> = sqlx::query_as("select * from shop_links where id = $1")
        .bind(link_id)
        .fetch_optional(database)
        .await?;
    found.map(Stored::read).transpose()
}

/// A tenant's links, in one state or all, the latest heard of first; at most 200.
pub async fn list_links(
    reading: &mut PgConnection,
    scope: TenantScope,
    state: Option<LinkState>,
    skip: i64,
    limit: i64,
) -> Result<LinkPage, LinkError> {
    let (tenant, state) = (scope.tenant(), state.map(LinkState::as_str));
    let total = sqlx::query_scalar(
        "select count(*) from shop_links where tenant_id = $1 and ($2::text is null or state = $2)",
    )
    .bind(tenant.0)
    .bind(state)
    .fetch_one(&mut *reading)
    .await?;
    let stored: Vec<Stored> = sqlx::query_as(
        "select * from shop_links where tenant_id = $1 and ($2::text is null or state = $2)
         order by created_at desc, id desc offset $3 limit $4",
    )
    .bind(tenant.0)
    .bind(state)
    .bind(skip.max(0))
    .bind(limit.clamp(0, PAGE_MAX))
    .fetch_all(reading)
    .await?;
    let items = stored.into_iter().map(Stored::read).collect::<Result<_, _>>()?;
    Ok(LinkPage { total, items })
}

/// The links of a tenant that are not resolved and look for one of these numbers (in lower case; the first 500), each
/// with what a hit would rest on: the first of its candidates that is among the numbers.
pub async fn unresolved_for_numbers(
    conn: &mut PgConnection,
    tenant: TenantId,
    numbers_lowercase: &[String],
) -> Result<Vec<(LinkRow, LinkBasis)>, LinkError> {
    let numbers = &numbers_lowercase[..numbers_lowercase.len().min(NUMBERS_MAX)];
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<Value> = numbers.iter().map(|number| json!([{"number": number}])).collect();
    let stored: Vec<Stored> = sqlx::query_as(
        "select * from shop_links where tenant_id = $1 and state <> 'linked' and candidates @> any($2::jsonb[])
         order by created_at, id",
    )
    .bind(tenant.0)
    .bind(asked)
    .fetch_all(conn)
    .await?;
    let mut found = Vec::with_capacity(stored.len());
    for stored in stored {
        let link = stored.read()?;
        let hit = link.candidates.iter().find(|candidate| numbers.contains(&candidate.number_lowercase));
        if let Some(basis) = hit.map(|candidate| candidate.basis) {
            found.push((link, basis));
        }
    }
    Ok(found)
}
