//! Re-reading one order by its id: whole, with its consignments once it has left the warehouse. Two kinds of job do it:
//! `reread_order` for what somebody waits for, a callback, an operator or a person's request, and `complete_order` for
//! what the rows of a list left out, of which a first poll may bring thousands.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::order::observation::Observed;
use logistics_domain::order::status::CANCELLED;
use logistics_domain::{AccountId, OrderStreamId, Source};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::intake::Taken;
use super::intent::ReportVanished;
use super::sources::{Cause, SourceAccount, Sources};
use super::sweeps::Sweeps;
use super::{SyncError, callbacks, parked_decisions};
use crate::jobs::{Handler, Job, JobError, NewJob, enqueue};
use crate::ledger::OrderAddress;
use crate::mintsoft::wire::{Order, Row};
use crate::mintsoft::{Answer, UpstreamError};

/// The job that re-reads an order. Its payload is a [`RereadOrder`].
pub const REREAD_ORDER: &str = "reread_order";

/// The job that re-reads an order for what a row left out; nobody waits for it. Its payload is a [`RereadOrder`].
pub const COMPLETE_ORDER: &str = "complete_order";

/// An outage of upstream is waited out for most of a day.
pub(super) const ATTEMPTS_MAX: i32 = 24;
pub(super) const RETRY_EVERY: Duration = Duration::from_secs(10);
pub(super) const RETRY_CAP: Duration = Duration::from_hours(1);

/// So often an order is read whose answer is superseded before it is taken in.
const SUPERSEDED_MAX: u32 = 2;

/// What a re-read is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RereadOrder {
    /// The account.
    pub account_id: Uuid,
    /// Mintsoft's id of the order.
    pub mintsoft_order_id: i64,
    /// The callback's event, where a callback asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The callback's delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<Uuid>,
    /// When the callback arrived (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<DateTime<Utc>>,
    /// The operator's decision, where one asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorDecision>,
}

impl RereadOrder {
    /// Nothing but the order.
    pub fn of(account: AccountId, mintsoft_order_id: i64) -> Self {
        Self {
            account_id: account.0,
            mintsoft_order_id,
            event: None,
            delivery_id: None,
            received_at: None,
            operator: None,
        }
    }

    /// The job that re-reads the order. One for each `asked_by`, the id of what asks: a re-read that runs already may
    /// have asked before that was seen.
    pub fn job(&self, asked_by: impl std::fmt::Display, now: DateTime<Utc>) -> NewJob {
        self.job_of(REREAD_ORDER, asked_by, now)
    }

    fn job_of(&self, kind: &'static str, asked_by: impl std::fmt::Display, now: DateTime<Utc>) -> NewJob {
        let stream = OrderStreamId::derive(AccountId(self.account_id), self.mintsoft_order_id);
        NewJob::due(kind, json!(self), now)
            .unique(format!("{kind}/{stream}/{asked_by}"))
            .attempts(ATTEMPTS_MAX, RETRY_EVERY)
            .growing_to(RETRY_CAP)
    }
}

/// An operator's decision, in whose name an order is taken in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OperatorDecision {
    /// Who decided.
    pub actor: String,
    /// Which decision.
    pub decision: Uuid,
}

/// The job that takes an order in as an operator decided.
pub(super) fn decided_job(order: &OrderAddress, operator: &OperatorDecision, now: DateTime<Utc>) -> NewJob {
    let told = RereadOrder {
        operator: Some(operator.clone()),
        ..RereadOrder::of(order.account, order.mintsoft_order_id)
    };
    told.job(format_args!("decision:{}", operator.decision), now).tenant(order.tenant.0)
}

/// What an answer shows of an order, for those who wait for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is cancelled; none where the answer does not say, or cannot be read.
    pub cancelled: Option<bool>,
}

impl Shown {
    fn of(row: &Row<Order>) -> Self {
        let status = row.parsed.as_ref().ok().and_then(|order| order.order_status_id);
        Self { cancelled: status.map(|id| id == i64::from(CANCELLED)) }
    }
}

/// Puts jobs on their way.
pub(super) async fn request(pool: &PgPool, jobs: &[NewJob]) -> Result<(), SyncError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let mut connection = pool.acquire().await?;
    for job in jobs {
        enqueue(&mut connection, job).await?;
    }
    Ok(())
}

/// The job that re-reads an order that came into doubt or out of it.
pub(super) fn doubt_job(order: &OrderAddress, cause: &Cause, now: DateTime<Utc>) -> NewJob {
    RereadOrder::of(order.account, order.mintsoft_order_id)
        .job(&cause.correlation_id, now)
        .tenant(order.tenant.0)
}

/// The job that reads what an order's row left out.
pub(super) fn completion_job(order: &OrderAddress, cause: &Cause, now: DateTime<Utc>) -> NewJob {
    RereadOrder::of(order.account, order.mintsoft_order_id)
        .job_of(COMPLETE_ORDER, &cause.correlation_id, now)
        .tenant(order.tenant.0)
}

impl Sources {
    /// Reads an order whole and takes it in. An order that upstream no longer has is noted as vanished. Where its shipments were
    /// put off, that is told once the rest is taken in, for whoever comes again.
    pub async fn read_whole(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let mut taken = Taken::default();
        // A row of a list that was asked for meanwhile is newer, and says nothing of consignments, among others.
        for _ in 0..SUPERSEDED_MAX {
            let answer = account.calls.order(mintsoft_order_id).await?;
            let put_off;
            (taken, put_off) = Box::pin(self.take_answer(account, mintsoft_order_id, answer, cause)).await?;
            if let Some(error) = put_off {
                return Err(error.into());
            }
            if taken.superseded == 0 {
                break;
            }
        }
        Ok(taken)
    }

