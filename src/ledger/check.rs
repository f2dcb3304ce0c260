//! Checks: answers that changed nothing. They are kept beside the ledger, where they say anything new at all.

use logistics_domain::order::Observed;
use logistics_domain::{Command, Source};

use super::intent::OpenOrder;

/// An answer that changed nothing.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) via: Source,
    pub(super) observed: Observed,
}

/// The answer of upstream that a command is about, where it is about one.
pub(super) fn answer_in(command: &Command) -> Option<Observed> {
    match command {
        Command::Observe { observation, .. } => Some(observation.observed.clone()),
        Command::ReportVanished { observed, .. } => Some(observed.clone()),
        Command::RecordTracking { .. }
        | Command::ReportDelivery { .. }
        | Command::NoteLate { .. }
        | Command::LinkShopOrder { .. }
        | Command::UnlinkShopOrder { .. }
        | Command::Withhold { .. }
        | Command::Release
        | Command::ErasePersonalData { .. }
        | Command::RequestCancellation { .. }
        | Command::ConfirmCancellation { .. }
        | Command::RefuseCancellation { .. }
        | Command::RequestComment { .. }
        | Command::ConfirmComment { .. }
        | Command::RefuseComment { .. } => None,
    }
}

/// What is known of the order is of a newer answer.
pub(super) fn is_superseded(order: &OpenOrder, observed: &Observed) -> bool {
    held(order).any(|held| observed.is_superseded_by(held))
}

fn held(order: &OpenOrder) -> impl Iterator<Item = &Observed> {
    order.last_checked.iter().chain(&order.order.last_observed)
}

/// Whether an answer that changed nothing, and is the newest one, is worth a row. A poll sees an unchanged order again and again, so it
/// counts only where upstream says that something was touched since; a read by id always does.
pub(super) fn worth_keeping(order: &OpenOrder, observed: Observed, via: Source) -> Option<Check> {
    let newest = held(order).max_by_key(|held| held.answered_at);
    let touched = newest.is_none_or(|held| held.upstream_updated_at != observed.upstream_updated_at);
    (via != Source::Poll || touched).then_some(Check { via, observed })
}
