//! What is to be done upstream for a request: the call, and how upstream shows that it was done, by the kind of request.

use std::collections::BTreeSet;

use super::ask::request_in;
use super::call_outcome::Seen;
use super::requests::{Kind, RequestRow};
use super::saga::Attempt;
use super::{cancel, comment};
use crate::ledger::OpenOrder;
use crate::ledger::sealing::open_comment;
use crate::mintsoft::UpstreamError;
use crate::sync::{SourceAccount, SyncError};

/// What is to be done to one order.
pub(super) enum Deed {
    /// It is to be cancelled.
    Cancel {
        /// Mintsoft's number of the order.
        mintsoft_order_id: i64,
    },
    /// A comment is to be written.
    Comment {
        /// Mintsoft's number of the order.
        mintsoft_order_id: i64,
        /// The text.
        text: String,
        /// Whether only the warehouse's own staff may see it.
        internal: bool,
        /// The thread's end before the first call.
        last: Option<i64>,
        /// The numbers in the thread that other requests have as theirs.
        claimed: BTreeSet<i64>,
    },
}

impl Deed {
    /// What the attempt is at; none where the words of the person cannot be opened any more.
    pub fn of(attempt: &Attempt<'_>, opened: &OpenOrder, row: &RequestRow) -> Option<Self> {
        let mintsoft_order_id = attempt.told.mintsoft_order_id;
        match attempt.kind {
            Kind::Cancel => Some(Self::Cancel { mintsoft_order_id }),
            Kind::Comment => {
                let request = request_in(&opened.order, attempt.kind, row.request_id)?;
                let text = open_comment(opened.key.as_ref()?, &request.content).ok()?;
                Some(Self::Comment {
                    mintsoft_order_id,
                    text,
                    internal: request.internal,
                    last: row.last_comment_id,
                    claimed: comment::claimed(&opened.order, row.request_id),
                })
            }
        }
    }

    /// What must be known before the first call, so that a lost answer can be settled.
    pub async fn look_before(&mut self, account: &SourceAccount) -> Result<(), UpstreamError> {
        if let Self::Comment { mintsoft_order_id, last, .. } = self {
            *last = Some(comment::last_in_thread(account, *mintsoft_order_id).await?);
        }
        Ok(())
    }

    /// The thread's end before the first call.
    pub const fn last_comment_id(&self) -> Option<i64> {
        match self {
            Self::Cancel { .. } => None,
            Self::Comment { last, .. } => *last,
        }
    }

    /// Makes the call; gives upstream's number of what was made, where it says so.
    pub async fn call(&self, account: &SourceAccount) -> Result<Option<i64>, UpstreamError> {
        match self {
            Self::Cancel { mintsoft_order_id } => {
                cancel::call(account, *mintsoft_order_id).await.map(|()| None)
            }
            Self::Comment { last, .. } => comment::call(account, &self.comment_text(), *last).await,
        }
    }

    /// Reads whether it was done.
    pub async fn look(&self, attempt: &Attempt<'_>, account: &SourceAccount) -> Result<Seen, SyncError> {
        match self {
            Self::Cancel { .. } => Box::pin(cancel::look(attempt, account)).await,
            Self::Comment { last, claimed, .. } => {
                Ok(comment::look(account, &self.comment_text(), *last, claimed).await?)
            }
        }
    }

    fn comment_text(&self) -> comment::CommentText<'_> {
        match self {
            Self::Cancel { mintsoft_order_id } => {
                comment::CommentText { mintsoft_order_id: *mintsoft_order_id, text: "", internal: false }
            }
            Self::Comment { mintsoft_order_id, text, internal, .. } => {
                comment::CommentText { mintsoft_order_id: *mintsoft_order_id, text, internal: *internal }
            }
        }
    }
}
