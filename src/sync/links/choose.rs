//! Choosing by hand: a person says which warehouse orders fulfil a shop order that has a link already. The host's own call,
//! which may bring a shop order that nobody knew, is `request`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::search::enqueue_chosen;
use super::{LinkError, LinkRow, LinkSettings, LinkState, Stored, mark};
use crate::ledger::OrderAddress;

/// Has these orders tied to the shop order of the link, on behalf of `by`: one order, or the parts of one. Nothing is searched
/// for. Neither the link's shop order nor who asked for it first is another for that. None: there is no such link.
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
            mark::look_anew(conn, link.id, &link.order_name, &link.candidates, now).await?
        }
        LinkState::Pending | LinkState::Linked => link,
    };
    for address in fulfilled_by {
        enqueue_chosen(conn, &link, (*address, by), None, settings, now).await?;
    }
    Ok(Some(link))
}
