//! What a person sees of the inbox, and the wish to have a delivery worked on again. No body is shown: bodies hold
//! personal data.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::InboxError;
use super::arrival::{concerned, work_on};
use super::process::PROCESS_DELIVERY;
use crate::clock;
use crate::jobs::enqueue;

/// The longest list.
const LIST_MAX: i64 = 1000;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not worked on yet.
    Received,
    /// Done.
    Processed,
    /// There was nothing to do.
    Ignored,
    /// Unreadable or given up.
    Dead,
}

impl DeliveryState {
    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Ignored => "ignored",
            Self::Dead => "dead",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Received, Self::Processed, Self::Ignored, Self::Dead];
        all.into_iter().find(|state| state.as_str() == name)
    }
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// In this state only.
    pub state: Option<DeliveryState>,
    /// Of this tenant's shops only.
    pub tenant: Option<i64>,
    /// At most so many; a thousand at the most, and where it is not given.
    pub limit: Option<i64>,
}

/// A delivery without its body.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct DeliverySummary {
    /// The delivery's id.
    pub id: Uuid,
    /// `shopify`, `woocommerce` or `mintsoft`.
    pub source: String,
    /// The tenant whose shop sent it.
    pub tenant_id: Option<i64>,
    /// The account a callback is about.
    pub account_id: Option<Uuid>,
    /// The order a callback is about, by Mintsoft's id.
    pub mintsoft_order_id: Option<i64>,
    /// The topic or the event.
    pub topic: String,
    /// The headers that were kept.
    pub headers: Value,
    /// Length of the body in bytes.
    pub body_bytes: i32,
    /// When it arrived (UTC).
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    pub state: String,
    /// Why it was ignored or is dead.
    pub reason: Option<String>,
    /// When it left the state received (UTC).
    pub processed_at: Option<DateTime<Utc>>,
    /// How often it was worked on.
    pub attempts: i32,
}

/// What came of the wish to have a delivery worked on again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redelivery {
    /// It is due at once.
    Queued,
    /// It waits already, or was processed; once done stays done.
    NotNeeded,
    /// It was ignored, or dismissed as dead, so long ago that its body was erased; there is nothing left to work on.
    Erased,
    /// There is no such delivery.
    Unknown,
}

/// Deliveries of all tenants, the latest first. For operators only.
pub async fn list(pool: &PgPool, filter: &DeliveryFilter) -> Result<Vec<DeliverySummary>, InboxError> {
    let found = sqlx::query_as(
        "select id, source, tenant_id, account_id, mintsoft_order_id, topic, headers, body_bytes, received_at, state,
           reason, processed_at, attempts
         from inbox_deliveries
         where ($1::text is null or state = $1) and ($2::bigint is null or tenant_id = $2)
         order by received_at desc, id desc limit $3",
    )
    .bind(filter.state.map(DeliveryState::as_str))
    .bind(filter.tenant)
    .bind(filter.limit.unwrap_or(LIST_MAX).clamp(0, LIST_MAX))
    .fetch_all(pool)
    .await?;
    Ok(found)
}

/// Its state, what it concerns (a shop's tenant, or an account and an order there), and whether its body is erased.
type Held = (String, Option<i64>, Option<Uuid>, Option<i64>, bool);

/// Has a delivery worked on again that is dead, or was ignored by a rule that has changed since.
pub async fn retry(pool: &PgPool, id: Uuid, now: DateTime<Utc>) -> Result<Redelivery, InboxError> {
    let mut transaction = pool.begin().await?;
    let found: Option<Held> = sqlx::query_as(
        "select state, tenant_id, account_id, mintsoft_order_id, body_sealed is null from inbox_deliveries
         where id = $1 for update",
    )
    .bind(id)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some((state, tenant, account, order, is_erased)) = found else { return Ok(Redelivery::Unknown) };
    if !matches!(DeliveryState::named(&state), Some(DeliveryState::Dead | DeliveryState::Ignored)) {
        return Ok(Redelivery::NotNeeded);
    }
    if is_erased {
        return Ok(Redelivery::Erased);
    }
    sqlx::query(
        "update inbox_deliveries set state = 'received', reason = null, processed_at = null where id = $1",
    )
    .bind(id)
    .execute(&mut *transaction)
    .await?;
    let concerned = concerned(&mut transaction, tenant, account.zip(order)).await?;
    // A key of its own, since the job that gave the delivery up may still be ending.
    let again = work_on(id, concerned, now).unique(format!("{PROCESS_DELIVERY}/{id}/{}", clock::new_id()));
    enqueue(&mut transaction, &again).await?;
    transaction.commit().await?;
    Ok(Redelivery::Queued)
}
