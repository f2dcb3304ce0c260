//! What the events of an order call for. The jobs ride in the commit of the events, so that no kill comes between.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::{Order, OrderEvent, TenantId};
use logistics_projections::orders::is_fulfilled;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::sources::Sources;
use super::{SyncError, callbacks, consignments, links};
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::{OrderAddress, Reactions};

/// The job that looks anew for what fulfils a shop order.
pub const SEEK_SURVIVOR: &str = "seek_survivor";

/// Why it is looked for.
const VANISHED: &str = "The warehouse order that fulfilled it vanished; its survivor is looked for.";
const UNLINKED: &str =
    "The warehouse order that fulfilled it was linked to another shop order; it is looked for again.";

/// The reactions of a service. Callbacks are registered only where Mintsoft can reach us.
pub fn reactions(has_public_url: bool) -> Reactions {
    Arc::new(move |address, order, events, now| {
        let mut jobs = seek_survivor(address, order, events, now);
        jobs.extend(consignments::job_called_for(address, order, events, now));
        if has_public_url {
            jobs.extend(callbacks::jobs_called_for(address, order, events, now));
        }
        jobs
    })
}

/// A merged-away order leaves its shop orders without a warehouse order; the survivor of the merge has them now. So does
/// one that was linked to another shop order, or to none.
fn seek_survivor(
    address: &OrderAddress,
    order: &Order,
    events: &[OrderEvent],
    now: DateTime<Utc>,
) -> Vec<NewJob> {
    let vanished = events.iter().any(|event| matches!(event, OrderEvent::OrderVanished { .. }));
    let left = order.fulfilled().filter(|_| vanished).map(|shop_order| (shop_order.order_id, false));
    let is_fulfilled = |order_id: i64| order.fulfilled().any(|held| held.order_id == order_id);
    let displaced = events.iter().filter_map(|event| match event {
        OrderEvent::OrderUnlinked { shop_order, .. } if !is_fulfilled(shop_order.order_id) => {
            Some((shop_order.order_id, true))
        }
        _ => None,
    });
    left.chain(displaced)
        .map(|(order_id, unlinked)| {
            let told = SeekSurvivor { tenant_id: address.tenant, order_id, unlinked };
            NewJob::due(SEEK_SURVIVOR, json!(told), now).tenant(address.tenant.0)
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

#[derive(Serialize, Deserialize)]
struct SeekSurvivor {
    tenant_id: TenantId,
    order_id: i64,
    /// The warehouse order is there, but no longer linked to it.
    #[serde(default)]
    unlinked: bool,
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
        let SeekSurvivor { tenant_id, order_id, unlinked } = *told;
        // Another part may fulfil it still. What a survivor of merges fulfils besides is found by the search.
        if is_fulfilled(&sources.pool, tenant_id, order_id).await? {
            return Ok(());
        }
        let (settings, now) = (&sources.settings.links, sources.clock.now());
        let mut transaction = sources.pool.begin().await?;
        let reason = if unlinked { UNLINKED } else { VANISHED };
        links::reopen(&mut transaction, tenant_id, order_id, reason, settings, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}
