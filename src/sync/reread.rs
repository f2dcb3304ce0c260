//! Re-reading one order by its id: whole, with its consignments once it has left the warehouse.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::order::facts::Shipment;
use logistics_domain::order::observation::{Observed, Told};
use logistics_domain::order::status::CANCELLED;
use logistics_domain::{AccountId, OrderStreamId, Source};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::intake::Taken;
use super::intent::ReportVanished;
use super::sources::{Cause, SourceAccount, Sources};
use super::{SyncError, callbacks};
use crate::inbox::REREAD_ORDER;
use crate::jobs::{Handler, Job, JobError, NewJob, enqueue};
use crate::ledger::OrderAddress;
use crate::mintsoft::wire::{Order, Row};
use crate::mintsoft::{Answer, translate};

/// An outage of upstream is waited out for most of a day.
pub(super) const ATTEMPTS_MAX: i32 = 24;
pub(super) const RETRY_EVERY: Duration = Duration::from_secs(10);
pub(super) const RETRY_CAP: Duration = Duration::from_hours(1);

/// What a re-read is told.
#[derive(Clone, Debug, Deserialize)]
pub struct RereadOrder {
    /// The account.
    pub account_id: Uuid,
    /// Mintsoft's id of the order.
    pub mintsoft_order_id: i64,
    /// The callback's event, where a callback asked for it.
    pub event: Option<String>,
    /// The callback's delivery.
    pub delivery_id: Option<Uuid>,
    /// The operator's decision, where one asked for it.
    pub operator: Option<OperatorWord>,
}

/// An operator's decision, in whose name an order is taken in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OperatorWord {
    /// Who decided.
    pub actor: String,
    /// Which decision.
    pub decision: Uuid,
}

/// The job that takes an order in as an operator decided.
pub(super) fn decided_job(order: &OrderAddress, operator: &OperatorWord, now: DateTime<Utc>) -> NewJob {
    let payload = json!({
        "account_id": order.account.0, "mintsoft_order_id": order.mintsoft_order_id, "operator": operator,
    });
    NewJob::due(REREAD_ORDER, payload, now)
        .unique(format!("reread/{}/decision:{}", order.stream(), operator.decision))
        .tenant(order.tenant.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP)
}

/// What an answer shows of an order, for those who wait for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is cancelled.
    pub cancelled: bool,
}

impl Shown {
    fn of(row: &Row<Order>) -> Self {
        let status = row.parsed.as_ref().ok().and_then(|order| order.order_status_id);
        Self { cancelled: status.is_some_and(|id| id == i64::from(CANCELLED)) }
    }
}

/// Asks for orders to be re-read, because their rows left something out.
pub(super) async fn request(
    pool: &PgPool,
    orders: &[OrderAddress],
    cause: &Cause,
    now: DateTime<Utc>,
) -> Result<(), SyncError> {
    if orders.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await?;
    for order in orders {
        enqueue(&mut connection, &job(order, cause, now)).await?;
    }
    Ok(())
}

/// The job that re-reads an order. One a cause: a re-read that runs already may have asked before this was seen.
pub(super) fn job(order: &OrderAddress, cause: &Cause, now: DateTime<Utc>) -> NewJob {
    let payload = json!({"account_id": order.account.0, "mintsoft_order_id": order.mintsoft_order_id});
    let key = format!("reread/{}/{}", order.stream(), cause.correlation_id);
    NewJob::due(REREAD_ORDER, payload, now)
        .unique(key)
        .tenant(order.tenant.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP)
}

impl Sources {
    /// Reads an order whole and takes it in. An order that upstream no longer has is noted as vanished.
    pub async fn read_whole(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let answer = account.calls.order(mintsoft_order_id).await?;
        Box::pin(self.take_answer(account, mintsoft_order_id, answer, cause)).await
    }

    async fn take_answer(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        answer: Answer<Option<Row<Order>>>,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let Answer { value, asked_at, answered_at } = answer;
        let Some(row) = value else {
            let observed = Observed { asked_at, answered_at, upstream_updated_at: None, raw_sha256: None };
            return self.note_vanished(account, mintsoft_order_id, observed, cause).await;
        };
        let shipments = self.shipments_of(account, &row).await?;
        self.take_whole(account, Answer { value: row, asked_at, answered_at }, shipments, cause).await
    }

