//! The look at the clock: orders whose promise has ended are noted as late. Nobody tells the ledger that time has passed,
//! and lists and counters move with events alone. Absent: upstream, which is not asked.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::{Provenance, Source, TenantId};
use logistics_projections::orders::{OverdueOrder, overdue, tenants_with_overdue};
use serde_json::{Value, json};

use super::SyncError;
use super::intent::NoteLate;
use super::sources::{Cause, Sources};
use crate::jobs::{Handler, Job, JobError, NewJob, enqueue};
use crate::ledger::{Intent, LedgerError, OrderAddress};

/// The job by which the schedule asks whose orders became late.
pub const FIND_OVERDUE: &str = "find_overdue";

/// The job that notes a tenant's late orders.
pub const NOTE_LATE: &str = "note_late_orders";

/// The name of the schedule.
pub(super) const SCHEDULE: &str = "overdue";

/// How often it is looked.
pub(super) const EVERY: Duration = Duration::from_mins(1);

/// The most orders that are noted together, and the most that one job looks at. What is left is the next look's.
const PORTION: u16 = 100;
const ORDERS_MAX: u16 = 2_000;

/// Does `find_overdue` jobs: a job for each tenant that has late orders, so that none waits for another's.
pub struct FindOverdueHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for FindOverdueHandler {
    async fn run(&self, _job: &Job) -> Result<(), JobError> {
        self.0.find_overdue().await.map_err(SyncError::into_job_error)
    }
}

/// Does `note_late_orders` jobs.
pub struct NoteLateHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for NoteLateHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let tenant = job.payload.get("tenant_id").and_then(Value::as_i64);
        let tenant = TenantId(tenant.ok_or_else(|| JobError::dead("the payload names no tenant"))?);
        self.0.note_late(tenant, job.id).await.map_err(SyncError::into_job_error)
    }
}

impl Sources {
    async fn find_overdue(&self) -> Result<(), SyncError> {
        let now = self.clock.now();
        let tenants = tenants_with_overdue(&self.pool, now).await?;
        let mut connection = self.pool.acquire().await?;
        for tenant in tenants {
            // One at a time for a tenant, however many instances look and however long it takes.
            let job = NewJob::due(NOTE_LATE, json!({"tenant_id": tenant}), now)
                .tenant(tenant.0)
                .unique(format!("overdue:{tenant}"));
            enqueue(&mut connection, &job).await?;
        }
        Ok(())
    }

    async fn note_late(&self, tenant: TenantId, job_id: i64) -> Result<(), SyncError> {
        let (cause, now) = (Cause::own(Source::Clock, format!("job:{job_id}")), self.clock.now());
        let mut place = None;
        for _ in 0..ORDERS_MAX / PORTION {
            let late = overdue(&self.pool, tenant, now, place, PORTION.into()).await?;
            self.note_portion(tenant, &late, now, &cause.at(now)).await?;
            if late.len() < usize::from(PORTION) {
                break;
            }
            place = late.last().map(|order| order.place);
        }
        Ok(())
    }

    async fn note_portion(
        &self,
        tenant: TenantId,
        late: &[OverdueOrder],
        now: DateTime<Utc>,
        provenance: &Provenance,
    ) -> Result<(), SyncError> {
        let intent: Arc<dyn Intent> = Arc::new(NoteLate { now });
        let entry = |order: &OverdueOrder| {
            let OverdueOrder { account, mintsoft_order_id, .. } = *order;
            let address = OrderAddress { tenant, account, mintsoft_order_id };
            (address, Arc::clone(&intent), provenance.clone())
        };
        for outcome in self.ledger.execute_page(late.iter().map(entry).collect()).await {
            match outcome {
                Ok(_) | Err(LedgerError::Refused(_)) => {}
                Err(error @ (LedgerError::Unavailable(_) | LedgerError::Stopped)) => return Err(error.into()),
                // One order's trouble is not the others'; the next look meets it again.
                Err(error) => tracing::warn!(%error, "a late order could not be noted"),
            }
        }
        Ok(())
    }
}
