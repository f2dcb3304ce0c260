//! What is particular to a comment: the call, and how the thread shows that it was done. A comment cannot be taken back, so
//! before the first call the thread's end is noted: what stands behind it, with these very words, and is not claimed by
//! another request, is ours.

use std::collections::BTreeSet;

use logistics_domain::Order;
use uuid::Uuid;

use super::call_outcome::Seen;
use crate::mintsoft::UpstreamError;
use crate::mintsoft::wire::OrderComment;
use crate::sync::SourceAccount;

/// A comment to be written.
pub(super) struct CommentText<'a> {
    pub mintsoft_order_id: i64,
    pub text: &'a str,
    pub internal: bool,
}

/// Writes the comment; gives upstream's number of it, where the answer says so.
pub(super) async fn call(
    account: &SourceAccount,
    comment: &CommentText<'_>,
    last: Option<i64>,
) -> Result<Option<i64>, UpstreamError> {
    let done = account.calls.post_comment(comment.mintsoft_order_id, comment.text, comment.internal).await?;
    // Some results carry the order's number there, or 0.
    Ok(done.value.id.filter(|id| *id > last.unwrap_or(0) && *id != comment.mintsoft_order_id))
}

/// The highest number in the thread; 0 where it is empty.
pub(super) async fn last_in_thread(
    account: &SourceAccount,
    mintsoft_order_id: i64,
) -> Result<i64, UpstreamError> {
    let thread = account.calls.comments(mintsoft_order_id).await?;
    Ok(thread.value.iter().filter_map(|row| row.id).max().unwrap_or(0))
}

/// Looks for the comment in the thread, behind `last`.
pub(super) async fn look(
    account: &SourceAccount,
    comment: &CommentText<'_>,
    last: Option<i64>,
    claimed: &BTreeSet<i64>,
) -> Result<Seen, UpstreamError> {
    let thread = match account.calls.comments(comment.mintsoft_order_id).await {
        Err(UpstreamError::NotFound) => return Ok(Seen::Gone),
        thread => thread?,
    };
    let mut rows = thread.value.into_iter().filter_map(|row| row.parsed.ok());
    let found =
        rows.find(|row| row.id > last.unwrap_or(0) && !claimed.contains(&row.id) && says(row, comment.text));
    Ok(match found {
        Some(row) => Seen::Done(Some(row.id)),
        // To some users upstream never shows internal notes, so that it is not there proves nothing.
        None if comment.internal => Seen::Hidden,
        None => Seen::NotDone,
    })
}

/// The numbers in the thread that other requests have as theirs.
pub(super) fn claimed(order: &Order, request_id: Uuid) -> BTreeSet<i64> {
    let others = order.comments.iter().filter(|(id, _)| **id != request_id);
    others.filter_map(|(_, made)| made.comment_id).collect()
}

fn says(row: &OrderComment, text: &str) -> bool {
    row.comment.as_deref().is_some_and(|written| same_words(written, text))
}

/// Whether two texts are the same, but for blanks at the ends and the way that lines end.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    lines(one) == lines(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_outer_blanks_do_not_make_another_text() {
        assert!(same_words("Ring twice\r\nand wait ", " Ring twice\nand wait"));
        assert!(!same_words("Ring twice", "Ring twice!"));
    }
}
