//! What is particular to a cancellation: the call, a GET that changes data, and how it shows that it was done.

use super::call_outcome::Seen;
use super::saga::Attempt;
use crate::mintsoft::UpstreamError;
use crate::sync::reread::Shown;
use crate::sync::{SourceAccount, SyncError};

/// Has upstream cancel the order.
pub(super) async fn call(account: &SourceAccount, mintsoft_order_id: i64) -> Result<(), UpstreamError> {
    account.calls.cancel(mintsoft_order_id).await.map(|_done| ())
}

/// Reads the order. What it shows is taken in like any other answer, which settles the request by itself where the order
/// is cancelled.
pub(super) async fn look(attempt: &Attempt<'_>, account: &SourceAccount) -> Result<Seen, SyncError> {
    let (id, cause) = (attempt.told.mintsoft_order_id, attempt.cause());
    let shown = Box::pin(attempt.sources.read_shown(account, id, &cause)).await?;
    Ok(match shown {
        Some(Shown { cancelled: Some(true) }) => Seen::Done(None),
        Some(Shown { cancelled: Some(false) }) => Seen::NotDone,
        Some(Shown { cancelled: None }) | None => Seen::Unclear,
    })
}
