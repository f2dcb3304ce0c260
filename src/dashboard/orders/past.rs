//! The history of one order as its page needs it: folded whole, told as far as a page goes.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use logistics_domain::order::facts::Sealed;
use logistics_domain::order::status::CANCELLED;
use logistics_domain::{OrderEvent, OrderStreamId};
use logistics_projections::TenantScope;
use logistics_projections::event_log::{self, HistoryRange, LoggedEvent};
use uuid::Uuid;

use super::Pages;
use super::prior_state::Held;
use crate::api::Problem;
use crate::ledger::Hindsight;

/// The most events that a page tells: the newest ones.
pub(super) const EVENTS_MAX: usize = 1000;

/// What became known of an order up to an instant.
pub(super) struct Past {
    /// What it comes to.
    pub(super) hindsight: Hindsight,
    /// The newest events, oldest first.
    pub(super) told: VecDeque<(LoggedEvent, OrderEvent)>,
    /// Whether there are older ones that are not told.
    pub(super) is_cut: bool,
    /// What was known after those.
    pub(super) held_before: Held,
    /// The recipient as it was told last.
    pub(super) recipient: Option<Sealed>,
    /// Whether the personal data was erased.
    pub(super) is_erased: bool,
    /// Whether the warehouse took it up again after it was cancelled, since a cancellation was last asked for, and did not
    /// cancel it once more.
    pub(super) is_revived: bool,
    /// The number of the last event; 0 where there is none.
    pub(super) version: i64,
}

impl Pages {
    /// What became known of an order up to an instant.
    pub(super) async fn past(
        &self,
        scope: &TenantScope,
        id: Uuid,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Past, Problem> {
        let mut reading = self.gate.reader.of(scope.tenant()).await?;
        let mut past = Past::of(*scope, id);
        loop {
            let range = HistoryRange { as_of, after: past.version, ..HistoryRange::default() };
            let logged = event_log::history(&mut *reading, scope, OrderStreamId(id), range).await?;
            if logged.is_empty() {
                return Ok(past);
            }
            for logged in logged {
                past.take(id, logged)?;
            }
        }
    }
}

impl Past {
    fn of(scope: TenantScope, id: Uuid) -> Self {
        Self {
            hindsight: Hindsight::of(&scope, OrderStreamId(id)),
            told: VecDeque::new(),
            is_cut: false,
            held_before: Held::default(),
            recipient: None,
            is_erased: false,
            is_revived: false,
            version: 0,
        }
    }

    fn take(&mut self, id: Uuid, logged: LoggedEvent) -> Result<(), Problem> {
        self.hindsight.take(&logged)?;
        let event = Hindsight::event_of(OrderStreamId(id), &logged)?;
        match &event {
            OrderEvent::OrderDiscovered { facts, .. } => self.recipient.clone_from(&facts.recipient),
            OrderEvent::RecipientChanged { recipient, .. } => self.recipient.clone_from(recipient),
            OrderEvent::PersonalDataErased { .. } => {
                self.recipient = None;
                self.is_erased = true;
            }
            OrderEvent::CancellationRequested { .. } => self.is_revived = false,
            OrderEvent::StatusChanged { to, .. } if to.id == CANCELLED => self.is_revived = false,
            OrderEvent::StatusChanged { from: Some(from), .. } => self.is_revived |= from.id == CANCELLED,
            _ => {}
        }
        self.version = logged.sequence;
        if self.told.len() == EVENTS_MAX {
            if let Some((_, untold)) = self.told.pop_front() {
                self.held_before.take(&untold);
            }
            self.is_cut = true;
        }
        self.told.push_back((logged, event));
        Ok(())
    }
}