    /// Reads an order once and takes it in, and tells what the answer shows, whether or not the order could be taken in;
    /// none when it is gone.
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

    async fn take_answer(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        answer: Answer<Option<Row<Order>>>,
        cause: &Cause,
    ) -> Result<(Taken, Option<UpstreamError>), SyncError> {
        let Answer { value, asked_at, answered_at } = answer;
        let Some(row) = value else {
            let account = &self.present(account).await?;
            let observed = Observed { asked_at, answered_at, upstream_updated_at: None, raw_sha256: None };
            return Ok((self.note_vanished(account, mintsoft_order_id, observed, cause).await?, None));
        };
        let (shipments, put_off) = self.shipments_of(account, &row).await?;
        let row = Answer { value: row, asked_at, answered_at };
        let account = &self.present(account).await?;
        Ok((self.take_whole(account, row, shipments, cause).await?, put_off))
    }

    async fn note_vanished(
        &self,
        account: &SourceAccount,
        mintsoft_order_id: i64,
        observed: Observed,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let known = self.known(account, [mintsoft_order_id]).await?;
        // An account that does not show an order says nothing of one that is read by another.
        let is_read_here = |order: &&OrderAddress| account.home_of(order.tenant) == order.account;
        let Some(address) = known.get(&mintsoft_order_id).filter(is_read_here).copied() else {
            parked_decisions::note_gone(&self.pool, account.id, mintsoft_order_id).await?;
            return Ok(Taken { seen: 1, ..Taken::default() });
        };
        let provenance = cause.at(observed.answered_at);
        // The shop order that it fulfilled is looked for again by a job that rides in the same commit.
        let committed = self.ledger.execute(address, &ReportVanished { observed }, &provenance).await?;
        Ok(Taken { seen: 1, changed: usize::from(!committed.events.is_empty()), ..Taken::default() })
    }
}

/// Does `reread_order` and `complete_order` jobs.
pub struct RereadHandler {
    sources: Arc<Sources>,
    sweeps: Sweeps,
}

impl RereadHandler {
    /// A handler over these sources.
    pub fn over(sources: Arc<Sources>) -> Self {
        Self { sources, sweeps: Sweeps::default() }
    }
}

#[async_trait]
impl Handler for RereadHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let told: RereadOrder = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::dead("the payload names no order to re-read"))?;
        let (taken, fits) = Box::pin(self.reread(job, &told)).await.map_err(SyncError::into_job_error)?;
        if taken.superseded > 0 && !job.is_last_attempt() {
            return Err(JobError::retry("newer answers came meanwhile"));
        }
        if !fits && !job.is_last_attempt() {
            return Err(JobError::retry("the warehouse does not show yet that the order has left"));
        }
        if !fits {
            let order = told.mintsoft_order_id;
            tracing::warn!(
                order,
                "a callback told of a delivery, and the order has not left the warehouse since"
            );
        }
        Ok(())
    }
}

impl RereadHandler {
    /// Reads the order and takes it in; tells also whether it shows what the callback told.
    async fn reread(&self, job: &Job, told: &RereadOrder) -> Result<(Taken, bool), SyncError> {
        let sources = &self.sources;
        let account = sources.account_of_order(AccountId(told.account_id), told.mintsoft_order_id).await?;
        let cause = match (told.delivery_id, &told.operator) {
            (_, Some(decided)) => Cause {
                actor: decided.actor.clone(),
                ..Cause::own(Source::Operator, format!("decision:{}", decided.decision))
            },
            (Some(delivery), None) => Cause::own(Source::ConnectAction, format!("delivery:{delivery}")),
            (None, None) => Cause::own(Source::Recheck, format!("job:{}", job.id)),
        };
        let taken = sources.read_whole(&account, told.mintsoft_order_id, &cause).await?;
        Ok((taken, self.follow(told, &account, &cause).await?))
    }

    /// What a callback calls for besides; false where the order does not show yet what it told.
    async fn follow(
        &self,
        told: &RereadOrder,
        account: &SourceAccount,
        cause: &Cause,
    ) -> Result<bool, SyncError> {
        let sources = &self.sources;
        match told.event.as_deref() {
            Some("delivered") => {
                let received_at = told.received_at.unwrap_or_else(|| sources.clock.now());
                let arrived = (told.mintsoft_order_id, received_at);
                callbacks::after_delivered(sources, &self.sweeps, account, arrived, cause).await
            }
            Some("split") => {
                callbacks::after_split(sources, account, told.mintsoft_order_id, cause).await?;
                Ok(true)
            }
            _ => Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_that_can_be_read_tells_whether_an_order_is_cancelled() {
        let cancelled = format!(r#"{{"ID":1,"OrderStatusId":{CANCELLED}}}"#);
        let shown = |json: &str| Shown::of(&Row::read_str(json).expect("it is JSON")).cancelled;
        assert_eq!(shown(&cancelled), Some(true));
        assert_eq!(shown(r#"{"ID":1,"OrderStatusId":1}"#), Some(false));
        for untold in
            [r#"{"ID":1}"#, r#"{"ID":1,"OrderStatusId":null}"#, r#"{"ID":1,"OrderStatusId":1,"Part":[]}"#]
        {
            assert_eq!(shown(untold), None, "{untold}");
        }
    }
}
