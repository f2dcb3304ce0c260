//! The cancellation that was asked for last, as the page of an order tells it: what became of the wish, and not whether the
//! order is cancelled now, which its status says.

use logistics_domain::order::possible::is_cancelled;
use logistics_projections::orders::{CancellationState, OrderRow};

use super::past::Past;
use super::people::People;
use crate::dashboard::Visit;
use crate::mintsoft::GIVES_NO_REASON;
use crate::words::{Said, Words, said};

/// A cancellation that was asked for.
pub(super) struct Cancelling {
    /// The tone in which it is told: `danger`, `warning`, or none.
    pub(super) tone: &'static str,
    pub(super) text: String,
    pub(super) message: Option<Said>,
}

impl Cancelling {
    /// That of an order, if one was asked for; `left` says why one that waits was left to a person.
    pub(super) fn of(
        visit: &Visit,
        row: &OrderRow,
        past: &Past,
        people: &People,
        left: Option<&str>,
    ) -> Option<Self> {
        let (w, asked) = (visit.words(), row.cancellation.as_ref()?);
        let who = people.name_inside(&asked.requested_by);
        let when = visit.moment(asked.requested_at).shown;
        let message = left.or(asked.message.as_deref()).map(|message| said(w, message));
        let is_own_word = left.or(asked.message.as_deref()).is_some_and(|message| is_own_word(w, message));
        let (tone, text) = match asked.state {
            CancellationState::Requested if left.is_some() => ("warning", w.cancel_left(when, who)),
            CancellationState::Requested => ("warning", w.cancel_requested(when, who)),
            CancellationState::Confirmed if past.is_revived => ("warning", w.cancel_undone(when, who)),
            CancellationState::Confirmed if is_cancelled(row.status_id) => {
                ("", w.cancel_confirmed(when, who))
            }
            // Upstream said that it did it, and was not seen to have done it yet.
            CancellationState::Confirmed => ("", w.cancel_accepted(when, who)),
            CancellationState::Refused if is_own_word => ("danger", w.cancel_not_done(when, who)),
            CancellationState::Refused => ("danger", w.cancel_refused(when, who)),
        };
        Some(Self { tone, text, message })
    }
}

/// Whether the ledger itself says why a request came to nothing: the warehouse was not asked, or did not answer, and refused
/// nothing.
pub(super) fn is_own_word(w: Words, message: &str) -> bool {
    message != GIVES_NO_REASON && !said(w, message).is_foreign
}
