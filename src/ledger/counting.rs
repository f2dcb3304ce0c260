//! Keeping the counters of orders near: a while after commits noted what they changed, the notes are taken up.

use std::sync::Arc;
use std::time::Duration;

use logistics_projections::orders::{TAKEN_UP_MAX, take_up_counts};
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::postgres::{in_time, is_silence};

/// How long notes gather. Long enough that the many moves of a poll become few, short enough that a list, which reads all
/// that wait, never reads many.
const GATHERED_FOR: Duration = Duration::from_secs(1);

/// Takes up notes after commits, and at the beginning what an earlier run left, until it is stopped. What is left then waits
/// for the next run; nothing is counted wrongly meanwhile. A statement that takes longer than `wait` is given up with its
/// connection.
pub(super) async fn keep_counts(
    pool: PgPool,
    wait: Duration,
    noted: Arc<Notify>,
    stopping: CancellationToken,
) {
    loop {
        if let Err(error) = take_up(&pool, wait).await {
            tracing::warn!(%error, "the counters of orders fall behind; they are tried again after the next commit");
        }
        let next = async {
            noted.notified().await;
            sleep(GATHERED_FOR).await;
        };
        tokio::select! {
            () = next => {}
            () = stopping.cancelled() => break,
        }
    }
}

async fn take_up(pool: &PgPool, wait: Duration) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    loop {
        let taken = in_time(wait, take_up_counts(&mut connection)).await;
        if taken.as_ref().is_err_and(is_silence) {
            connection.close_on_drop();
        }
        if taken? < TAKEN_UP_MAX {
            return Ok(());
        }
    }
}
