//! Keeping a delivery and putting its work on its way, in one transaction.

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, OrderStreamId, TenantId};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::process::PROCESS_DELIVERY;
use super::{Inbox, InboxError};
use crate::clock;
use crate::jobs::{NewJob, enqueue};
use crate::telemetry::meters;

/// How often the work on a delivery is tried, and the wait between: from seconds to a quarter of an hour, for two hours.
const ATTEMPTS: i32 = 16;
const RETRY_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
const RETRY_CAP: std::time::Duration = std::time::Duration::from_mins(15);

/// A proven delivery that is to be kept.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) sender: Sender,
    /// The topic or the event.
    pub(super) topic: String,
    pub(super) dedupe_key: String,
    /// The headers that may be kept.
    pub(super) headers: Value,
}

/// Who sent it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sender {
    Shop { source: &'static str, tenant: TenantId },
    Warehouse { account: Uuid, mintsoft_order_id: i64 },
}

/// Whether a delivery was kept now or had been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Now,
    Before,
}

impl Sender {
    fn source(&self) -> &'static str {
        match self {
            Self::Shop { source, .. } => source,
            Self::Warehouse { .. } => "mintsoft",
        }
    }
}

/// SHA-256 of a body.
pub(super) fn sha256(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// For whom a body is sealed.
pub(super) fn seal_owner(delivery: Uuid) -> String {
    format!("inbox_deliveries/{delivery}")
}

/// Whom a delivery concerns: the tenant whose shop sent it, or else whose the order of the account is that it is about, where that is
/// known. So the callbacks of one brand leave a place to the work of others.
pub(super) async fn concerned(
    connection: &mut PgConnection,
    tenant: Option<i64>,
    order: Option<(Uuid, i64)>,
) -> sqlx::Result<Option<i64>> {
    let Some((account, mintsoft_order_id)) = order else { return Ok(tenant) };
    let stream = OrderStreamId::derive(AccountId(account), mintsoft_order_id);
    sqlx::query_scalar("select tenant_id from order_streams where stream_id = $1")
        .bind(stream.0)
        .fetch_optional(connection)
        .await
}

/// The job that works on a delivery.
pub(super) fn work_on(delivery: Uuid, tenant: Option<i64>, now: DateTime<Utc>) -> NewJob {
    let job = NewJob::due(PROCESS_DELIVERY, json!({"delivery_id": delivery}), now)
        .unique(format!("{PROCESS_DELIVERY}/{delivery}"))
        .attempts(ATTEMPTS, RETRY_EVERY)
        .growing_to(RETRY_CAP);
    NewJob { tenant, ..job }
}

impl Inbox {
    /// Keeps the delivery unless it is kept already. When this returns `Ok`, it is committed.
    pub(super) async fn keep(
        &self,
        arrival: &Arrival,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Kept, InboxError> {
        let id = clock::new_id();
        let (tenant, account, order) = match arrival.sender {
            Sender::Shop { tenant, .. } => (Some(tenant.0), None, None),
            Sender::Warehouse { account, mintsoft_order_id } => {
                (None, Some(account), Some(mintsoft_order_id))
            }
        };
        let mut transaction = self.0.pool.begin().await?;
        let kept = sqlx::query(
            "insert into inbox_deliveries (id, source, tenant_id, account_id, topic, mintsoft_order_id, dedupe_key,
               headers, body_sealed, body_sha256, body_bytes, received_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict (dedupe_key) do nothing",
        )
        .bind(id)
        .bind(arrival.sender.source())
        .bind(tenant)
        .bind(account)
        .bind(&arrival.topic)
        .bind(order)
        .bind(&arrival.dedupe_key)
        .bind(&arrival.headers)
        .bind(self.0.ring.seal(&seal_owner(id), body))
        .bind(sha256(body).as_slice())
        .bind(i32::try_from(body.len()).unwrap_or(i32::MAX))
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            meters::delivered(arrival.sender.source(), "duplicate");
            return Ok(Kept::Before);
        }
        let concerned = concerned(&mut transaction, tenant, account.zip(order)).await?;
        enqueue(&mut transaction, &work_on(id, concerned, now)).await?;
        transaction.commit().await?;
        meters::delivered(arrival.sender.source(), "kept");
        Ok(Kept::Now)
    }
}
