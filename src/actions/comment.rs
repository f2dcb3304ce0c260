//! What is particular to a comment: the call, and how the thread shows that it was done. A comment cannot be taken back, so
//! before the first call the thread's end is noted: what stands behind it, with these very words, and is not claimed by
//! another request, is ours.

use std::collections::BTreeSet;

use logistics_domain::Order;
use uuid::Uuid;

use super::call_outcome::Seen;
use crate::mintsoft::UpstreamError;
use crate::mintsoft::wire::{OrderComment, Row};
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
        Err(UpstreamError::NotFound) => return Ok(Seen::Unclear),
        thread => thread?,
    };
    Ok(seen_among(&thread.value, comment, last, claimed))
}

/// What the rows of the thread show of the comment. A row whose words cannot be read, or which has no number, may be it.
fn seen_among(
    rows: &[Row<OrderComment>],
    comment: &CommentText<'_>,
    last: Option<i64>,
    claimed: &BTreeSet<i64>,
) -> Seen {
    let may_be_ours = |id: i64| id > last.unwrap_or(0) && !claimed.contains(&id);
    let candidates = || rows.iter().filter(|row| row.id.is_none_or(may_be_ours));
    let mut readable = candidates().filter_map(|row| row.parsed.as_ref().ok());
    match readable.find(|row| says(row, comment.text)) {
        Some(row) => Seen::Done(Some(row.id)),
        // To some users upstream never shows internal notes, so that it is not there proves nothing.
        None if comment.internal => Seen::Hidden,
        None if candidates().any(|row| !tells_words(row)) => Seen::Unclear,
        None => Seen::NotDone,
    }
}

fn tells_words(row: &Row<OrderComment>) -> bool {
    row.parsed.as_ref().is_ok_and(|row| row.comment.is_some())
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
    use crate::mintsoft::wire::read_rows;

    #[test]
    fn line_ends_and_outer_blanks_do_not_make_another_text() {
        assert!(same_words("Ring twice\r\nand wait ", " Ring twice\nand wait"));
        assert!(!same_words("Ring twice", "Ring twice!"));
    }

    /// What a thread shows of a comment that was to be written behind number 5, while number 7 is another request's.
    fn seen_in(thread: &str) -> Seen {
        let rows = read_rows(thread.as_bytes()).expect("an array");
        let comment = CommentText { mintsoft_order_id: 1, text: "Ring twice", internal: false };
        seen_among(&rows, &comment, Some(5), &BTreeSet::from([7]))
    }

    #[test]
    fn a_row_that_cannot_be_read_does_not_prove_that_the_comment_is_not_there() {
        let unclear = [
            r#"[{"ID":6,"Comment":{"Text":"Ring twice"}}]"#,
            r#"[{"ID":6,"Comment":"Ring twice","OrderId":[]}]"#,
            r#"[{"ID":6,"Comment":null}]"#,
            r#"[{"Comment":"Ring twice"}]"#,
            r#"["Ring twice"]"#,
        ];
        for thread in unclear {
            assert_eq!(seen_in(thread), Seen::Unclear, "{thread}");
        }
        let older_and_others =
            r#"[{"ID":5,"Comment":[]},{"ID":7,"Comment":[]},{"ID":8,"Comment":"Ring once"}]"#;
        assert_eq!(seen_in(older_and_others), Seen::NotDone);
        assert_eq!(seen_in("[]"), Seen::NotDone);
        let beside = r#"[{"ID":6,"Comment":[]},{"ID":8,"Comment":"Ring twice"}]"#;
        assert_eq!(seen_in(beside), Seen::Done(Some(8)));
    }
}
