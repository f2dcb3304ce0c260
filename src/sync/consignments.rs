//! The consignments of an order: they exist once it is packed, no list shows them, and a callback that would have them read
//! may be lost, come before it is registered, or meet an upstream that fails.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::facts::Shipment;
use logistics_domain::order::observation::Told;
use logistics_domain::{AccountId, Order, OrderEvent, OrderStreamId, Source};
use logistics_projections::orders::has_consignments;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::refusals::Forbidden;
use super::reread::RETRY_CAP;
use super::sources::{Cause, SourceAccount, Sources};
use super::unreadable::readable;
use super::{SyncError, tracking};
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::OrderAddress;
use crate::mintsoft::wire::{self, Row};
use crate::mintsoft::{UpstreamError, translate};

/// The job that reads an order for its consignments, if they are not known by then.
pub const READ_CONSIGNMENTS: &str = "read_consignments";

/// The callback of a dispatch has its order read within seconds; only what is missing after that is asked for.
const WAIT_FOR_CALLBACK: TimeDelta = TimeDelta::seconds(30);

#[derive(Serialize, Deserialize)]
struct ReadConsignments {
    account_id: AccountId,
    mintsoft_order_id: i64,
}

/// How often, and after which waits, they are asked for: a quarter of an hour in all. Then there may be none; the recheck asks on.
const ATTEMPTS_MAX: i32 = 5;
const RETRY_EVERY: Duration = Duration::from_mins(1);

/// What the events of an order call for: one that was dispatched and has a tracking number, whichever came last, has
/// consignments.
pub(super) fn job_called_for(
    address: &OrderAddress,
    order: &Order,
    events: &[OrderEvent],
    now: DateTime<Utc>,
) -> Option<NewJob> {
    let is_news = |event: &OrderEvent| {
        matches!(event, OrderEvent::OrderDispatched { .. } | OrderEvent::TrackingNumberChanged { .. })
    };
    let has_left = order.is_dispatched() && order.facts.tracking.is_some();
    if !has_left || !order.facts.shipments.is_empty() || !events.iter().any(is_news) {
        return None;
    }
    let told = ReadConsignments { account_id: address.account, mintsoft_order_id: address.mintsoft_order_id };
    let job = NewJob::due(READ_CONSIGNMENTS, json!(told), now + WAIT_FOR_CALLBACK)
        .unique(format!("consignments/{}", address.stream()))
        .tenant(address.tenant.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP);
    Some(job)
}

/// Does `read_consignments` jobs.
pub struct ReadConsignmentsHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for ReadConsignmentsHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let told: ReadConsignments = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::dead("the payload names no order"))?;
        let cause = Cause::own(Source::Recheck, format!("job:{}", job.id));
        let known =
            Box::pin(self.0.read_consignments(&told, &cause)).await.map_err(SyncError::into_job_error)?;
        // Upstream may book them after the dispatch, or have failed at them alone. Of some orders there are none.
        if known || job.is_last_attempt() {
            Ok(())
        } else {
            Err(JobError::retry("its consignments are not known yet"))
        }
    }
}

impl Sources {
    /// Tells whether they are known now, or cannot be.
    async fn read_consignments(&self, told: &ReadConsignments, cause: &Cause) -> Result<bool, SyncError> {
        let stream = OrderStreamId::derive(told.account_id, told.mintsoft_order_id);
        if has_consignments(&self.pool, stream).await? {
            return Ok(true);
        }
        let account = self.account_of_order(told.account_id, told.mintsoft_order_id).await?;
        if !self.is_refused(account.id, Forbidden::Shipments).await? {
            self.read_whole(&account, told.mintsoft_order_id, cause).await?;
        }
        let may_not = self.is_refused(account.id, Forbidden::Shipments).await?;
        Ok(may_not || has_consignments(&self.pool, stream).await?)
    }

    /// The order's shipments as Mintsoft has them now; `Silent` where the order has not left, the account may not see them, or the
    /// call failed. The error comes along only where it says when to retry and the caller is a job that retries rather than waits.
    pub(super) async fn shipments_of(
        &self,
        account: &SourceAccount,
        row: &Row<wire::Order>,
    ) -> Result<(Told<Vec<Shipment>>, Option<UpstreamError>), SyncError> {
        let Ok(order) = &row.parsed else { return Ok((Told::Silent, None)) };
        let has_left = order.despatch_date.is_some() || order.tracking_number.is_some();
        if !has_left || self.is_refused(account.id, Forbidden::Shipments).await? {
            return Ok((Told::Silent, None));
        }
        let answer = match account.calls.shipments(order.id).await {
            Ok(answer) => answer,
            Err(UpstreamError::NotPermitted) => {
                self.note_refusal(account.id, Forbidden::Shipments).await?;
                return Ok((Told::Silent, None));
            }
            // The order itself was read well; its consignments are told another time.
            Err(error) => {
                tracing::info!(order = order.id, %error, "an order's shipments could not be read");
                let is_put_off = account.calls.comes_again() && error.retry_after().is_some();
                return Ok((Told::Silent, is_put_off.then_some(error)));
            }
        };
        let rows: Vec<_> = readable("shipments", account.id, &answer.value).into_iter().cloned().collect();
        let shipments = translate::shipments(&rows, account.zone);
        let told: Vec<(i64, i64)> = shipments.iter().map(|shipment| (shipment.id, order.id)).collect();
        // Tracking events may name their shipment only; this tells which order that is.
        tracking::remember(self, account, &told, false).await?;
        Ok((Told::Is(shipments), None))
    }
}
