//! Pages of orders: the list with its views, and one order.

mod asked;
mod badge;
mod list;
mod list_row;
mod missing;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use chrono::TimeDelta;
use logistics_projections::orders::ReadAt;

use crate::api::{Gate, RefreshOrder};
use crate::sync::SyncSettings;

/// What the pages of orders work with. Cloning shares it.
#[derive(Clone)]
pub struct Pages {
    gate: Gate,
    settings: Arc<SyncSettings>,
    #[expect(dead_code, reason = "the page of one order reads it")]
    refresh: Arc<dyn RefreshOrder>,
}

impl Pages {
    /// Pages that read through the gate, and have stale orders read again when they are opened.
    pub fn over(gate: &Gate, settings: Arc<SyncSettings>, refresh: Arc<dyn RefreshOrder>) -> Self {
        Self { gate: gate.clone(), settings, refresh }
    }

    fn read_at(&self) -> ReadAt {
        let stale_after = TimeDelta::from_std(self.settings.refresh_after).unwrap_or(TimeDelta::MAX);
        ReadAt { now: self.gate.clock.now(), stale_after }
    }
}

/// Their routes, with full paths.
pub(super) fn routes(pages: Pages) -> Router {
    Router::new()
        .route("/dashboard/orders", get(list::list))
        .route("/dashboard/orders/{id}/row", get(list::row))
        .with_state(pages)
}
