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
    /// It is not tied to anything.
    #[error("The order is not linked to a shop order.")]
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
