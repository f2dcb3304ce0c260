//! Keeping the counters of orders near: a while after commits noted what they changed, the notes are taken up.

use std::sync::Arc;
use std::time::Duration;

use logistics_projections::orders::{TAKEN_UP_MAX, take_up_counts};
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long notes gather. Long enough that the many moves of a poll become few, short enough that a list, which reads all
/// that wait, never reads many.
const GATHERED_FOR: Duration = Duration::from_secs(1);

/// Takes up notes after commits, and at the beginning what an earlier run left, until it is stopped. What is left then waits
/// for the next run; nothing is counted wrongly meanwhile.
pub(super) async fn keep_counts(pool: PgPool, noted: Arc<Notify>, stopping: CancellationToken) {
    loop {
        if let Err(error) = take_up(&pool).await {
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

async fn take_up(pool: &PgPool) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    while take_up_counts(&mut connection).await? == TAKEN_UP_MAX {}
    Ok(())
}
