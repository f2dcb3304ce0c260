//! The work on a delivery: a shop's paid order becomes a link request, a callback becomes a re-read. What is done, the
//! delivery's end and the job's are one transaction, so nothing is done twice and nothing is forgotten.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, TenantId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::arrival::seal_owner;
use crate::clock::Clock;
use crate::jobs::{Handler, Job, JobError, NewJob, complete_in, enqueue};
use crate::secrets::KeyRing;
use crate::shops::{ShopEvent, read_shopify, read_woocommerce};
use crate::sync::links::{LinkError, LinkRequest, LinkSettings, Origin, request_link};
use crate::sync::reread::RereadOrder;
use crate::tenancy::TenancyError;

/// The kind of the jobs that work on a delivery. Payload: `{"delivery_id"}`.
pub const PROCESS_DELIVERY: &str = "process_delivery";

/// Does jobs of the kind [`PROCESS_DELIVERY`].
#[derive(Clone, Debug)]
pub struct ProcessDelivery {
    pool: PgPool,
    ring: KeyRing,
    clock: Clock,
    links: LinkSettings,
}

/// A delivery as it was kept.
#[derive(FromRow)]
struct Delivery {
    id: Uuid,
    source: String,
    tenant_id: Option<i64>,
    account_id: Option<Uuid>,
    topic: String,
    mintsoft_order_id: Option<i64>,
    received_at: DateTime<Utc>,
    body_sealed: Vec<u8>,
}

/// What a delivery asks for.
enum Deed {
    Link(LinkRequest),
    Reread(NewJob),
    Ignore(String),
    Bury(String),
}

/// How a delivery ends.
struct End {
    state: &'static str,
    reason: Option<String>,
}

impl ProcessDelivery {
    /// A handler over this database; `ring` opens the bodies.
    pub fn new(pool: PgPool, ring: KeyRing, clock: Clock, links: LinkSettings) -> Self {
        Self { pool, ring, clock, links }
    }

    async fn load(&self, job: &Job) -> Result<Option<Delivery>, JobError> {
        let id = delivery_id(job)?;
        let found = sqlx::query_as(
            "select id, source, tenant_id, account_id, topic, mintsoft_order_id, received_at,
                    body_sealed
             from inbox_deliveries where id = $1 and state = 'received'",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await;
        found.map_err(|error| database(&error))
    }

    /// What the delivery asks for, by its body.
    fn understand(&self, delivery: &Delivery, now: DateTime<Utc>) -> Result<Deed, JobError> {
        if let (Some(account), Some(order)) = (delivery.account_id, delivery.mintsoft_order_id) {
            return Ok(Deed::Reread(reread(delivery, account, order, now)));
        }
        let body = self.ring.open(&seal_owner(delivery.id), &delivery.body_sealed);
        let body = body.map_err(|error| JobError::retry(format!("the delivery's body: {error}")))?;
        let event = match delivery.source.as_str() {
            "shopify" => read_shopify(&delivery.topic, &body),
            "woocommerce" => read_woocommerce(&delivery.topic, &body),
            other => {
                return Err(JobError::dead(format!("deliveries from {other} are not known to this version")));
            }
        };
        let tenant = delivery.tenant_id.ok_or_else(|| JobError::dead("the delivery names no tenant"))?;
        Ok(match event {
            ShopEvent::Ignored { reason } => Deed::Ignore(reason),
            ShopEvent::Unreadable { why } => Deed::Bury(why),
            ShopEvent::PaidOrder(order) => Deed::Link(LinkRequest {
                tenant: TenantId(tenant),
                origin: Origin::Shop { platform: order.platform, external_id: order.external_id },
                name: order.name,
                order_number: order.order_number,
                requested_by: format!("delivery:{}", delivery.id),
            }),
        })
    }

    /// Does it, and ends the delivery and the job with it.
    async fn carry_out(
        &self,
        job: &Job,
        delivery: &Delivery,
        deed: Deed,
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        let mut transaction = self.pool.begin().await.map_err(|error| database(&error))?;
        let end = match deed {
            Deed::Link(request) => match request_link(&mut transaction, &request, &self.links, now).await {
                Ok(_) => End { state: "processed", reason: None },
                Err(error) if is_passing(&error) => return Err(JobError::retry(error.to_string())),
                Err(error) => return Err(JobError::dead(error.to_string())),
            },
            Deed::Reread(reread) => {
                let enqueued = enqueue(&mut transaction, &NewJob { tenant: job.tenant, ..reread }).await;
                enqueued.map_err(|error| JobError::retry(error.to_string()))?;
                End { state: "processed", reason: None }
            }
            Deed::Ignore(reason) => End { state: "ignored", reason: Some(reason) },
            Deed::Bury(why) => End { state: "dead", reason: Some(why) },
        };
        let ended = end_delivery(&mut transaction, delivery.id, &end, job.attempts, now).await;
        if !ended.map_err(|error| database(&error))? {
            return Ok(()); // Somebody else ended it; what was done here is rolled back.
        }
        let completed = complete_in(&mut transaction, job, now).await;
        if !completed.map_err(|error| JobError::retry(error.to_string()))? {
            return Ok(()); // The lease was lost, and with it the right to do this.
        }
        transaction.commit().await.map_err(|error| database(&error))
    }
}

#[async_trait]
impl Handler for ProcessDelivery {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Some(delivery) = self.load(job).await? else { return Ok(()) };
        let now = self.clock.now();
        let deed = self.understand(&delivery, now)?;
        self.carry_out(job, &delivery, deed, now).await
    }