    /// The same, and tells what the answer shows, whether or not the order could be taken in; none when it is gone.
    pub async fn read_shown(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        cause: &Cause,
    ) -> Result<Option<Shown>, SyncError> {
        let answer = account.calls.order(mintsoft_order_id).await?;
        let shown = answer.value.as_ref().map(Shown::of);
        Box::pin(self.take_answer(account, mintsoft_order_id, answer, cause)).await?;
        Ok(shown)
    }

    /// Consignments exist once an order is packed; asking earlier would spend the budget on nothing.
    async fn shipments_of(
        &self,
        account: &SourceAccount,
        row: &Row<Order>,
    ) -> Result<Told<Vec<Shipment>>, SyncError> {
        let Ok(order) = &row.parsed else { return Ok(Told::Silent) };
        let has_left = order.despatch_date.is_some() || order.tracking_number.is_some();
        if !has_left {
            return Ok(Told::Silent);
        }
        let answer = match account.calls.shipments(order.id).await {
            Ok(answer) => answer,
            // The order itself was read well; its consignments are told another time.
            Err(error) => {
                tracing::info!(order = order.id, %error, "an order's shipments could not be read");
                return Ok(Told::Silent);
            }
        };
        let rows: Vec<_> = answer.value.into_iter().filter_map(|row| row.parsed.ok()).collect();
        let shipments = translate::shipments(&rows, account.zone);
        self.remember_shipments(account.id, order.id, &shipments).await?;
        Ok(Told::Is(shipments))
    }

    /// Tracking events may name their shipment only; this tells which order that is.
    async fn remember_shipments(
        &self,
        account: AccountId,
        mintsoft_order_id: i64,
        shipments: &[Shipment],
    ) -> Result<(), SyncError> {
        if shipments.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = shipments.iter().map(|shipment| shipment.id).collect();
        sqlx::query(
            "insert into known_shipments (account_id, shipment_id, mintsoft_order_id)
             select $1, id, $3 from unnest($2::int8[]) as told (id)
             on conflict (account_id, shipment_id) do update set mintsoft_order_id = excluded.mintsoft_order_id
               where known_shipments.mintsoft_order_id <> excluded.mintsoft_order_id",
        )
        .bind(account.0)
        .bind(&ids)
        .bind(mintsoft_order_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn note_vanished(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        observed: Observed,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let stream = OrderStreamId::derive(account.id, mintsoft_order_id);
        let owners = self.ledger.owner_of(&[stream]).await?;
        let Some(tenant) = owners.get(&stream).copied() else {
            return Ok(Taken { seen: 1, ..Taken::default() });
        };
        let address = OrderAddress { tenant, account: account.id, mintsoft_order_id };
        let provenance = cause.at(observed.answered_at);
        // The shop order that it fulfilled is looked for again by a job that rides in the same commit.
        let committed = self.ledger.execute(address, &ReportVanished { observed }, &provenance).await?;
        Ok(Taken { seen: 1, changed: usize::from(!committed.events.is_empty()), parked: 0 })
    }
}

/// Does `reread_order` jobs.
pub struct RereadHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for RereadHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let told: RereadOrder = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::dead("the payload names no order to re-read"))?;
        Box::pin(self.reread(job, &told)).await.map_err(SyncError::into_job_error)
    }
}

impl RereadHandler {
    async fn reread(&self, job: &Job, told: &RereadOrder) -> Result<(), SyncError> {
        let sources = &self.0;
        let account = sources.account(AccountId(told.account_id), None).await?;
        let cause = match (told.delivery_id, &told.operator) {
            (_, Some(word)) => Cause {
                actor: word.actor.clone(),
                ..Cause::own(Source::Operator, format!("decision:{}", word.decision))
            },
            (Some(delivery), None) => Cause::own(Source::ConnectAction, format!("delivery:{delivery}")),
            (None, None) => Cause::own(Source::Recheck, format!("job:{}", job.id)),
        };
        sources.read_whole(&account, told.mintsoft_order_id, &cause).await?;
        match told.event.as_deref() {
            Some("delivered") => {
                callbacks::after_delivered(sources, &account, told.mintsoft_order_id, &cause).await
            }
            Some("split") => callbacks::after_split(sources, &account, told.mintsoft_order_id, &cause).await,
            _ => Ok(()),
        }
    }
}
