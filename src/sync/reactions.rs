//! What the events of an order call for. The jobs ride in the commit of the events, so that no kill comes between.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::{Order, OrderEvent, TenantId};
use serde::Deserialize;
use serde_json::json;

use super::sources::Sources;
use super::{SyncError, callbacks, links};
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::{OrderAddress, Reactions};

/// The job that looks anew for what fulfils a shop order.
pub const SEEK_SURVIVOR: &str = "seek_survivor";

/// Why it is looked for.
const VANISHED: &str = "The warehouse order that fulfilled it vanished; its survivor is looked for.";

/// The reactions of a service. Callbacks are registered only where Mintsoft can reach us.
pub fn reactions(has_public_url: bool) -> Reactions {
    Arc::new(move |address, order, events, now| {
        let mut jobs = seek_survivor(address, order, events, now);
        if has_public_url {
            jobs.extend(callbacks::jobs_called_for(address, order, events, now));
        }
        jobs
    })
}

/// A merged-away order leaves its shop orders without a warehouse order; the survivor of the merge has them now.
fn seek_survivor(
    address: &OrderAddress,
    order: &Order,
    events: &[OrderEvent],
    now: DateTime<Utc>,
) -> Vec<NewJob> {
    let vanished = events.iter().any(|event| matches!(event, OrderEvent::OrderVanished { .. }));
    let left = order.fulfilled().filter(|_| vanished);
    left.map(|shop_order| {
        let payload = json!({"tenant_id": address.tenant, "order_id": shop_order.order_id});
        NewJob::due(SEEK_SURVIVOR, payload, now).tenant(address.tenant.0)
    })
    .collect()
}

/// Does `refresh_candidates` jobs: after a change of its configuration a tenant's orders are looked for under other
/// numbers.
pub struct RefreshCandidatesHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for RefreshCandidatesHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let tenant = job.payload.get("tenant_id").and_then(serde_json::Value::as_i64);
        let tenant = TenantId(tenant.ok_or_else(|| JobError::dead("the payload names no tenant"))?);
        self.refresh(tenant).await.map_err(SyncError::into_job_error)
    }
}

impl RefreshCandidatesHandler {
    async fn refresh(&self, tenant: TenantId) -> Result<(), SyncError> {
        let sources = &self.0;
        let (settings, now) = (&sources.settings.links, sources.clock.now());
        let mut transaction = sources.pool.begin().await?;
        links::refresh_candidates(&mut transaction, tenant, settings, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

#[derive(Deserialize)]
struct SeekSurvivor {
    tenant_id: TenantId,
    order_id: i64,
}

/// Does `seek_survivor` jobs: the link is looked for again.
pub struct SeekSurvivorHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for SeekSurvivorHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let told: SeekSurvivor = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::dead("the payload names no shop order"))?;
        self.reopen(&told).await.map_err(SyncError::into_job_error)
    }
}

impl SeekSurvivorHandler {
    async fn reopen(&self, told: &SeekSurvivor) -> Result<(), SyncError> {
        let sources = &self.0;
        let (settings, now) = (&sources.settings.links, sources.clock.now());
        let mut transaction = sources.pool.begin().await?;
        links::reopen(&mut transaction, told.tenant_id, told.order_id, VANISHED, settings, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}
