//! `/logistics/orders`: the list, an order, its scans and its history, from the read tables and the log.

mod acting;
mod can;
mod cancel;
mod comments;
mod common;
mod counts;
mod cursor;
mod documents;
mod export;
mod facets;
mod history;
mod list;
mod listed;
mod query;
mod shipments;
mod show;
mod tracking;

pub use acting::Acting;
pub(super) use acting::address_of;
pub use can::{Can, CanBeDone};
pub use common::CommonTexts;
pub use cursor::{cursor_of, place_of};
pub use facets::FacetCache;
pub use listed::ListedOrderCache;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use logistics_domain::{AccountId, OrderStreamId, TenantId};
use logistics_projections::orders::{OrderView, ReadAt, WholeOrder};
use utoipa_axum::routes;
use uuid::Uuid;

use super::etag::LookedUp;
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::secrets::KeyRing;
use crate::sync::Refreshed;

/// Reads an order again upstream because somebody opens it. It waits as long as a reader may, and no longer.
#[async_trait]
pub trait RefreshOrder: Send + Sync {
    /// Reads the order again, and tells whether it was read; failures are its own to log.
    async fn refresh(&self, tenant: TenantId, account: AccountId, mintsoft_order_id: i64) -> Refreshed;
}

/// What the endpoints of orders work with. Cloning shares it.
#[derive(Clone)]
pub struct Orders {
    gate: Arc<Gate>,
    refresh_after: Duration,
    refresh: Option<Arc<dyn RefreshOrder>>,
    /// Opens the words of people in histories; without it they stay sealed.
    ring: Option<KeyRing>,
}

impl Orders {
    /// Orders whose data is older than `refresh_after` are stale.
    pub fn over(gate: &Gate, refresh_after: Duration) -> Self {
        Self { gate: Arc::new(gate.clone()), refresh_after, refresh: None, ring: None }
    }

    /// Has stale orders read again when they are opened.
    #[must_use]
    pub fn refreshing(self, refresh: Arc<dyn RefreshOrder>) -> Self {
        Self { refresh: Some(refresh), ..self }
    }

    /// Opens the words of people in histories with the keys of this ring.
    #[must_use]
    pub fn opening(self, ring: KeyRing) -> Self {
        Self { ring: Some(ring), ..self }
    }

    /// Their routes.
    pub fn routes(&self) -> Routes {
        Routes::behind(&self.gate)
            .tenant(Right::ReadOrders, routes!(list::list), self.clone())
            .tenant(Right::ReadOrders, routes!(counts::counts), self.clone())
            .tenant(Right::ExportOrders, routes!(export::export), self.clone())
            .tenant(Right::ReadOrders, routes!(show::show), self.clone())
            .tenant(Right::ReadOrders, routes!(tracking::tracking), self.clone())
            .tenant(Right::ReadOrders, routes!(shipments::shipments), self.clone())
            .tenant(Right::ReadHistory, routes!(history::history), self.clone())
    }

    fn read_at(&self) -> ReadAt {
        let stale_after = TimeDelta::from_std(self.refresh_after).unwrap_or(TimeDelta::MAX);
        ReadAt { now: self.gate.clock.now(), stale_after }
    }

    /// The order, if the caller may see it, as it was looked up for this request or is now, and read again upstream first where its
    /// data is old.
    async fn find_fresh(
        &self,
        scope: Scope,
        id: Uuid,
        looked_up: Option<LookedUp>,
    ) -> Result<(Arc<WholeOrder>, OrderView), Problem> {
        let (found, order) = match looked_up {
            Some(LookedUp(found)) => {
                let order = found.view(self.read_at())?;
                (found, order)
            }
            None => self.find(scope, id).await?,
        };
        let Some(refresh) = self.refresh.as_ref().filter(|_| order.freshness.stale) else {
            return Ok((found, order));
        };
        // What came of it is seen in the order's freshness.
        refresh.refresh(scope.tenant(), AccountId(order.account_id), order.mintsoft_order_id).await;
        self.find(scope, id).await
    }

    /// The order, if the caller may see it.
    async fn find(&self, scope: Scope, id: Uuid) -> Result<(Arc<WholeOrder>, OrderView), Problem> {
        let Gate { reader, batched_reads, .. } = &*self.gate;
        let found =
            batched_reads.order(reader, &scope.0, OrderStreamId(id)).await?.ok_or_else(unknown_order)?;
        let order = found.view(self.read_at())?;
        Ok((found, order))
    }
}

/// There is no such order, or it is another tenant's.
pub(crate) fn unknown_order() -> Problem {
    Problem::not_found("order_unknown", "there is no such order; take the id from the list of orders")
}
