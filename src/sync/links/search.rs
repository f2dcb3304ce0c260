//! The jobs that look for a paid order: putting a search on its way, and telling whether one goes on. A search is a job with
//! several looks; a look for an order that was seen stands beside it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Chosen, LINK_ORDER, LinkError, LinkRow, LinkSettings, Look};
use crate::jobs::{NewJob, enqueue};
use crate::ledger::OrderAddress;

/// Puts the search on its way. One that is on its last look must not swallow it: it may be for other numbers. Nor may one
/// that replaces nothing swallow the host's.
pub(super) async fn enqueue_search(
    conn: &mut PgConnection,
    link: &LinkRow,
    by_host: bool,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let look = Look { by_host, ..Look::of(link) };
    let whose = if by_host { "host/" } else { "" };
    let key = format!("{LINK_ORDER}/{}/{whose}{}", link.id, now.timestamp_micros());
    enqueue(conn, &search(link, &look, key, settings, now)).await?;
    Ok(())
}

/// Puts the tie to the order that a person chose on its way; with the id that the host's took the place of, under which
/// another may be tied.
pub(super) async fn enqueue_chosen(
    conn: &mut PgConnection,
    link: &LinkRow,
    (fulfilled_by, by): (OrderAddress, &str),
    was: Option<i64>,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let look = Look { chosen: Some(Chosen::of(fulfilled_by, by)), was, ..Look::of(link) };
    let key = format!("{LINK_ORDER}/{}/chosen/{}/{}", link.id, fulfilled_by.stream(), now.timestamp_micros());
    enqueue(conn, &search(link, &look, key, settings, now)).await?;
    Ok(())
}

/// Looks once more, beside any search under way, since an order of one of its numbers was seen.
pub(in crate::sync) async fn look_once(
    conn: &mut PgConnection,
    link: &LinkRow,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let look = Look { seen: true, ..Look::of(link) };
    let job = NewJob::due(LINK_ORDER, json!(look), now)
        .unique(format!("{LINK_ORDER}/{}/seen", link.id))
        .tenant(link.tenant.0);
    enqueue(conn, &job).await?;
    Ok(())
}

/// Puts the renewed link of an order that the host has named on its way. What found it just now, or finds it soon, may
/// have tied it under the id that it had.
pub(super) async fn enqueue_relink(
    conn: &mut PgConnection,
    link: &LinkRow,
    was: i64,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    let look = Look { relink: true, was: Some(was), ..Look::of(link) };
    let key = format!("{LINK_ORDER}/{}/order/{}", link.id, link.order_id);
    enqueue(conn, &search(link, &look, key, settings, now)).await?;
    Ok(())
}

fn search(link: &LinkRow, look: &Look, key: String, settings: &LinkSettings, now: DateTime<Utc>) -> NewJob {
    NewJob::due(LINK_ORDER, json!(look), now)
        .unique(key)
        .tenant(link.tenant.0)
        .attempts(settings.attempts(), settings.retry_every)
}

/// The id that a shop order had before the host named it by another, where no job has followed that yet.
pub(in crate::sync) async fn renaming_under_way(
    conn: &mut PgConnection,
    link_id: Uuid,
) -> Result<Option<i64>, LinkError> {
    let was = sqlx::query_scalar(
        "select (payload ->> 'was')::bigint from jobs
         where kind = $1 and (state = 'ready' or state = 'running') and payload ->> 'link_id' = $2
           and payload ->> 'was' is not null
         order by id limit 1",
    )
    .bind(LINK_ORDER)
    .bind(link_id.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(was)
}

/// Whether a search that the host asked for looks again, for the numbers that the link has then. One whose last look is under way
/// does not count: that may be for other numbers. Nor does one that a person's word has made void.
pub(super) async fn goes_on_for_host(conn: &mut PgConnection, link: &LinkRow) -> Result<bool, LinkError> {
    let goes_on = sqlx::query_scalar(
        "select exists (select from jobs
           where kind = $1 and (state = 'ready' or state = 'running') and payload ->> 'link_id' = $2
             and (payload ->> 'by_host')::boolean and attempts < max_attempts
             and id > coalesce((select settled_at_job from shop_links where id = $2::uuid), 0))",
    )
    .bind(LINK_ORDER)
    .bind(link.id.to_string())
    .fetch_one(conn)
    .await?;
    Ok(goes_on)
}

/// Whether another search than this job has a look before it. One whose last look is under way has not: it says itself what
/// came of it. Nor has one that a person's word has made void.
pub(super) async fn another_goes_on(
    conn: &mut PgConnection,
    link_id: Uuid,
    job_id: i64,
) -> Result<bool, LinkError> {
    let goes_on = sqlx::query_scalar(
        "select exists (select from jobs
           where kind = $1 and (state = 'ready' or state = 'running') and payload ->> 'link_id' = $2
             and not coalesce((payload ->> 'seen')::boolean, false) and attempts < max_attempts and id <> $3
             and id > coalesce((select settled_at_job from shop_links where id = $2::uuid), 0))",
    )
    .bind(LINK_ORDER)
    .bind(link_id.to_string())
    .bind(job_id)
    .fetch_one(conn)
    .await?;
    Ok(goes_on)
}
