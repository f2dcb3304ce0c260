//! What every event says of itself: its stored name, its version, and the answer of upstream behind it.
//! Each match is exhaustive, so that a new event cannot be forgotten here.

use super::event::OrderEvent;
use super::observation::Observed;

impl OrderEvent {
    /// The name under which the event is stored.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OrderDiscovered { .. } => "OrderDiscovered",
            Self::OrderRenumbered { .. } => "OrderRenumbered",
            Self::StatusChanged { .. } => "StatusChanged",
            Self::CourierAssigned { .. } => "CourierAssigned",
            Self::TrackingNumberChanged { .. } => "TrackingNumberChanged",
            Self::OrderDispatched { .. } => "OrderDispatched",
            Self::DispatchWithdrawn { .. } => "DispatchWithdrawn",
            Self::ParcelsChanged { .. } => "ParcelsChanged",
            Self::ShipmentsChanged { .. } => "ShipmentsChanged",
            Self::ItemsChanged { .. } => "ItemsChanged",
            Self::RecipientChanged { .. } => "RecipientChanged",
            Self::EstimatedDeliveryChanged { .. } => "EstimatedDeliveryChanged",
            Self::PartChanged { .. } => "PartChanged",
            Self::DetailsChanged { .. } => "DetailsChanged",
            Self::PersonalDataErased { .. } => "PersonalDataErased",
            Self::OrderVanished { .. } => "OrderVanished",
            Self::OrderReappeared { .. } => "OrderReappeared",
            Self::TrackingEventRecorded { .. } => "TrackingEventRecorded",
            Self::OrderDelivered { .. } => "OrderDelivered",
            Self::PromiseMissed { .. } => "PromiseMissed",
            Self::OrderLinked { .. } => "OrderLinked",
            Self::OrderUnlinked { .. } => "OrderUnlinked",
            Self::OrderWithheld { .. } => "OrderWithheld",
            Self::OrderReleased {} => "OrderReleased",
            Self::CancellationRequested { .. } => "CancellationRequested",
            Self::CancellationConfirmed { .. } => "CancellationConfirmed",
            Self::CancellationRefused { .. } => "CancellationRefused",
            Self::CommentRequested { .. } => "CommentRequested",
            Self::CommentPosted { .. } => "CommentPosted",
            Self::CommentRefused { .. } => "CommentRefused",
        }
    }

    /// The version of the event's shape that this code writes: major and minor, as text.
    pub const fn version(&self) -> &'static str {
        match self {
            // 1.1 added `internal` and `comment_id`, `zone` to the details of an order, and the reason of an erasure that no
            // answer called for.
            Self::CommentRequested { .. }
            | Self::CommentPosted { .. }
            | Self::PersonalDataErased { .. }
            | Self::OrderDiscovered { .. }
            | Self::DetailsChanged { .. } => "1.1",
            _ => "1.0",
        }
    }

    /// The answer of upstream that the event was read from; none for what people and the ledger did.
    pub const fn observed(&self) -> Option<&Observed> {
        match self {
            Self::OrderDiscovered { observed, .. }
            | Self::OrderRenumbered { observed, .. }
            | Self::StatusChanged { observed, .. }
            | Self::CourierAssigned { observed, .. }
            | Self::TrackingNumberChanged { observed, .. }
            | Self::OrderDispatched { observed, .. }
            | Self::DispatchWithdrawn { observed }
            | Self::ParcelsChanged { observed, .. }
            | Self::ShipmentsChanged { observed, .. }
            | Self::ItemsChanged { observed, .. }
            | Self::RecipientChanged { observed, .. }
            | Self::EstimatedDeliveryChanged { observed, .. }
            | Self::PartChanged { observed, .. }
            | Self::DetailsChanged { observed, .. }
            | Self::OrderVanished { observed }
            | Self::OrderReappeared { observed }
            | Self::TrackingEventRecorded { observed, .. }
            | Self::OrderDelivered { observed, .. } => Some(observed),
            Self::PersonalDataErased { observed, .. } => observed.as_ref(),
            Self::PromiseMissed { .. }
            | Self::OrderLinked { .. }
            | Self::OrderUnlinked { .. }
            | Self::OrderWithheld { .. }
            | Self::OrderReleased {}
            | Self::CancellationRequested { .. }
            | Self::CancellationConfirmed { .. }
            | Self::CancellationRefused { .. }
            | Self::CommentRequested { .. }
            | Self::CommentPosted { .. }
            | Self::CommentRefused { .. } => None,
        }
    }
}
