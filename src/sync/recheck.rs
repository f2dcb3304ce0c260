//! The slow re-read of open orders by id: not every change shows in a list, and a merged-away order shows in none. Nor does
//! one show that was only said to be gone, so those that vanished of late are asked about too.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use logistics_domain::{AccountId, Source};
use logistics_projections::orders::{StillOpen, to_recheck};

use super::SyncError;
use super::sources::{Cause, Sources};
use crate::jobs::{Handler, Job, JobError};
use crate::mintsoft::UpstreamError;

/// The job that re-reads an account's open orders.
pub const RECHECK_ACCOUNT: &str = "recheck_account";

/// The most orders that one job re-reads; the rest is next, oldest first. It bounds the share of the budget.
const ORDERS_MAX: i64 = 200;

/// So many orders in a row that upstream failed at are trouble of the whole account, and end the job.
const FAILED_IN_A_ROW_MAX: u32 = 3;

/// How long after dispatch an order without a delivery still counts as open.
const WAIT_FOR_DELIVERY: TimeDelta = TimeDelta::days(30);

/// How long an order is still asked about after upstream said that it is gone. An upstream in trouble answers 404 for orders
/// that it has, and no poll shows them before they change; one that was merged away answers the same again, which is no news.
const DOUBT_VANISHED: TimeDelta = TimeDelta::days(3);

/// Does `recheck_account` jobs.
pub struct RecheckHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for RecheckHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let account = AccountId(job.id_in("account_id")?);
        Box::pin(self.0.recheck(account, job.id)).await.map_err(SyncError::into_job_error)
    }
}

impl Sources {
    async fn recheck(&self, account: AccountId, job_id: i64) -> Result<(), SyncError> {
        let now = self.clock.now();
        let interval = TimeDelta::from_std(self.settings.recheck_interval).unwrap_or(TimeDelta::MAX);
        let open = to_recheck(
            &self.pool,
            account,
            now - interval,
            StillOpen { dispatched_since: now - WAIT_FOR_DELIVERY, vanished_since: now - DOUBT_VANISHED },
            ORDERS_MAX,
        )
        .await?;
        let cause = Cause::own(Source::Recheck, format!("job:{job_id}"));
        let (mut failed_in_a_row, mut read) = (0, 0);
        for mintsoft_order_id in open {
            // A round takes long, and whom the account is read for may change meanwhile: what is switched off, or has left, is not read.
            let account = self.account(account, None).await?;
            let known = self.known(&account, [mintsoft_order_id]).await?;
            if known.get(&mintsoft_order_id).is_some_and(|order| !account.reads_for(order.tenant)) {
                continue;
            }
            let outcome = self.read_whole(&account, mintsoft_order_id, &cause).await;
            failed_in_a_row = match &outcome {
                Err(SyncError::Upstream(error)) if may_be_of_the_order(error) => failed_in_a_row + 1,
                _ => 0,
            };
            match outcome {
                Ok(taken) if taken.parked == 0 => {
                    read += 1;
                    continue;
                }
                // The next job goes on where this one stops, which says nothing of the order.
                Err(SyncError::Upstream(error)) if is_pause(&error) => {
                    tracing::info!(%error, read, "the re-reading of open orders is put off");
                    return if read > 0 { Ok(()) } else { Err(error.into()) };
                }
                // Its answer was not taken in, so nothing in its history says that it was asked about.
                Ok(_) => {}
                // One order's trouble is not the others'; trouble of the whole account is. Even then the order is noted:
                // else it would head the next job too, and if the trouble is its own, stop that one as well.
                Err(SyncError::Upstream(error)) if was_asked(&error) => {
                    tracing::warn!(order = mintsoft_order_id, %error, "an open order could not be re-read");
                    let goes_on = is_of_the_order(&error) || may_be_of_the_order(&error);
                    if !goes_on || failed_in_a_row >= FAILED_IN_A_ROW_MAX {
                        self.note_recheck(account.id, mintsoft_order_id).await?;
                        return Err(error.into());
                    }
                }
                Err(SyncError::Ledger(error)) if error.is_of_the_order() => {
                    tracing::error!(order = mintsoft_order_id, %error, "an open order could not be taken in");
                }
                Err(error) => return Err(error),
            }
            self.note_recheck(account.id, mintsoft_order_id).await?;
        }
        Ok(())
    }

    /// Notes that a re-read came to nothing, so that the order does not stand before all others next time.
    async fn note_recheck(&self, account: AccountId, mintsoft_order_id: i64) -> Result<(), SyncError> {
        sqlx::query(
            "insert into recheck_attempts (account_id, mintsoft_order_id, attempted_at) values ($1, $2, $3)
             on conflict (account_id, mintsoft_order_id) do update set attempted_at = excluded.attempted_at",
        )
        .bind(account.0)
        .bind(mintsoft_order_id)
        .bind(self.clock.now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// Whether upstream asked everybody to wait.
fn is_pause(error: &UpstreamError) -> bool {
    matches!(error, UpstreamError::Throttled { .. } | UpstreamError::BudgetExhausted { .. })
}

/// Whether upstream was asked about the order at all.
fn was_asked(error: &UpstreamError) -> bool {
    match error {
        UpstreamError::NotPermitted
        | UpstreamError::Throttled { .. }
        | UpstreamError::Unavailable { .. }
        | UpstreamError::TimedOut
        | UpstreamError::ContractViolation { .. }
        | UpstreamError::TooLarge { .. }
        | UpstreamError::Rejected { .. }
        | UpstreamError::NotFound
        | UpstreamError::Refused { .. } => true,
        UpstreamError::WrongLogin { .. }
        | UpstreamError::BudgetExhausted { .. }
        | UpstreamError::Silent { .. }
        | UpstreamError::LoginPending
        | UpstreamError::BadUrl { .. }
        | UpstreamError::Database(_)
        | UpstreamError::NoTls => false,
    }
}

/// Whether upstream failed in a way that one order can make it fail: a 500 or a time-out comes of a broken order as well
/// as of a broken service.
fn may_be_of_the_order(error: &UpstreamError) -> bool {
    matches!(error, UpstreamError::Unavailable { sent: true, .. } | UpstreamError::TimedOut)
}

fn is_of_the_order(error: &UpstreamError) -> bool {
    matches!(
        error,
        UpstreamError::ContractViolation { .. }
            | UpstreamError::TooLarge { .. }
            | UpstreamError::Rejected { .. }
            | UpstreamError::NotFound
            | UpstreamError::Refused { .. }
    )
}
