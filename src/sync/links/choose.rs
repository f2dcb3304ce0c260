//! Choosing by hand: a person says which warehouse orders fulfil a shop order that has a link already. The host's own call,
//! which may bring a shop order that nobody knew, is `request`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::search::{enqueue_chosen, renaming_under_way};
use super::{LinkError, LinkRow, LinkSettings, LinkState, Stored, state};
use crate::ledger::OrderAddress;

/// Has these orders tied to the shop order of the link, on behalf of `by`: one order, or the parts of one. Nothing is searched
/// for, and of two choices the later one counts. The link's shop order and its first requester stay as they are.
/// None: there is no such link.
pub async fn choose_order(
    conn: &mut PgConnection,
    link_id: Uuid,
    (fulfilled_by, by): (&[OrderAddress], &str),
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<Option<LinkRow>, LinkError> {
    let held: Option<Stored> = sqlx::query_as("select * from shop_links where id = $1 for update")
        .bind(link_id)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(held) = held else { return Ok(None) };
    let link = held.read()?;
    let link = match link.state {
        LinkState::NotFound => {
            state::look_anew(conn, link.id, &link.order_name, &link.candidates, now).await?
        }
        LinkState::Pending | LinkState::Linked => link,
    };
    tie_chosen(conn, &link, (fulfilled_by, by), None, settings, now).await?;
    Ok(Some(link))
}

/// Puts the ties that a person chose on their way; with the id that the host's took the place of, under which others may be tied
/// still.
pub(super) async fn tie_chosen(
    conn: &mut PgConnection,
    link: &LinkRow,
    (fulfilled_by, by): (&[OrderAddress], &str),
    was: Option<i64>,
    settings: &LinkSettings,
    now: DateTime<Utc>,
) -> Result<(), LinkError> {
    // A renaming that was not followed yet is void from now on, and so this must follow it.
    let was = match was {
        Some(was) => Some(was),
        None => renaming_under_way(&mut *conn, link.id).await?,
    };
    state::mark_chosen(conn, link.id, fulfilled_by).await?;
    for address in fulfilled_by {
        enqueue_chosen(conn, link, (*address, by), was, settings, now).await?;
    }
    Ok(())
}
