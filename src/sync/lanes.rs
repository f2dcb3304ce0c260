//! Which jobs the sources do, and how many of each at once. Lanes keep slow polls from starving what a person waits for.

use std::sync::Arc;
use std::time::Duration;

use super::callbacks::{REGISTER_CALLBACKS, RegisterHandler};
use super::consignments::{READ_CONSIGNMENTS, ReadConsignmentsHandler};
use super::link_job::LinkHandler;
use super::links::{LINK_ORDER, REFRESH_CANDIDATES};
use super::overdue::{FIND_OVERDUE, FindOverdueHandler, NOTE_LATE, NoteLateHandler};
use super::poll::{PollHandler, REQUEST_POLL, RequestPollHandler};
use super::reactions::{RefreshCandidatesHandler, SEEK_SURVIVOR, SeekSurvivorHandler};
use super::recheck::{RECHECK_ACCOUNT, RecheckHandler};
use super::reread::{COMPLETE_ORDER, REREAD_ORDER, RereadHandler};
use super::runs::POLL_ACCOUNT;
use super::sources::Sources;
use crate::inbox::PROCESS_DELIVERY;
use crate::jobs::{Handler, Lane};

/// The longest that one reading of an account may take; the first may reach over months of orders.
const POLL_LIMIT: Duration = Duration::from_hours(6);

/// The longest that one round of re-reads may take, at the pace of the budget.
const RECHECK_LIMIT: Duration = Duration::from_hours(1);

/// The lane that reads accounts, and nothing else.
pub fn polls(sources: &Arc<Sources>) -> Lane {
    Lane::new("polls", 3)
        .handle(POLL_ACCOUNT, Arc::new(PollHandler(Arc::clone(sources))))
        .run_limit(POLL_LIMIT)
}

/// The lanes of a worker that does everything. `deliveries` processes what the inbox has stored.
pub fn lanes(sources: &Arc<Sources>, deliveries: Arc<dyn Handler>) -> Vec<Lane> {
    let shared = || Arc::clone(sources);
    vec![
        Lane::new("deliveries", 3)
            .handle(PROCESS_DELIVERY, deliveries)
            .handle(REQUEST_POLL, Arc::new(RequestPollHandler(shared()))),
        Lane::new("rereads", 3).handle(REREAD_ORDER, Arc::new(RereadHandler::over(shared()))),
        // A first poll may ask for thousands of these; behind them nobody shall wait for a callback or a decision, nor another brand
        // for what is on its way.
        Lane::new("completions", 2)
            .handle(COMPLETE_ORDER, Arc::new(RereadHandler::over(shared())))
            .handle(READ_CONSIGNMENTS, Arc::new(ReadConsignmentsHandler(shared()))),
        Lane::new("links", 3)
            .handle(LINK_ORDER, Arc::new(LinkHandler(shared())))
            .handle(REFRESH_CANDIDATES, Arc::new(RefreshCandidatesHandler(shared())))
            .handle(SEEK_SURVIVOR, Arc::new(SeekSurvivorHandler(shared()))),
        polls(sources),
        Lane::new("rechecks", 1)
            .handle(RECHECK_ACCOUNT, Arc::new(RecheckHandler(shared())))
            .run_limit(RECHECK_LIMIT),
        Lane::new("clock", 2)
            .handle(FIND_OVERDUE, Arc::new(FindOverdueHandler(shared())))
            .handle(NOTE_LATE, Arc::new(NoteLateHandler(shared()))),
        Lane::new("callbacks", 1).handle(REGISTER_CALLBACKS, Arc::new(RegisterHandler(shared()))),
    ]
}
