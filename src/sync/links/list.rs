//! Reading links: one, a page or a portion of a tenant's, and those that an observed warehouse number may resolve.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_domain::order::facts::LinkBasis;
use logistics_projections::TenantScope;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{LinkError, LinkRow, LinkState, Stored};
use crate::sync::parked_list::containing;

/// The most links of one page.
const PAGE_MAX: i64 = 200;
/// The links of a portion of a whole list.
const PORTION: i64 = 1000;
/// Longer searches are cut: no name or number is as long.
const SEARCH_CHARS_MAX: usize = 200;
/// The most numbers that one question may hold.
const NUMBERS_MAX: usize = 500;

/// Which links are meant; all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkFilter {
    /// In one of these states; in any where none is named.
    pub states: Vec<LinkState>,
    /// With this in the shop order's name or in a number that is looked for, in any case; or with exactly this as the
    /// order's id, the host's or the shop's. Ids are long and much alike, so a part of one would find the wrong orders.
    pub search: Option<String>,
}

impl LinkFilter {
    fn state_names(&self) -> Vec<&'static str> {
        self.states.iter().map(|state| state.as_str()).collect()
    }

    /// The text searched for, if there is one. Nothing that is searched has control characters, and PostgreSQL refuses
    /// zero in a text.
    fn searched(&self) -> Option<String> {
        let text = self.search.as_deref()?.trim();
        let plain = |letter: char| if letter.is_control() { '\u{1}' } else { letter };
        (!text.is_empty()).then(|| text.chars().take(SEARCH_CHARS_MAX).map(plain).collect())
    }
}

/// The shop's ids are looked up once, and not for each link; all platforms are named so that their index serves.
const MATCHING: &str = "tenant_id = $1 and (cardinality($2::text[]) = 0 or state = any($2))
  and ($3::text is null or order_name ilike $3 or order_id::text = $4
       or order_id = any(array(select o.id from orders o where o.tenant_id = $1
            and o.platform in ('shopify', 'woocommerce', 'host') and o.external_id = $4))
       or exists (select from jsonb_array_elements(candidates) as candidate where candidate ->> 'number' ilike $3))";

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

/// The tenant's link of a shop order.
pub async fn find_of_order(
    database: impl PgExecutor<'_>,
    tenant: TenantId,
    order_id: i64,
) -> Result<Option<LinkRow>, LinkError> {
    let found: Option<Stored> =
        sqlx::query_as("select * from shop_links where tenant_id = $1 and order_id = $2")
            .bind(tenant.0)
            .bind(order_id)
            .fetch_optional(database)
            .await?;
    found.map(Stored::read).transpose()
}

/// A page of a tenant's links, the latest heard of first; at most 200.
pub async fn list_links(
    reading: &mut PgConnection,
    scope: TenantScope,
    filter: &LinkFilter,
    skip: i64,
    limit: i64,
) -> Result<LinkPage, LinkError> {
    let (states, searched) = (filter.state_names(), filter.searched());
    let pattern = searched.as_deref().map(containing);
    let total = sqlx::query_scalar(&format!("select count(*) from shop_links where {MATCHING}"))
        .bind(scope.tenant().0)
        .bind(&states)
        .bind(&pattern)
        .bind(&searched)
        .fetch_one(&mut *reading)
        .await?;
    let page = format!(
        "select * from shop_links where {MATCHING} order by created_at desc, id desc offset $5 limit $6"
    );
    let stored: Vec<Stored> = sqlx::query_as(&page)
        .bind(scope.tenant().0)
        .bind(&states)
        .bind(&pattern)
        .bind(&searched)
        .bind(skip.max(0))
        .bind(limit.clamp(0, PAGE_MAX))
        .fetch_all(reading)
        .await?;
    let items = stored.into_iter().map(Stored::read).collect::<Result<_, _>>()?;
    Ok(LinkPage { total, items })
}

/// The next portion of a whole list, larger than a page: what comes after the link that was heard of then, which has this
/// id. No link, no more of them.
pub async fn links_portion(
    reading: &mut PgConnection,
    scope: TenantScope,
    filter: &LinkFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> Result<Vec<LinkRow>, LinkError> {
    let searched = filter.searched();
    let portion = format!(
        "select * from shop_links
         where {MATCHING} and ($5::timestamptz is null or (created_at, id) < ($5, $6))
         order by created_at desc, id desc limit {PORTION}"
    );
    let stored: Vec<Stored> = sqlx::query_as(&portion)
        .bind(scope.tenant().0)
        .bind(filter.state_names())
        .bind(searched.as_deref().map(containing))
        .bind(&searched)
        .bind(after.map(|(heard_at, _)| heard_at))
        .bind(after.map(|(_, id)| id))
        .fetch_all(reading)
        .await?;
    stored.into_iter().map(Stored::read).collect()
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
