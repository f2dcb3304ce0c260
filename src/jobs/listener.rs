//! Waking lanes when a job is enqueued. Only a hint: a lane that misses it looks by itself every now and then.

use std::sync::Arc;

use sqlx::postgres::PgListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::JobsError;
use super::worker::WorkerContext;

/// Listens until the shutdown, reconnecting when the database went away.
pub(super) async fn listen(context: Arc<WorkerContext>, shutdown: CancellationToken) {
    let mut failures = 0;
    loop {
        let error = tokio::select! {
            () = shutdown.cancelled() => return,
            error = pass_on(&context, &mut failures) => error,
        };
        context.outage.met(&JobsError::Database(error));
        failures += 1;
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = sleep(context.pause_after(failures)) => {}
        }
    }
}

/// Passes hints on until the connection fails for good.
async fn pass_on(context: &WorkerContext, failures: &mut u32) -> sqlx::Error {
    let mut listener = match PgListener::connect_with(&context.pool).await {
        Ok(listener) => listener,
        Err(error) => return error,
    };
    if let Err(error) = listener.listen("jobs").await {
        return error;
    }
    loop {
        // Whatever was enqueued before this moment was not heard.
        context.wake_all();
        *failures = 0;
        loop {
            match listener.try_recv().await {
                Ok(Some(hint)) => context.wake(hint.payload()),
                Ok(None) => break,
                Err(error) => return error,
            }
        }
    }
}
