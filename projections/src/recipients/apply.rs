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
        | OrderEvent::PromiseMissed { .. }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{KINDS, event, place, recipient};

    #[test]
    fn a_recipient_that_was_opened_is_put_and_one_that_was_not_is_gone() {
        for kind in [0, 10] {
            let (at, told) = (place(5, 2), event(kind, 2));
            let Change::Put(row) = apply(&at, &told, Some(&recipient(2))) else {
                panic!("{kind} puts nothing")
            };
            assert_eq!((row.version, row.recipient), (5, recipient(2)));
            assert_eq!(apply(&at, &told, None), Change::Delete);
        }
    }

    #[test]
    fn a_recipient_taken_away_or_erased_is_deleted_whatever_was_opened() {
        assert_eq!(apply(&place(5, 3), &event(10, 3), Some(&recipient(3))), Change::Delete);
        assert_eq!(apply(&place(5, 3), &event(14, 3), Some(&recipient(3))), Change::Delete);
    }

    #[test]
    fn no_other_event_touches_the_recipient() {
        for kind in (1..KINDS).filter(|kind| ![10, 14].contains(kind)) {
            assert_eq!(apply(&place(5, 2), &event(kind, 2), Some(&recipient(2))), Change::Keep, "{kind}");
        }
    }

    #[test]
    fn of_several_changes_the_last_one_that_says_something_holds() {
        let put = apply(&place(1, 2), &event(0, 2), Some(&recipient(2)));
        assert_eq!(put.clone().then(Change::Keep), put);
        assert_eq!(put.clone().then(Change::Delete), Change::Delete);
        assert_eq!(Change::Delete.then(put.clone()), put);
    }
}
