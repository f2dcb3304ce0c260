//! Waking those who wait for an outcome. A notification of the database reaches every instance; it is only a hint, so
//! who waits also looks by itself now and then, and holds neither connection nor transaction meanwhile.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The channel on which settled requests are told.
pub(super) const CHANNEL: &str = "order_requests";

/// How often who waits looks though nobody told anything: an outcome may have come by another way.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The pause before listening again after the connection broke.
const LISTEN_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// How many outcomes may be told before a slow waiter misses one, and looks by itself.
const TOLD_MAX: usize = 256;

/// Tells of outcomes. Cloning shares it.
#[derive(Clone)]
pub(super) struct Outcomes(broadcast::Sender<Uuid>);

impl Default for Outcomes {
    fn default() -> Self {
        Self(broadcast::channel(TOLD_MAX).0)
    }
}

impl Outcomes {
    /// Waits for one request, at most for `patience` in all. Made before the first look, nothing falls between.
    pub fn waiting_for(&self, request_id: Uuid, patience: Duration) -> Waiting {
        Waiting { request_id, told: self.0.subscribe(), give_up: Instant::now() + patience }
    }

    /// Passes on what the database tells, until the service stops.
    pub async fn listen(&self, pool: &PgPool, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            tokio::select! {
                () = stopping.cancelled() => return,
                error = self.pass_on(pool) => {
                    tracing::info!(%error, "outcomes of requests are not heard for now; who waits looks by itself");
                }
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = sleep(LISTEN_AGAIN_AFTER) => {}
            }
        }
    }

    async fn pass_on(&self, pool: &PgPool) -> sqlx::Error {
        let mut listener = match PgListener::connect_with(pool).await {
            Ok(listener) => listener,
            Err(error) => return error,
        };
        if let Err(error) = listener.listen(CHANNEL).await {
            return error;
        }
        loop {
            match listener.recv().await {
                Ok(told) => {
                    if let Ok(id) = told.payload().parse() {
                        // Nobody may be waiting.
                        let _waiting = self.0.send(id);
                    }
                }
                Err(error) => return error,
            }
        }
    }
}

/// Waits for the outcome of one request.
pub(super) struct Waiting {
    request_id: Uuid,
    told: broadcast::Receiver<Uuid>,
    give_up: Instant,
}

impl Waiting {
    /// Waits until it is worth looking again; false when the patience is over.
    pub async fn worth_looking(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.give_up {
            return false;
        }
        let next_look = self.give_up.min(now + LOOK_EVERY);
        while let Ok(Ok(id)) = timeout_at(next_look, self.told.recv()).await {
            if id == self.request_id {
                break;
            }
        }
        true
    }
}
