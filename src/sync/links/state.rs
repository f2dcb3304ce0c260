//! How a link fares: a look without a find, found, given up, lost again, set aside, undone. Found is never undone by a late look.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_domain::order::facts::LinkBasis;
use sqlx::types::Json;
use sqlx::{Connection as _, FromRow, PgConnection};
use uuid::Uuid;

use super::search::{another_goes_on, enqueue_search};
use super::{LinkError, LinkRow, LinkSettings, Stored};
use crate::jobs::storable_reason;
use crate::ledger::OrderAddress;
use crate::shops::{Candidate, candidates};

/// Counts a look that found nothing, with what it said; `asked_by` is the job that looked. After the last one the order is paid
/// and not in the warehouse. False: it was found meanwhile, or a person has said otherwise since that job was put on its way.
pub async fn mark_look(
    conn: &mut PgConnection,
    (link_id, asked_by): (Uuid, i64),
    is_last: bool,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, LinkError> {
    let marked = sqlx::query(
        "update shop_links set attempts = attempts + 1, state = case when $2 then 'not_found' else state end,
           reason = $3, updated_at = $4
         where id = $1 and state <> 'linked' and coalesce(settled_at_job, 0) < $5",
    )
    .bind(link_id)
    .bind(is_last)
    .bind(storable_reason(reason))
    .bind(now)
    .bind(asked_by)
    .execute(conn)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Notes that the order was found, and by what. Doing it again keeps the first instant. `order_id` is the id that the
/// warehouse order was told, and `asked_by` the job that looked; false: the host has named the order by another id meanwhile, so
/// tell it that one, or a person has said otherwise since that job was put on its way.
pub async fn mark_linked(
    conn: &mut PgConnection,
    (link_id, order_id): (Uuid, i64),
    basis: LinkBasis,
    asked_by: i64,
    now: DateTime<Utc>,
) -> Result<bool, LinkError> {
    let marked = sqlx::query(
        "update shop_links set state = 'linked', basis = $3, reason = null, updated_at = $4,
           linked_at = coalesce(linked_at, $4)
         where id = $1 and order_id = $2 and coalesce(settled_at_job, 0) < $5",
    )
    .bind(link_id)
    .bind(order_id)
    .bind(basis.as_str())
    .bind(now)
    .bind(asked_by)
    .execute(conn)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Notes that a search ended without a find: the order is not in the warehouse, unless another search for it goes on.
pub(in crate::sync) async fn mark_search_over(
    conn: &mut PgConnection,
    (link_id, job_id): (Uuid, i64),
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let mut transaction = conn.begin().await?;
    // Who puts another search on its way holds the row meanwhile.
    sqlx::query("select from shop_links where id = $1 for update")
        .bind(link_id)
        .execute(&mut *transaction)
        .await?;
    let is_last = !another_goes_on(&mut transaction, link_id, job_id).await?;
    mark_look(&mut transaction, (link_id, job_id), is_last, reason, now).await?;
    transaction.commit().await?;
    Ok(())
}

/// Notes that the warehouse order which fulfilled it is set aside: whose that is, is not settled any more. Nothing is asked of
/// upstream, which has it; once it is the tenant's again, or another of its number is seen, the link is made again.
pub(in crate::sync) async fn mark_set_aside(
    conn: &mut PgConnection,
    tenant: TenantId,
    order_id: i64,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    sqlx::query(
        "update shop_links set state = 'not_found', reason = $3, basis = null, linked_at = null, updated_at = $4
         where tenant_id = $1 and order_id = $2 and state = 'linked'",
    )
    .bind(tenant.0)
    .bind(order_id)
    .bind(storable_reason(reason))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that an order that was set aside fulfils it again, as before.
pub(in crate::sync) async fn mark_linked_again(
    conn: &mut PgConnection,
    tenant: TenantId,
    order_id: i64,
    basis: LinkBasis,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    sqlx::query(
        "update shop_links set state = 'linked', basis = $3, reason = null, linked_at = $4, updated_at = $4
         where tenant_id = $1 and order_id = $2 and state <> 'linked'",
    )
    .bind(tenant.0)
    .bind(order_id)
    .bind(basis.as_str())
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a person undid the link. No search is made for it: whoever undid it knows better, and may choose another order or
/// have it looked for. What was put on its way before is void.
pub(in crate::sync) async fn mark_undone(
    conn: &mut PgConnection,
    link_id: Uuid,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let mut transaction = conn.begin().await?;
    // Who puts a search on its way holds the row meanwhile: the newest job is looked for after that.
    sqlx::query("select from shop_links where id = $1 for update")
        .bind(link_id)
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "update shop_links set state = 'not_found', reason = $2, basis = null, linked_at = null, updated_at = $3,
           settled_at_job = (select coalesce(max(id), 0) from jobs), chosen_orders = null
         where id = $1",
    )
    .bind(link_id)
    .bind(storable_reason(reason))
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// Looks again for an order whose warehouse order is gone, as by a merge; `asked_by` is the job that asks for it, if one does.
/// None: the shop order has no link, or a job asks for it and a person has settled it since, or undid it and did not have it looked
/// for again.
pub async fn reopen(
    conn: &mut PgConnection,
    (tenant, order_id): (TenantId, i64),
    reason: &str,
    asked_by: Option<i64>,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<Option<LinkRow>, LinkError> {
    let reopened: Option<Stored> = sqlx::query_as(
        "update shop_links set state = 'pending', attempts = 0, reason = $3, basis = null, linked_at = null,
           updated_at = $4
         where tenant_id = $1 and order_id = $2 and ($5::bigint is null or (coalesce(settled_at_job, 0) < $5
             and not (state = 'not_found' and settled_at_job is not null and chosen_orders is null))) returning *",
    )
    .bind(tenant.0)
    .bind(order_id)
    .bind(storable_reason(reason))
    .bind(now)
    .bind(asked_by)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(reopened) = reopened else { return Ok(None) };
    let link = reopened.read()?;
    enqueue_search(conn, &link, false, settings, now).await?;
    Ok(Some(link))
}

/// Notes which orders a person chose. What was put on its way before is void: an older choice, and a search, would tie others.
pub(super) async fn mark_chosen(
    conn: &mut PgConnection,
    link_id: Uuid,
    chosen: &[OrderAddress],
) -> Result<(), LinkError> {
    let streams: Vec<Uuid> = chosen.iter().map(|address| address.stream().0).collect();
    sqlx::query(
        "update shop_links set settled_at_job = (select coalesce(max(id), 0) from jobs), chosen_orders = $2 where id = $1",
    )
    .bind(link_id)
    .bind(streams)
    .execute(conn)
    .await?;
    Ok(())
}

/// A link that is not resolved, with what its numbers are made of.
#[derive(FromRow)]
struct Unlinked {
    id: Uuid,
    name: String,
    order_number: Option<String>,
    sku_prefix: Option<String>,
    candidates: Json<Vec<Candidate>>,
}

/// Looks for all orders of a tenant that are not linked under the numbers that its present prefix gives, after a change
/// of its configuration; returns how many changed. The caller commits it with the change.
pub async fn refresh_candidates(
    conn: &mut PgConnection,
    tenant: TenantId,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<usize, LinkError> {
    let unlinked: Vec<Unlinked> = sqlx::query_as(
        "select l.id, o.name, o.order_number, c.sku_prefix, l.candidates
         from shop_links l
         join orders o on o.tenant_id = l.tenant_id and o.id = l.order_id
         left join logistics_config c on c.tenant_id = l.tenant_id
         where l.tenant_id = $1 and l.state <> 'linked' order by l.id for update of l",
    )
    .bind(tenant.0)
    .fetch_all(&mut *conn)
    .await?;
    let mut changed = 0;
    for one in unlinked {
        let wanted = candidates(one.sku_prefix.as_deref(), &one.name, one.order_number.as_deref());
        if wanted != one.candidates.0 {
            let link = look_anew(conn, one.id, &one.name, &wanted, now).await?;
            enqueue_search(conn, &link, false, settings, now).await?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// Makes a link pending again under these numbers.
pub(super) async fn look_anew(
    conn: &mut PgConnection,
    link_id: Uuid,
    name: &str,
    wanted: &[Candidate],
    now: DateTime<Utc>,
) -> Result<LinkRow, LinkError> {
    let anew: Stored = sqlx::query_as(
        "update shop_links set state = 'pending', attempts = 0, reason = null, order_name = $2, candidates = $3,
           updated_at = $4
         where id = $1 returning *",
    )
    .bind(link_id)
    .bind(name)
    .bind(Json(wanted))
    .bind(now)
    .fetch_one(conn)
    .await?;
    anew.read()
}
