//! What can go wrong with the sandbox itself. Absent: upstream's own errors, which are answers (`http`).

use chrono::{DateTime, Utc};

/// Why a sandbox could not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address is taken or not ours.
    #[error("the sandbox cannot listen on its address; choose another or port 0")]
    Bind(#[source] std::io::Error),
    /// The sender of callbacks could not be built.
    #[error("the sandbox cannot prepare its outgoing calls; check the TLS set-up of this machine")]
    Callbacks(#[source] reqwest::Error),
    /// A signing key could not be made or used.
    #[error("the sandbox's sign-in has no key to sign with; check the random source of this machine")]
    SigningKey,
}

/// Why a wish to the world could not be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// No order with this id, or it was merged away.
    #[error("there is no order {0} in the sandbox; list them with GET /sandbox/orders")]
    UnknownOrder(i64),
    /// A scan needs a shipment to belong to.
    #[error("order {0} has no shipment yet; despatch it with a tracking number or add a shipment first")]
    NoShipment(i64),
    /// The tracking status is not in the sandbox's list.
    #[error("there is no tracking status {0:?}; GET Order/Shipments/TrackingEvents/Statuses lists them")]
    UnknownTrackingStatus(String),
    /// A split that would leave one side without items.
    #[error("splitting order {0} that way would leave a part without items; name some of its SKUs, not all")]
    EmptyPart(i64),
    /// An order cannot be merged into itself, nor into another client's order.
    #[error("order {0} and order {1} cannot be merged: they must differ and belong to one client")]
    CannotMerge(i64, i64),
    /// Upstream's rule: one `SourceOrderId` a client.
    #[error("the SourceOrderId {0:?} is already registered for this client; choose another")]
    SourceTaken(String),
    /// Time only moves forward, and within what a calendar can hold.
    #[error("the sandbox's clock at {0} cannot skip by that much; skip a positive span")]
    CannotSkip(DateTime<Utc>),
}
