//! One tenant that is followed: its newest events, read once for all who follow it.
//!
//! Each time the last event comes once more, and must be the one that it was. Where it is not, a standby took over without the
//! last commits, or a backup was restored: what was sent is not what happened, and to go on from there would pass over what others
//! commit at those positions. All who follow are then let go, to begin anew.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use logistics_projections::TenantScope;
use logistics_projections::event_log::{FeedEvent, LeafHash, follow, newest_event, newest_position};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::postgres::{Reader, in_time, is_silence};

/// How many events are read, or handed out, at once.
pub(super) const PAGE: usize = 128;

/// How long the log is waited for. More than a statement may run, so that only what is lost on the way is given up.
const READ_WAIT: Duration = Duration::from_secs(45);

/// How many of the newest events are remembered.
const REMEMBERED_MAX: usize = 1024;

/// The newest events of a tenant.
pub(super) struct Feed {
    reader: Reader,
    scope: TenantScope,
    /// Neighbours in the ledger, oldest first; the last one is at `newest`.
    remembered: Mutex<VecDeque<Arc<FeedEvent>>>,
    /// How far the log was read.
    newest: watch::Sender<Newest>,
    /// Rung when there may be more.
    bell: Notify,
}

/// How far a log was read.
#[derive(Clone)]
pub(super) struct Newest {
    /// The position of the last event; -1 before the first one.
    position: i64,
    /// What that event was.
    leaf_hash: Option<LeafHash>,
    /// Cancelled once it turns out that the log is another one.
    replaced: CancellationToken,
}

impl Newest {
    /// The end of the log as it is now.
    async fn of(reader: &Reader, scope: &TenantScope) -> sqlx::Result<Self> {
        let mut connection = reader.of(scope.tenant()).await?;
        let found = in_time(READ_WAIT, newest_event(&mut *connection, scope)).await;
        if found.as_ref().is_err_and(is_silence) {
            connection.close_on_drop();
        }
        let found = found?;
        let (position, leaf_hash) = found.map_or((-1, None), |(position, hash)| (position, Some(hash)));
        Ok(Self { position, leaf_hash, replaced: CancellationToken::new() })
    }
}

impl Feed {
    /// A feed that begins after what the ledger holds now.
    pub(super) async fn open(reader: Reader, scope: TenantScope) -> sqlx::Result<Self> {
        let newest = watch::Sender::new(Newest::of(&reader, &scope).await?);
        Ok(Self { reader, scope, remembered: Mutex::default(), newest, bell: Notify::new() })
    }

    /// There may be more.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Changes whenever more was read.
    pub(super) fn newest(&self) -> watch::Receiver<Newest> {
        self.newest.subscribe()
    }

    /// Cancelled once it turns out that the log is another one than it is now.
    pub(super) fn replaced(&self) -> CancellationToken {
        self.newest.borrow().replaced.clone()
    }

    /// The ledger's last position just now.
    pub(super) async fn head(&self) -> sqlx::Result<i64> {
        newest_position(&mut *self.reader.of(self.scope.tenant()).await?, &self.scope).await
    }

    /// The events after a position, some at a time: from memory, or from the log for those who are further behind.
    pub(super) async fn after(&self, position: i64) -> sqlx::Result<Vec<Arc<FeedEvent>>> {
        match self.remembered_after(position) {
            Some(events) => Ok(events),
            None => Ok(self.read(position, PAGE).await?.into_iter().map(Arc::new).collect()),
        }
    }

    fn remembered_after(&self, position: i64) -> Option<Vec<Arc<FeedEvent>>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = self.newest.borrow().position;
        let ahead = usize::try_from(newest.saturating_sub(position)).unwrap_or(0);
        let skipped = remembered.len().checked_sub(ahead)?;
        Some(remembered.iter().skip(skipped).take(PAGE).cloned().collect())
    }

    async fn read(&self, after: i64, events_max: usize) -> sqlx::Result<Vec<FeedEvent>> {
        let mut connection = self.reader.of(self.scope.tenant()).await?;
        let limit = i64::try_from(events_max).unwrap_or(i64::MAX);
        let read = in_time(READ_WAIT, follow(&mut *connection, &self.scope, after, limit)).await;
        if read.as_ref().is_err_and(is_silence) {
            connection.close_on_drop();
        }
        read
    }

    /// Reads what is appended until it is told to stop.
    pub(super) async fn keep_reading(&self, tick: Duration, stopping: CancellationToken) {
        let mut is_away = false;
        while !stopping.is_cancelled() {
            match self.read_on().await {
                Ok(is_full) => {
                    is_away = false;
                    if is_full {
                        continue;
                    }
                }
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(%error, "the log cannot be followed for now; it is tried again");
                }
                Err(_) => {}
            }
            let rung = async {
                // A database that is away is not asked more often for being noisy.
                if is_away { std::future::pending().await } else { self.bell.notified().await }
            };
            tokio::select! {
                () = rung => {}
                () = tokio::time::sleep(tick) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Reads what was appended, and whether there may be more at once.
    async fn read_on(&self) -> sqlx::Result<bool> {
        let Newest { position, leaf_hash, .. } = self.newest.borrow().clone();
        let events = match leaf_hash {
            None => self.read(position, PAGE).await?,
            Some(leaf_hash) => {
                let mut events = self.read(position - 1, PAGE + 1).await?;
                if events.first().is_none_or(|last| (last.position, last.leaf_hash) != (position, leaf_hash))
                {
                    self.begin_anew().await?;
                    return Ok(false);
                }
                events.split_off(1)
            }
        };
        let is_full = events.len() == PAGE;
        self.remember(events);
        Ok(is_full)
    }

    /// Lets go of all who follow, and goes on from the end of the log that is there now.
    async fn begin_anew(&self) -> sqlx::Result<()> {
        let newest = Newest::of(&self.reader, &self.scope).await?;
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (tenant, was) = (self.scope.tenant().0, self.newest.borrow().position);
        tracing::warn!(
            tenant,
            was,
            is = newest.position,
            "the log is not the one that was followed; followers begin anew"
        );
        remembered.clear();
        self.replaced().cancel();
        self.newest.send_replace(newest);
        Ok(())
    }

    fn remember(&self, events: Vec<FeedEvent>) {
        let Some((position, leaf_hash)) = events.last().map(|last| (last.position, last.leaf_hash)) else {
            return;
        };
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            if event.change.is_none() {
                // It may be the one by which its order was withheld. What is remembered may tell of that order, so
                // whoever is behind reads anew what may be told now.
                remembered.clear();
            }
            if remembered.len() == REMEMBERED_MAX {
                remembered.pop_front();
            }
            remembered.push_back(Arc::new(event));
        }
        // Under the lock, so that memory and position are always of one moment.
        self.newest.send_modify(|newest| {
            newest.position = position;
            newest.leaf_hash = Some(leaf_hash);
        });
    }
}
