//! The thread of comments on an order: what the warehouse's system shows, joined with what was asked for here. It is read
//! upstream when somebody looks, with a person's patience; if upstream is slow or down, the last thread that was seen
//! is shown with its age.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_projections::comments::{CommentState, OwnComment, OwnComments};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::comment::same_words;
use super::glimpse::{self, Glimpse, What};
use super::requests::{self, Left};
use super::{ActionError, Actions};
use crate::ledger::OrderAddress;
use crate::ledger::sealing::open_comment;
use crate::mintsoft::{Patience, wall_clock};
use crate::secrets::OrderKey;
use crate::sync::{SourceAccount, Sources, SyncError};

/// A thread that was seen this short a time ago is not read again.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(10);

/// One comment, wherever it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadComment {
    /// Upstream's number; none while it is not in the thread.
    pub id: Option<i64>,
    /// The request, where it was asked for here.
    pub request_id: Option<Uuid>,
    /// The text; none where the personal data was erased.
    pub text: Option<String>,
    /// Whether only the warehouse's own staff may see it; upstream does not say so of others.
    pub internal: Option<bool>,
    /// `user:<id>` or `key:<id>`, or upstream's name of the writer.
    pub author: Option<String>,
    /// When it was written (UTC).
    pub written_at: Option<DateTime<Utc>>,
    /// The order's status then, by upstream's number and name.
    pub status: Option<(i64, Option<String>)>,
    /// What has become of it.
    pub state: CommentState,
    /// While that is not known: why a person has to look, if one has to.
    pub left_to_person: Option<String>,
}

/// The whole thread.
#[derive(Clone, Debug)]
pub struct Thread {
    /// Oldest first.
    pub comments: Vec<ThreadComment>,
    /// When upstream's part of it was last read (UTC); none where it never could be.
    pub checked_at: Option<DateTime<Utc>>,
}

/// A comment as upstream showed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SeenComment {
    id: i64,
    text: String,
    author: Option<String>,
    written_at: Option<DateTime<Utc>>,
    status_id: Option<i64>,
    status: Option<String>,
}

impl Actions {
    /// The thread of an order that the asker may see.
    pub async fn thread(&self, address: OrderAddress) -> Result<Thread, ActionError> {
        let (opened, own) = self.sources.ledger.replay(address, OwnComments::apply).await?;
        let left = if own.items.iter().any(is_open) {
            requests::left_of(&self.sources.pool, address.tenant, address.stream()).await?
        } else {
            Left::new()
        };
        let Some(key) = opened.key else {
            // Erased: nothing personal is kept, nor asked for again.
            return Ok(joined(None, own, None, &left));
        };
        let seen = self.seen_thread(address, &key).await?;
        Ok(joined(seen, own, Some(&key), &left))
    }

    /// The thread as upstream last showed it, read again where that was a while ago.
    async fn seen_thread(
        &self,
        address: OrderAddress,
        key: &OrderKey,
    ) -> Result<Option<Glimpse<Vec<SeenComment>>>, ActionError> {
        let (actions, owned_key, patience) = (self.clone(), key.clone(), self.sources.settings.refresh_wait);
        let read = async move { actions.read_thread(address, &owned_key, patience).await };
        self.seen((address, What::Comments), key, FRESH_FOR, read).await
    }

    async fn read_thread(
        &self,
        address: OrderAddress,
        key: &OrderKey,
        patience: Duration,
    ) -> Result<(), SyncError> {
        let account = reader(&self.sources, address, patience).await?;
        let answer = account.calls.comments(address.mintsoft_order_id).await?;
        let names = self.sources.names.naming_orders(&account, &[]).await?;
        let rows = answer.value.into_iter().filter_map(|row| row.parsed.ok());
        let value: Vec<SeenComment> = rows
            .map(|row| SeenComment {
                id: row.id,
                text: row.comment.unwrap_or_default(),
                author: row.last_updated_by,
                written_at: row
                    .last_updated
                    .and_then(|at| wall_clock::read(&at, account.zone).ok().flatten()),
                status: row
                    .order_status_id
                    .and_then(|id| names.order_statuses.get(&id).map(|(name, _)| name.clone())),
                status_id: row.order_status_id,
            })
            .collect();
        let glimpse = Glimpse { value, answered_at: answer.answered_at };
        let whose = (address.tenant, address.stream());
        glimpse::keep(&self.sources.pool, whose, What::Comments, key, &glimpse).await?;
        Ok(())
    }
}

/// The account of an order, for a person who waits.
pub(super) async fn reader(
    sources: &Sources,
    address: OrderAddress,
    patience: Duration,
) -> Result<SourceAccount, SyncError> {
    let mut account = sources.account(address.account, Some(address.tenant)).await?;
    account.calls = account.calls.patience(Patience::interactive(patience));
    Ok(account)
}

/// Upstream's rows and our own requests as one list: each own comment that stands in the thread is one with its row.
fn joined(
    seen: Option<Glimpse<Vec<SeenComment>>>,
    own: OwnComments,
    key: Option<&OrderKey>,
    left: &Left,
) -> Thread {
    let checked_at = seen.as_ref().map(|seen| seen.answered_at);
    let mut rows = seen.map(|seen| seen.value).unwrap_or_default();
    let mut comments = Vec::with_capacity(rows.len() + own.items.len());
    for asked in own.items {
        let text = key.and_then(|key| open_comment(key, &asked.text).ok());
        let row = place_of(&asked, text.as_deref(), &rows).map(|place| rows.remove(place));
        let why = left.get(&asked.request_id).filter(|_| is_open(&asked)).cloned();
        comments.push(ThreadComment { left_to_person: why, ..of_ours(asked, text, row.map(|row| row.id)) });
    }
    comments.extend(rows.into_iter().map(of_others));
    comments.sort_by_key(|comment| (comment.written_at, comment.id));
    Thread { comments, checked_at }
}

/// Whether it is not known what has become of it.
fn is_open(asked: &OwnComment) -> bool {
    asked.state == CommentState::Requested
}

/// Where an own comment stands among upstream's rows: by its number, or, where upstream did not say that, by its words.
fn place_of(asked: &OwnComment, text: Option<&str>, rows: &[SeenComment]) -> Option<usize> {
    if asked.state != CommentState::Posted {
        return None;
    }
    match asked.comment_id {
        Some(id) => rows.iter().position(|row| row.id == id),
        None => rows.iter().position(|row| text.is_some_and(|text| same_words(&row.text, text))),
    }
}

fn of_ours(asked: OwnComment, text: Option<String>, row_id: Option<i64>) -> ThreadComment {
    let status = asked.status.map(|status| (i64::from(status.id), Some(status.name)));
    ThreadComment {
        id: row_id.or(asked.comment_id),
        request_id: Some(asked.request_id),
        text,
        internal: Some(asked.internal),
        author: Some(asked.requested_by),
        written_at: Some(asked.requested_at),
        status,
        state: asked.state,
        left_to_person: None,
    }
}

fn of_others(row: SeenComment) -> ThreadComment {
    ThreadComment {
        id: Some(row.id),
        request_id: None,
        text: Some(row.text),
        internal: None,
        author: row.author,
        written_at: row.written_at,
        status: row.status_id.map(|id| (id, row.status)),
        state: CommentState::Posted,
        left_to_person: None,
    }
}
