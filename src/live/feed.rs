//! One tenant that is followed: its newest events, read once for all who follow it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use logistics_projections::TenantScope;
use logistics_projections::event_log::{Told, follow, newest_position};
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
    remembered: Mutex<VecDeque<Arc<Told>>>,
    /// The position that was read up to.
    newest: watch::Sender<i64>,
    /// Rung when there may be more.
    bell: Notify,
}

impl Feed {
    /// A feed that begins after what the ledger holds now.
    pub(super) async fn open(reader: Reader, scope: TenantScope) -> sqlx::Result<Self> {
        let newest = newest_position(&mut *reader.of(scope.tenant()).await?, &scope).await?;
        Ok(Self {
            reader,
            scope,
            remembered: Mutex::default(),
            newest: watch::Sender::new(newest),
            bell: Notify::new(),
        })
    }

    /// There may be more.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Changes whenever more was read.
    pub(super) fn newest(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// The ledger's last position just now.
    pub(super) async fn head(&self) -> sqlx::Result<i64> {
        newest_position(&mut *self.reader.of(self.scope.tenant()).await?, &self.scope).await
    }

    /// The events after a position, some at a time: from memory, or from the log for those who are further behind.
    pub(super) async fn after(&self, position: i64) -> sqlx::Result<Vec<Arc<Told>>> {
        match self.remembered_after(position) {
            Some(events) => Ok(events),
            None => Ok(self.read(position).await?.into_iter().map(Arc::new).collect()),
        }
    }

    fn remembered_after(&self, position: i64) -> Option<Vec<Arc<Told>>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = *self.newest.borrow();
        let ahead = usize::try_from(newest.saturating_sub(position)).unwrap_or(0);
        let skipped = remembered.len().checked_sub(ahead)?;
        Some(remembered.iter().skip(skipped).take(PAGE).cloned().collect())
    }

    async fn read(&self, after: i64) -> sqlx::Result<Vec<Told>> {
        let mut connection = self.reader.of(self.scope.tenant()).await?;
        let limit = i64::try_from(PAGE).unwrap_or(i64::MAX);
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
            let newest = *self.newest.borrow();
            let read = self.read(newest).await;
            let is_full = read.as_ref().is_ok_and(|events| events.len() == PAGE);
            match read {
                Ok(events) => {
                    is_away = false;
                    self.remember(events);
                }
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(%error, "the log cannot be followed for now; it is tried again");
                }
                Err(_) => {}
            }
            if is_full {
                continue;
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

    fn remember(&self, events: Vec<Told>) {
        let Some(last) = events.last().map(|event| event.position) else { return };
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
        self.newest.send_replace(last);
    }
}
