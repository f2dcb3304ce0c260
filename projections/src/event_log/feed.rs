//! The log of one tenant as it grows, for those who follow it: which order changed, by which event, and how that order
//! looks now. No payload, no personal datum; of an order that is withheld nothing but the position of its events.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgExecutor, Row};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AGGREGATE_TYPE;
use crate::scope::TenantScope;

/// The most events that are read at once.
const FEED_MAX: i64 = 256;

/// An event as followers are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedEvent {
    /// The event's place in the tenant's ledger: positions follow each other without a gap.
    pub position: i64,
    /// When the event was appended (UTC).
    pub recorded_at: DateTime<Utc>,
    /// What it is about; null where the order is shown to no tenant.
    #[serde(flatten)]
    pub change: Option<Change>,
    /// The hash of what stands at the position. Nobody is told of it; it tells this history from another one.
    #[serde(skip)]
    pub leaf_hash: LeafHash,
}

/// The hash of an event and of its place.
pub type LeafHash = [u8; 32];

/// Which order changed, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// The name of the event.
    #[serde(rename = "type")]
    pub name: String,
    /// The ledger's id of the order: `id` in the list of orders. What lists call `order_id` is the shop order's number.
    pub order_id: Uuid,
    /// The number of the event in the order's stream, from 1.
    pub version: i64,
    /// The order as it is now.
    pub order: Glance,
}

/// What a line of a list shows first of an order, and nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct Glance {
    /// The order number that people know.
    pub mintsoft_order_number: String,
    /// Mintsoft's name of the order's status.
    pub status: Option<String>,
    /// Where the order is in the warehouse.
    pub warehouse_phase: String,
    /// Where the goods are with the carrier.
    pub carrier_phase: String,
    /// Whose move it is: `nobody`, `warehouse`, `brand`, `carrier`, `recipient` or `platform`.
    pub must_act: String,
    /// Why the order needs attention, as a code; null where it needs none.
    pub attention: Option<String>,
    /// The tab of a list that the order stands under.
    pub tab: String,
    /// When the open promise about the order ends (UTC).
    pub due_at: Option<DateTime<Utc>>,
    /// When what is shown of the order last changed (UTC).
    pub updated_at: DateTime<Utc>,
}

/// The position of the tenant's last event; -1 where there is none.
pub async fn newest_position(executor: impl PgExecutor<'_>, scope: &TenantScope) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(position), -1) from events where tenant_id = $1")
        .bind(scope.tenant().0)
        .fetch_one(executor)
        .await
}

/// The tenant's last event: its position and its hash; none where there is no event.
pub async fn newest_event(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
) -> sqlx::Result<Option<(i64, LeafHash)>> {
    sqlx::query_as(
        "select position, leaf_hash from events where tenant_id = $1 order by position desc limit 1",
    )
    .bind(scope.tenant().0)
    .fetch_optional(executor)
    .await
}

/// The tenant's next events after a position, in their order. Positions are dense and given in the order of commits, so
/// whoever goes on from the last one misses nothing.
pub async fn follow(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<FeedEvent>> {
    let rows = sqlx::query(
        "select e.position, e.recorded_at, e.leaf_hash, e.event_type, e.sequence, o.id as order_id, o.mintsoft_order_number, \
                o.status, o.warehouse_phase, o.carrier_phase, o.must_act, o.attention, o.tab, o.due_at, o.updated_at \
         from events e left join logistics_orders o \
           on o.id = case when e.aggregate_type = $4 then e.aggregate_id::uuid end \
          and o.tenant_id = e.tenant_id and o.withheld_reason is null \
         where e.tenant_id = $1 and e.position > $2 order by e.position limit $3",
    )
    .bind(scope.tenant().0)
    .bind(after)
    .bind(limit.clamp(1, FEED_MAX))
    .bind(AGGREGATE_TYPE)
    .fetch_all(executor)
    .await?;
    rows.iter()
        .map(|row| {
            let change = match row.try_get::<Option<Uuid>, _>("order_id")? {
                Some(order_id) => Some(Change {
                    name: row.try_get("event_type")?,
                    order_id,
                    version: row.try_get("sequence")?,
                    order: Glance::from_row(row)?,
                }),
                None => None,
            };
            Ok(FeedEvent {
                position: row.try_get("position")?,
                recorded_at: row.try_get("recorded_at")?,
                change,
                leaf_hash: row.try_get("leaf_hash")?,
            })
        })
        .collect()
}
