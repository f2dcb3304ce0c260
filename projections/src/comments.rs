//! The comments that people of the brand asked for, folded from an order's history: who, when, at which status, and what
//! became of each. Pure; the texts stay sealed, and the warehouse's own comments are not in the history.

use chrono::{DateTime, Utc};
use logistics_domain::OrderEvent;
use logistics_domain::order::facts::{Sealed, Status};
use uuid::Uuid;

use crate::event_place::EventPlace;

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentState {
    /// Upstream has not answered yet.
    Requested,
    /// It is in the thread.
    Posted,
    /// It was not taken.
    Refused {
        /// Upstream's words, or ours.
        message: String,
    },
}

/// A comment that was asked for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnComment {
    /// The id of the request.
    pub request_id: Uuid,
    /// The text, sealed with the order's key.
    pub text: Sealed,
    /// Whether only the warehouse's own staff may see it.
    pub internal: bool,
    /// Who wrote it: `user:<id>` or `key:<id>`.
    pub requested_by: String,
    /// When (UTC).
    pub requested_at: DateTime<Utc>,
    /// The order's status then.
    pub status: Option<Status>,
    /// What became of it.
    pub state: CommentState,
    /// Upstream's number of it, where it said so.
    pub comment_id: Option<i64>,
}

/// The comments of one order, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnComments {
    /// The order's status so far.
    status: Option<Status>,
    /// The comments.
    pub items: Vec<OwnComment>,
}

impl OwnComments {
    /// Applies one event of the order.
    pub fn apply(&mut self, at: &EventPlace, event: &OrderEvent) {
        match event {
            OrderEvent::OrderDiscovered { facts, .. } => self.status.clone_from(&facts.status),
            OrderEvent::StatusChanged { to, .. } => self.status = Some(to.clone()),
            OrderEvent::CommentRequested { request_id, comment, internal, requested_by } => {
                self.items.push(OwnComment {
                    request_id: *request_id,
                    text: comment.clone(),
                    internal: *internal,
                    requested_by: requested_by.clone(),
                    requested_at: at.observed_at,
                    status: self.status.clone(),
                    state: CommentState::Requested,
                    comment_id: None,
                });
            }
            OrderEvent::CommentPosted { request_id, comment_id } => {
                self.settle(*request_id, CommentState::Posted, *comment_id);
            }
            OrderEvent::CommentRefused { request_id, message } => {
                self.settle(*request_id, CommentState::Refused { message: message.clone() }, None);
            }
            _ => {}
        }
    }

    fn settle(&mut self, request_id: Uuid, state: CommentState, comment_id: Option<i64>) {
        if let Some(comment) = self.items.iter_mut().find(|comment| comment.request_id == request_id) {
            comment.state = state;
            comment.comment_id = comment_id;
        }
    }
}

#[cfg(test)]
mod tests {
    use logistics_domain::{OrderStreamId, Source, TenantId};

    use super::*;

    #[test]
    fn a_comment_keeps_the_status_it_was_written_at_and_its_own_end() {
        let place = EventPlace {
            tenant: TenantId(7),
            stream: OrderStreamId(Uuid::nil()),
            sequence: 1,
            observed_at: DateTime::from_timestamp(1_790_000_000, 0).expect("the instant is in range"),
            source: Source::User,
        };
        let sealed = |text: &str| Sealed { fingerprint: text.into(), sealed: text.into() };
        let asked = |id: u128| OrderEvent::CommentRequested {
            request_id: Uuid::from_u128(id),
            comment: sealed("ring twice"),
            internal: id == 2,
            requested_by: "user:1".into(),
        };
        let mut comments = OwnComments::default();
        let posted = OrderEvent::CommentPosted { request_id: Uuid::from_u128(1), comment_id: Some(77) };
        for event in [asked(1), asked(2), posted] {
            comments.apply(&place, &event);
        }
        let told: Vec<_> =
            comments.items.iter().map(|one| (one.internal, &one.state, one.comment_id)).collect();
        assert_eq!(told, [(false, &CommentState::Posted, Some(77)), (true, &CommentState::Requested, None)]);
    }
}
