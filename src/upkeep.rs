//! What a running service looks after now and then, besides its jobs: schedules, old bodies, scans and runs, what searches know
//! of common pieces, answers of seconds that are over, what a killed rebuild left behind.
//! Any instance may do any of it, at any time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use logistics_projections::orders::note_common_pieces;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::api::ResponseCache;
use crate::clock::Clock;
use crate::inbox;
use crate::ledger::rebuild::{clear_leftovers, has_shadows};
use crate::postgres::{PoolSettings, connect_as_owner, in_time};
use crate::sync::{Sources, runs, tracking};
use crate::telemetry;

/// How soon a configuration that was given or changed is acted on.
const PLAN_EVERY: Duration = Duration::from_secs(5);

/// How often answers of seconds that are over are cleared.
const CLEAR_EVERY: Duration = Duration::from_secs(1);

/// How often old bodies, scans and runs are looked for.
const ERASE_EVERY: Duration = Duration::from_mins(10);

/// How often it is looked which pieces of texts are common. They are other ones after a tenth more orders, so hardly ever.
const NOTE_PIECES_EVERY: Duration = Duration::from_mins(10);

/// How long that may take.
const NOTE_PIECES_WAIT: Duration = Duration::from_secs(30);

/// How long the clearing after a killed rebuild waits for each lock, as while a backup reads what it would drop.
const CLEARING_WAIT: Duration = Duration::from_secs(5);

/// Clears the response cache of answers of seconds that are over.
pub(crate) async fn clear_past_responses(
    responses: ResponseCache,
    clock: Clock,
    stopping: CancellationToken,
) {
    while !stopping.is_cancelled() {
        responses.keep_only(clock.now().timestamp());
        tokio::select! {
            () = tokio::time::sleep(CLEAR_EVERY) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Erases bodies, forgets scans and sweeps runs that are older than they are kept, again and again.
pub(crate) async fn erase(sources: Arc<Sources>, stopping: CancellationToken) {
    let keep = TimeDelta::from_std(sources.settings.keep_bodies).unwrap_or(TimeDelta::MAX);
    while !stopping.is_cancelled() {
        let now = sources.clock.now();
        if let Some(before) = now.checked_sub_signed(keep)
            && let Err(error) = inbox::erase_bodies(&sources.pool, before, now).await
        {
            tracing::warn!(%error, "old bodies of webhooks could not be erased; it is tried again");
        }
        if let Err(error) = tracking::forget_waiting(&sources.pool, now).await {
            tracing::warn!(%error, "old scans that found no order could not be forgotten; it is tried again");
        }
        if let Err(error) = runs::sweep(&sources.pool, now).await {
            tracing::warn!(%error, "old runs could not be swept; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(ERASE_EVERY) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Has searches know which pieces are common, as the server's statistics grow with the orders. Only the server tells when it
/// made new ones, and it makes them by itself, so they are looked at again and again.
pub(crate) async fn note_pieces(sources: Arc<Sources>, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        let noted = in_time(NOTE_PIECES_WAIT, note_common_pieces(&sources.pool));
        let rest = async {
            if let Err(error) = noted.await {
                tracing::warn!(%error, "searches may be slow until the server's statistics can be read again");
            }
            tokio::time::sleep(NOTE_PIECES_EVERY).await;
        };
        tokio::select! {
            () = rest => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// How often it is looked whether a rebuild was killed.
const CLEAR_REBUILDS_EVERY: Duration = Duration::from_mins(10);

/// Drops what a rebuild left behind that was killed: it holds personal data that no erasure reaches. The tables' owner does that,
/// at `url`, and is asked for only where there is something. The shadows of a rebuild that runs are left to it. Looks
/// once at least, even where it is asked to stop.
pub async fn clear_rebuilds(pool: PgPool, url: String, bounds: PoolSettings, stopping: CancellationToken) {
    loop {
        match has_shadows(&pool).await {
            Ok(true) => clear_as_owner(&url, &bounds).await,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "whether a rebuild was killed could not be asked; it is tried again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(CLEAR_REBUILDS_EVERY) => {}
            () = stopping.cancelled() => return,
        }
    }
}

async fn clear_as_owner(url: &str, bounds: &PoolSettings) {
    let owner = match connect_as_owner(url, bounds).await {
        Ok(owner) => owner,
        Err(error) => {
            tracing::warn!(%error, "what a rebuild left behind could not be dropped; it is tried again");
            return;
        }
    };
    match clear_leftovers(&owner, Some(CLEARING_WAIT)).await {
        Ok(true) => tracing::info!("what a killed rebuild left behind was dropped"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "what a rebuild left behind could not be dropped; it is tried again");
        }
    }
    owner.close().await;
}

/// Keeps the schedules in step with the configurations.
pub(crate) async fn plan(sources: Arc<Sources>, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        if let Err(error) = sources.plan().await {
            tracing::warn!(%error, "the schedules could not be looked over; it is tried again");
        }
        telemetry::sum_up();
        tokio::select! {
            () = tokio::time::sleep(PLAN_EVERY) => {}
            () = stopping.cancelled() => {}
        }
    }
}
