//! Pages of orders: the list with its views, and one order.

mod act;
mod addressee;
mod badge;
mod cancelling;
mod chips;
mod conversation;
mod detail;
mod evidence;
mod linking;
mod list;
mod list_query;
mod list_query_reading;
mod list_row;
mod missing;
mod paging;
mod past;
mod people;
mod prior_state;
mod refreshed;
mod seal;
mod shown;
mod timeline;
mod to_do;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use chrono::TimeDelta;
use logistics_projections::event_log::newest_position;
use logistics_projections::orders::ReadAt;

use crate::actions::Actions;
use crate::api::{Gate, Problem, RefreshOrder};
use crate::dashboard::page::Visit;
use crate::sync::Sources;

/// What the pages of orders work with. Cloning shares it.
#[derive(Clone)]
pub struct Pages {
    pub(super) gate: Gate,
    sources: Arc<Sources>,
    actions: Actions,
    refresh: Arc<dyn RefreshOrder>,
}

impl Pages {
    /// Pages that read through the gate, do what these actions do, and have stale orders read again when they are opened.
    pub fn over(
        gate: &Gate,
        sources: &Arc<Sources>,
        actions: &Actions,
        refresh: Arc<dyn RefreshOrder>,
    ) -> Self {
        Self { gate: gate.clone(), sources: Arc::clone(sources), actions: actions.clone(), refresh }
    }

    /// How far the tenant's ledger reaches, asked before a page is read that follows what comes after.
    async fn position(&self, visit: &Visit) -> Result<i64, Problem> {
        let scope = visit.scope()?;
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        Ok(newest_position(&mut *reading, &scope).await?)
    }

    fn read_at(&self) -> ReadAt {
        let stale_after = TimeDelta::from_std(self.sources.settings.refresh_after).unwrap_or(TimeDelta::MAX);
        ReadAt { now: self.gate.clock.now(), stale_after }
    }
}

/// Their routes, with full paths.
pub(super) fn routes(pages: Pages) -> Router {
    Router::new()
        .route("/dashboard/orders", get(list::list))
        .route("/dashboard/orders/{id}", get(detail::detail))
        .route("/dashboard/orders/{id}/refresh", post(refreshed::refresh))
        .route("/dashboard/orders/{id}/cancel", get(act::cancel_page).post(act::cancel))
        .route("/dashboard/orders/{id}/conversation", get(conversation::conversation))
        .route("/dashboard/orders/{id}/comments", post(conversation::comment))
        .route("/dashboard/orders/{id}/evidence/{sha256}", get(evidence::evidence))
        .route("/dashboard/orders/{id}/unlink", post(linking::unlink))
        .route("/dashboard/links/choose", post(linking::choose))
        .route("/dashboard/links/look-again", post(missing::look_again))
        .with_state(pages)
}
