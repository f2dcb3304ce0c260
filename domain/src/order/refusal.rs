//! Why a command is refused: full sentences that a person can act on.

use uuid::Uuid;

/// A business "no". Nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The order was never observed.
    #[error("The order is not known yet; it can be worked with once it has been read from the warehouse.")]
    UnknownOrder,
    /// The stream belongs to another upstream order than the observation names.
    #[error("The observation is of order {told}, but this history belongs to order {held}.")]
    WrongOrder {
        /// The order the history belongs to.
        held: i64,
        /// The order the observation names.
        told: i64,
    },
    /// It is tied to another shop order.
    #[error("The order already fulfils shop order {name}; undo that link first.")]
    AlreadyLinked {
        /// The shop order it is tied to.
        name: String,
    },
    /// Copies are linked by people only.
    #[error("The order is a copy ({number}); a copy is linked by a person, never by its name.")]
    CopyNotLinked {
        /// Its number.
        number: String,
    },
    /// The same link was made before, and undone.
    #[error("The link to shop order {name} was undone before; only the host or a person makes it again.")]
    LinkUndone {
        /// The shop order.
        name: String,
    },
    /// It was never linked to this shop order.
    #[error("The order is not linked to that shop order.")]
    NotLinked,
    /// It left the warehouse.
    #[error("The order left the warehouse and can no longer be cancelled.")]
    AlreadyDispatched,
    /// It is cancelled.
    #[error("The order is already cancelled.")]
    AlreadyCancelled,
    /// Upstream no longer has it.
    #[error("The order is no longer in the warehouse's system.")]
    Vanished,
    /// Whose order it is has not been settled.
    #[error("It is not settled whose order this is; an operator decides that first.")]
    Withheld,
    /// Its personal data is erased, and with it the key that a person's words would be sealed with.
    #[error("The personal data of this order was erased; nothing can be asked of it any more.")]
    Erased,
    /// A request is on its way.
    #[error("A cancellation is already on its way; wait for its outcome.")]
    CancellationPending,
    /// No such request.
    #[error("There is no request {request_id} on this order.")]
    UnknownRequest {
        /// The id that was named.
        request_id: Uuid,
    },
    /// The same request id was used for something else.
    #[error("Request {request_id} was already made with other content.")]
    RequestReused {
        /// The id that was named.
        request_id: Uuid,
    },
    /// The request has its outcome, and it is another one.
    #[error("Request {request_id} is already settled the other way.")]
    AlreadySettled {
        /// The id that was named.
        request_id: Uuid,
    },
}

impl Refusal {
    /// The code of the refusal in answers to programs; it never changes.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownOrder => "order_unknown",
            Self::WrongOrder { .. } => "order_wrong",
            Self::AlreadyLinked { .. } => "order_linked",
            Self::CopyNotLinked { .. } => "order_copied",
            Self::LinkUndone { .. } => "link_undone",
            Self::NotLinked => "order_not_linked",
            Self::AlreadyDispatched => "order_dispatched",
            Self::AlreadyCancelled => "order_cancelled",
            Self::Vanished => "order_vanished",
            Self::Withheld => "order_withheld",
            Self::Erased => "order_erased",
            Self::CancellationPending => "cancellation_pending",
            Self::UnknownRequest { .. } => "request_unknown",
            Self::RequestReused { .. } => "idempotency_key_reused",
            Self::AlreadySettled { .. } => "request_settled",
        }
    }

    /// The name of the refusal, in the catalogue.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownOrder => "UnknownOrder",
            Self::WrongOrder { .. } => "WrongOrder",
            Self::AlreadyLinked { .. } => "AlreadyLinked",
            Self::CopyNotLinked { .. } => "CopyNotLinked",
            Self::LinkUndone { .. } => "LinkUndone",
            Self::NotLinked => "NotLinked",
            Self::AlreadyDispatched => "AlreadyDispatched",
            Self::AlreadyCancelled => "AlreadyCancelled",
            Self::Vanished => "Vanished",
            Self::Withheld => "Withheld",
            Self::Erased => "Erased",
            Self::CancellationPending => "CancellationPending",
            Self::UnknownRequest { .. } => "UnknownRequest",
            Self::RequestReused { .. } => "RequestReused",
            Self::AlreadySettled { .. } => "AlreadySettled",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::order::catalogue::REFUSALS;

    #[test]
    fn every_refusal_is_in_the_catalogue_and_says_a_full_sentence() {
        let (request_id, text) = (Uuid::nil(), || "1001".to_owned());
        let each = [
            Refusal::UnknownOrder,
            Refusal::WrongOrder { held: 1, told: 2 },
            Refusal::AlreadyLinked { name: text() },
            Refusal::LinkUndone { name: text() },
            Refusal::CopyNotLinked { number: text() },
            Refusal::NotLinked,
            Refusal::AlreadyDispatched,
            Refusal::AlreadyCancelled,
            Refusal::Vanished,
            Refusal::Withheld,
            Refusal::Erased,
            Refusal::CancellationPending,
            Refusal::UnknownRequest { request_id },
            Refusal::RequestReused { request_id },
            Refusal::AlreadySettled { request_id },
        ];
        let listed: BTreeSet<&str> = REFUSALS.iter().map(|(name, _)| *name).collect();
        assert_eq!(each.iter().map(Refusal::name).collect::<BTreeSet<_>>(), listed);
        assert!(each.iter().all(|refusal| refusal.to_string().ends_with('.')));
    }
}
