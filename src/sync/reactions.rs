//! What the events of an order call for. The jobs ride in the commit of the events, so that no kill comes between.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_domain::order::facts::LinkBasis;
use logistics_domain::{AccountId, Order, OrderEvent, TenantId};
use logistics_projections::orders::{OrderRow, is_fulfilled};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::link_making::SET_ASIDE;
use super::sources::Sources;
use super::{SyncError, callbacks, consignments, links};
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::{OrderAddress, Reactions};

/// The job that looks anew for what fulfils a shop order, once its warehouse order went or came back.
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
/// one that was linked to another shop order, or to none; and one that is withheld, until it is released.
fn seek_survivor(
    address: &OrderAddress,
    order: &Order,
    events: &[OrderEvent],
    now: DateTime<Utc>,
) -> Vec<NewJob> {
    let of_all = events.iter().find_map(|event| match event {
        OrderEvent::OrderVanished { .. } => Some(Why::Vanished),
        OrderEvent::OrderWithheld { .. } => Some(Why::Withheld),
        OrderEvent::OrderReleased {} => {
            let OrderAddress { account, mintsoft_order_id, .. } = *address;
            Some(Why::Released { account, mintsoft_order_id })
        }
        _ => None,
    });
    let of_all = of_all.into_iter().flat_map(|why| order.fulfilled().map(move |held| (held.order_id, why)));
    let is_fulfilled = |order_id: i64| order.fulfilled().any(|held| held.order_id == order_id);
    let displaced = events.iter().filter_map(|event| match event {
        OrderEvent::OrderUnlinked { shop_order, .. } if !is_fulfilled(shop_order.order_id) => {
            Some((shop_order.order_id, Why::Unlinked))
        }
        _ => None,
    });
    of_all
        .chain(displaced)
        .map(|(order_id, why)| {
            let told = SeekSurvivor { tenant_id: address.tenant, order_id, why: Some(why), unlinked: false };
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
    /// Jobs of the first versions do not tell it.
    why: Option<Why>,
    /// What those told instead: whether it was linked to another shop order, rather than gone.
    #[serde(default, skip_serializing)]
    unlinked: bool,
}

impl SeekSurvivor {
    fn why(&self) -> Why {
        self.why.unwrap_or(if self.unlinked { Why::Unlinked } else { Why::Vanished })
    }
}

/// What became of the warehouse order that fulfilled it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    /// It is gone.
    Vanished,
    /// It is there, but no longer linked to it.
    Unlinked,
    /// Whose it is became doubtful.
    Withheld,
    /// It is the tenant's again.
    Released { account: AccountId, mintsoft_order_id: i64 },
}

/// Does `seek_survivor` jobs: the link is looked for again, or set aside until its order is out of doubt.
pub struct SeekSurvivorHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for SeekSurvivorHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let told: SeekSurvivor = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::dead("the payload names no shop order"))?;
        let SeekSurvivor { tenant_id, order_id, .. } = told;
        let followed = match told.why() {
            Why::Vanished => self.reopen((tenant_id, order_id), VANISHED, job).await,
            Why::Unlinked => self.reopen((tenant_id, order_id), UNLINKED, job).await,
            Why::Withheld => self.set_aside(tenant_id, order_id).await,
            Why::Released { account, mintsoft_order_id } => {
                let address = OrderAddress { tenant: tenant_id, account, mintsoft_order_id };
                self.link_again(address, order_id).await
            }
        };
        followed.map_err(SyncError::into_job_error)
    }
}

impl SeekSurvivorHandler {
    async fn reopen(
        &self,
        (tenant, order_id): (TenantId, i64),
        reason: &str,
        job: &Job,
    ) -> Result<(), SyncError> {
        let sources = &self.0;
        // Another part may fulfil it still. What a survivor of merges fulfils besides is found by the search.
        if is_fulfilled(&sources.pool, tenant, order_id).await? {
            return Ok(());
        }
        let (settings, now) = (&sources.settings.links, sources.clock.now());
        let mut transaction = sources.pool.begin().await?;
        links::reopen(&mut transaction, (tenant, order_id), reason, Some(job.id), settings, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn set_aside(&self, tenant: TenantId, order_id: i64) -> Result<(), SyncError> {
        let sources = &self.0;
        if is_fulfilled(&sources.pool, tenant, order_id).await? {
            return Ok(());
        }
        let mut connection = sources.pool.acquire().await?;
        links::mark_set_aside(&mut connection, tenant, order_id, SET_ASIDE, sources.clock.now()).await?;
        Ok(())
    }

    /// As the order is now: it may have come into doubt again, or have been linked to another shop order.
    async fn link_again(&self, address: OrderAddress, order_id: i64) -> Result<(), SyncError> {
        let sources = &self.0;
        let opened = sources.ledger.open(address).await?;
        let is_theirs = opened.order.withheld.is_none() && !opened.order.vanished;
        let row = opened.row.filter(|_| is_theirs);
        let Some(basis) = row.and_then(|row| basis_of(&row, order_id)) else { return Ok(()) };
        let (mut connection, now) = (sources.pool.acquire().await?, sources.clock.now());
        links::mark_linked_again(&mut connection, address.tenant, order_id, basis, now).await?;
        Ok(())
    }
}

/// By what the order was found to fulfil the shop order, if it does.
pub(super) fn basis_of(row: &OrderRow, order_id: i64) -> Option<LinkBasis> {
    if row.order_id == Some(order_id) {
        return row.link_basis;
    }
    row.order_data.also_fulfils.iter().find(|held| held.order_id == order_id).map(|held| held.basis)
}
