//! What a person sees of the requests that were turned away: how many, at which webhook endpoint, why, on which day.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgPool};

use super::InboxError;

/// The longest list.
const LIST_MAX: i64 = 1000;

/// The requests that one webhook endpoint turned away for one reason on one day. Nothing else of them is kept.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct RejectionCount {
    /// `shopify`, `woocommerce` or `mintsoft`.
    pub source: String,
    /// The tenant whose address was used; none for callbacks, and for what may be the ping of a webhook.
    pub tenant_id: Option<i64>,
    /// `missing_signature`, `bad_signature`, `bad_token` or `body_slow`.
    pub reason: String,
    /// The day they came (UTC).
    pub day: NaiveDate,
    /// How many.
    pub count: i64,
    /// When the last of them was counted (UTC).
    pub last_at: DateTime<Utc>,
}

/// The counts of one tenant or of all, the latest first; a thousand at the most. For operators only.
pub async fn list_rejections(
    pool: &PgPool,
    tenant: Option<i64>,
    limit: i64,
) -> Result<Vec<RejectionCount>, InboxError> {
    let counted = sqlx::query_as(
        "select source, tenant_id, reason, day, count, last_at from inbox_rejections
         where ($1::bigint is null or tenant_id = $1)
         order by last_at desc, source, tenant_id, reason limit $2",
    )
    .bind(tenant)
    .bind(limit.clamp(0, LIST_MAX))
    .fetch_all(pool)
    .await?;
    Ok(counted)
}
