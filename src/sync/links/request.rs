//! Asking for a link: the shop order, its row and the search, all in the caller's transaction.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_domain::order::facts::comparable_name;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::choose::tie_chosen;
use super::search::{enqueue_relink, enqueue_search, goes_on_for_host};
use super::shop_order::settle_order;
use super::{LinkError, LinkRequest, LinkRow, LinkSettings, LinkState, Origin, Stored, state};
use crate::clock;
use crate::shops::{Candidate, candidates};
use crate::tenancy::ShopOrder;

/// The longest name of a shop order: a hundred characters behind the `#`.
const NAME_CHARS_MAX: usize = 101;

/// Notes the shop order and sees that it is looked for. Asking again for the same order adds nothing, except that the
/// host may name it by its own id, a changed name is looked for anew, and a host that asks again is given a search of its
/// own where none goes on. An order that a person chose is tied to it in place of a search.
pub async fn request_link(
    conn: &mut PgConnection,
    request: &LinkRequest,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<LinkRow, LinkError> {
    if !is_name(&request.name) {
        return Err(LinkError::NameMissing);
    }
    wait_for_others(conn, request.tenant).await?;
    let settled = settle_order(conn, request, now).await?;
    let order = settled.order;
    let wanted = wanted(conn, request.tenant, &order).await?;
    if wanted.is_empty() {
        return Err(LinkError::NameMissing);
    }
    let from_host = !matches!(request.origin, Origin::Shop { .. });
    let chosen = match request.origin {
        Origin::Chosen { fulfilled_by, .. } => Some((fulfilled_by, request.requested_by.as_str())),
        Origin::Host { .. } | Origin::Shop { .. } => None,
    };
    let Some(link) = hold_of_order(conn, request.tenant, order.id).await? else {
        let link = insert(conn, request, &order, &wanted, from_host, now).await?;
        match chosen {
            Some((chosen, by)) => tie_chosen(conn, &link, (&[chosen], by), None, settings, now).await?,
            None => enqueue_search(conn, &link, from_host, settings, now).await?,
        }
        return Ok(link);
    };
    let link = if from_host && !link.from_host { adopt(conn, &link, request, now).await? } else { link };
    if let Some(was) = settled.renamed_from.filter(|_| chosen.is_none()) {
        // Linked or not: a search that is under way may tie it under the old id still.
        enqueue_relink(conn, &link, was, settings, now).await?;
    }
    if let Some((chosen, by)) = chosen {
        let link = match link.state {
            LinkState::NotFound => state::look_anew(conn, link.id, &order.name, &wanted, now).await?,
            LinkState::Pending | LinkState::Linked => link,
        };
        tie_chosen(conn, &link, (&[chosen], by), settled.renamed_from, settings, now).await?;
        return Ok(link);
    }
    // The host's call replaces what is there, which a search that is under way does not. A relink is such a call already.
    let asked_again = from_host && (settled.renamed_from.is_none() || link.state == LinkState::NotFound);
    if link.state == LinkState::Linked || (link.candidates == wanted && !asked_again) {
        return Ok(link);
    }
    // A host that asks again and again how it goes does not start one search after another.
    let is_sought = link.candidates == wanted && link.state == LinkState::Pending;
    if is_sought && goes_on_for_host(conn, &link).await? {
        return Ok(link);
    }
    let link = state::look_anew(conn, link.id, &order.name, &wanted, now).await?;
    enqueue_search(conn, &link, from_host, settings, now).await?;
    Ok(link)
}

/// Whether there is something to look for. A zero character could not even be stored.
fn is_name(name: &str) -> bool {
    let letters = name.chars().count();
    letters <= NAME_CHARS_MAX && !name.chars().any(char::is_control) && !comparable_name(name).is_empty()
}

/// Requests of one tenant come one after another: which shop order is meant depends on those already there.
async fn wait_for_others(conn: &mut PgConnection, tenant: TenantId) -> Result<(), LinkError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('shop_links/' || $1::text, 0))")
        .bind(tenant.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The numbers to look for, by the tenant's present prefix.
async fn wanted(
    conn: &mut PgConnection,
    tenant: TenantId,
    order: &ShopOrder,
) -> Result<Vec<Candidate>, LinkError> {
    let prefix: Option<Option<String>> =
        sqlx::query_scalar("select sku_prefix from logistics_config where tenant_id = $1")
            .bind(tenant.0)
            .fetch_optional(conn)
            .await?;
    Ok(candidates(prefix.flatten().as_deref(), &order.name, order.order_number.as_deref()))
}

async fn hold_of_order(
    conn: &mut PgConnection,
    tenant: TenantId,
    order_id: i64,
) -> Result<Option<LinkRow>, LinkError> {
    let found: Option<Stored> =
        sqlx::query_as("select * from shop_links where tenant_id = $1 and order_id = $2 for update")
            .bind(tenant.0)
            .bind(order_id)
            .fetch_optional(conn)
            .await?;
    found.map(Stored::read).transpose()
}

async fn insert(
    conn: &mut PgConnection,
    request: &LinkRequest,
    order: &ShopOrder,
    wanted: &[Candidate],
    from_host: bool,
    now: DateTime<Utc>,
) -> Result<LinkRow, LinkError> {
    let id: Uuid = clock::new_id();
    let inserted: Stored = sqlx::query_as(
        "insert into shop_links (id, tenant_id, order_id, order_name, candidates, from_host, state, requested_by,
           created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $8)
         returning *",
    )
    .bind(id)
    .bind(request.tenant.0)
    .bind(order.id)
    .bind(&order.name)
    .bind(Json(wanted))
    .bind(from_host)
    .bind(&request.requested_by)
    .bind(now)
    .fetch_one(conn)
    .await?;
    inserted.read()
}

/// Notes that the host named the order itself.
async fn adopt(
    conn: &mut PgConnection,
    link: &LinkRow,
    request: &LinkRequest,
    now: DateTime<Utc>,
) -> Result<LinkRow, LinkError> {
    let adopted: Stored = sqlx::query_as(
        "update shop_links set from_host = true, requested_by = $2, updated_at = $3 where id = $1 returning *",
    )
    .bind(link.id)
    .bind(&request.requested_by)
    .bind(now)
    .fetch_one(conn)
    .await?;
    adopted.read()
}