    async fn on_dead(&self, job: &Job, reason: &str) -> Result<(), JobError> {
        let id = delivery_id(job)?;
        let mut connection = self.pool.acquire().await.map_err(|error| database(&error))?;
        let end = End { state: "dead", reason: Some(format!("The work on it was given up: {reason}")) };
        let ended = end_delivery(&mut connection, id, &end, job.attempts, self.clock.now()).await;
        ended.map(drop).map_err(|error| database(&error))
    }
}

fn reread(delivery: &Delivery, account: Uuid, order: i64, now: DateTime<Utc>) -> NewJob {
    let told = RereadOrder {
        event: Some(delivery.topic.clone()),
        delivery_id: Some(delivery.id),
        received_at: Some(delivery.received_at),
        ..RereadOrder::of(AccountId(account), order)
    };
    told.job(format_args!("delivery:{}", delivery.id), now)
}

/// Ends a delivery that waits; false where it does not.
async fn end_delivery(
    conn: &mut PgConnection,
    id: Uuid,
    end: &End,
    attempts: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let ended = sqlx::query(
        "update inbox_deliveries set state = $2, reason = $3, attempts = attempts + $4, processed_at = $5
         where id = $1 and state = 'received'",
    )
    .bind(id)
    .bind(end.state)
    .bind(&end.reason)
    .bind(attempts)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

fn delivery_id(job: &Job) -> Result<Uuid, JobError> {
    let id = job.payload.get("delivery_id").and_then(serde_json::Value::as_str);
    let id = id.and_then(|id| id.parse().ok());
    id.ok_or_else(|| JobError::dead("the job names no delivery"))
}

/// The error's own words may quote values, so only its kind is told.
fn database(error: &sqlx::Error) -> JobError {
    let code = error.as_database_error().and_then(|told| told.code().map(std::borrow::Cow::into_owned));
    JobError::retry(match code {
        Some(code) => format!("the database refused the work on a delivery (SQLSTATE {code})"),
        None => "the database did not answer".to_owned(),
    })
}

fn is_passing(error: &LinkError) -> bool {
    matches!(
        error,
        LinkError::Database(_) | LinkError::Jobs(_) | LinkError::Tenancy(TenancyError::Database(_))
    )
}
