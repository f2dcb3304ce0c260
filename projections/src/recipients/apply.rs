//! What each event changes in the recipient's row: a pure, total fold. What cannot be opened is not shown.

use logistics_domain::OrderEvent;

use super::row::{Recipient, RecipientRow};
use crate::event_place::EventPlace;

/// What becomes of the recipient's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// It is this now.
    Put(Box<RecipientRow>),
    /// There is none any more.
    Delete,
    /// It stays as it is.
    #[default]
    Keep,
}

impl Change {
    /// What both changes together amount to, this one first.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        match later {
            Self::Keep => self,
            Self::Put(_) | Self::Delete => later,
        }
    }
}

/// Applies one event. `opened` is the plain content of the recipient sealed in it, where the order's key is
/// still there to open it.
pub fn apply(at: &EventPlace, event: &OrderEvent, opened: Option<&Recipient>) -> Change {
    match event {
        OrderEvent::OrderDiscovered { facts, .. } => match &facts.recipient {
            Some(_) => put(at, opened),
            None => Change::Keep,
        },
        OrderEvent::RecipientChanged { recipient, .. } => match recipient {
            Some(_) => put(at, opened),
            None => Change::Delete,
        },
        OrderEvent::PersonalDataErased { .. } => Change::Delete,
        OrderEvent::OrderRenumbered { .. }
        | OrderEvent::StatusChanged { .. }
        | OrderEvent::CourierAssigned { .. }
        | OrderEvent::TrackingNumberChanged { .. }
        | OrderEvent::OrderDispatched { .. }
        | OrderEvent::DispatchWithdrawn { .. }
        | OrderEvent::ParcelsChanged { .. }
        | OrderEvent::ShipmentsChanged { .. }
        | OrderEvent::ItemsChanged { .. }
        | OrderEvent::EstimatedDeliveryChanged { .. }
        | OrderEvent::PartChanged { .. }
        | OrderEvent::DetailsChanged { .. }
        | OrderEvent::OrderVanished { .. }
        | OrderEvent::OrderReappeared { .. }
        | OrderEvent::TrackingEventRecorded { .. }
        | OrderEvent::OrderDelivered { .. }
        | OrderEvent::OrderLinked { .. }
        | OrderEvent::OrderUnlinked { .. }
        | OrderEvent::OrderWithheld { .. }
        | OrderEvent::OrderReleased {}
        | OrderEvent::CancellationRequested { .. }
        | OrderEvent::CancellationConfirmed { .. }
        | OrderEvent::CancellationRefused { .. }
        | OrderEvent::CommentRequested { .. }
        | OrderEvent::CommentPosted { .. }
        | OrderEvent::CommentRefused { .. } => Change::Keep,
    }
}

fn put(at: &EventPlace, opened: Option<&Recipient>) -> Change {
    opened.map_or(Change::Delete, |recipient| {
        Change::Put(Box::new(RecipientRow {
            logistics_order_id: at.stream,
            tenant_id: at.tenant,
            version: at.sequence,
            recipient: recipient.clone(),
        }))
    })
}
