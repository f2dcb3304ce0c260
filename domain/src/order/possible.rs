//! What may be asked of an order as it stands: the rules that a decision keeps, and that an answer shows beforehand, so
//! that what a page offers and what a request meets are one thing. Who may ask is not known here.

use super::refusal::Refusal;
use super::state::Order;
use super::status;

/// What of an order bears on a person's request. Made from the aggregate to decide, and from the read row to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for itself, in any combination")]
pub struct Possible {
    /// Whose order it is has become doubtful.
    pub withheld: bool,
    /// Upstream no longer has it.
    pub vanished: bool,
    /// Its personal data was erased, and with it the key that a person's words would be sealed with.
    pub erased: bool,
    /// Upstream has it as cancelled.
    pub cancelled: bool,
    /// The goods have left.
    pub dispatched: bool,
    /// A cancellation waits for its outcome.
    pub cancellation_pending: bool,
}

impl Possible {
    /// How an order stands by its history.
    pub fn of(order: &Order) -> Self {
        Self {
            withheld: order.withheld.is_some(),
            vanished: order.vanished,
            erased: order.erased,
            cancelled: order.is_cancelled(),
            dispatched: order.is_dispatched(),
            cancellation_pending: order.pending_cancellation().is_some(),
        }
    }

    /// Whether the order may be asked to be cancelled; else why not.
    pub fn may_cancel(self) -> Result<(), Refusal> {
        self.may_be_worked_with()?;
        if self.cancelled {
            return Err(Refusal::AlreadyCancelled);
        }
        if self.dispatched {
            return Err(Refusal::AlreadyDispatched);
        }
        if self.cancellation_pending {
            return Err(Refusal::CancellationPending);
        }
        Ok(())
    }

    /// Whether a comment may be written on it; else why not.
    pub const fn may_comment(self) -> Result<(), Refusal> {
        self.may_be_worked_with()
    }

    /// Whether the host or a person may tie it to a shop order; else why not. A tie that is there may be replaced.
    pub const fn may_link(self) -> Result<(), Refusal> {
        if self.withheld { Err(Refusal::Withheld) } else { Ok(()) }
    }

    /// What stands against any words of a person.
    const fn may_be_worked_with(self) -> Result<(), Refusal> {
        if self.withheld {
            return Err(Refusal::Withheld);
        }
        if self.vanished {
            return Err(Refusal::Vanished);
        }
        if self.erased {
            return Err(Refusal::Erased);
        }
        Ok(())
    }
}

/// Whether a status by its number and a date of dispatch say that the goods have left, as a read row has them.
pub fn has_left(status_id: Option<i32>, has_dispatch_date: bool) -> bool {
    has_dispatch_date || status_id.is_some_and(|id| status::DISPATCHED.contains(&id))
}

/// Whether a status by its number says that the order is cancelled.
pub fn is_cancelled(status_id: Option<i32>) -> bool {
    status_id == Some(status::CANCELLED)
}
