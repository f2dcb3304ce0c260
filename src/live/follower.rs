//! One who follows: takes a feed's events in their order, from a position on, into a bounded queue, until there is a
//! reason to end. How the queue reaches the follower is not known here.

use std::sync::Arc;

use async_trait::async_trait;
use logistics_projections::event_log::FeedEvent;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::LiveSettings;
use super::feed::Feed;
use super::hub::Seat;

/// How many messages wait for a follower to take them.
const QUEUE_MAX: usize = 64;

/// What a follower is sent.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Where it begins, and where the ledger ends.
    Position { position: i64, head: i64 },
    /// An event.
    Event(Arc<FeedEvent>),
    /// Nothing happened, and all is well.
    Beat,
    /// The last one, and why.
    End(End),
}

/// Why a follower is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The instance stops; another one, or the next start, goes on.
    Stopping,
    /// It did not take what it was sent.
    TooSlow,
    /// Its credential no longer holds, or no longer for this tenant.
    NotAdmitted,
    /// The ledger is not the one any more that it was sent of.
    Replaced,
}

impl End {
    /// For programs.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::TooSlow => "too_slow",
            Self::NotAdmitted => "not_admitted",
            // As who comes back with a position of that ledger is told.
            Self::Replaced => "position_ahead",
        }
    }

    /// For people.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::Stopping => "This instance stops; come back with your last position.",
            Self::TooSlow => "What was sent was not taken in time; come back with your last position.",
            Self::NotAdmitted => "Your credential no longer holds for this tenant; prove anew who you are.",
            Self::Replaced => {
                "The ledger lost what you were sent last, as when a standby takes over; begin anew without a position."
            }
        }
    }
}

/// What a follower is to be sent.
pub(super) struct Outbox {
    sent: mpsc::Receiver<Message>,
    end: Option<oneshot::Receiver<End>>,
}

impl Outbox {
    /// The next message; none after the last one, which says why it is the last.
    pub(super) async fn next(&mut self) -> Option<Message> {
        if let Some(message) = self.sent.recv().await {
            return Some(message);
        }
        self.end.take()?.await.ok().map(Message::End)
    }
}

/// Asks whether the follower may go on.
#[async_trait]
pub(super) trait Admission: Send + Sync {
    /// False once it is known that it may not; what cannot be asked for now is no refusal.
    async fn holds(&self) -> bool;
}

/// One who follows.
pub(super) struct Follower {
    pub(super) seat: Seat,
    /// The last position that it has.
    pub(super) position: i64,
    /// The ledger's last position when it came.
    pub(super) head: i64,
    pub(super) admission: Box<dyn Admission>,
    pub(super) settings: LiveSettings,
    pub(super) stopping: CancellationToken,
}

impl Follower {
    /// Begins to follow, and gives what is sent.
    pub(super) fn start(self, tasks: &TaskTracker) -> Outbox {
        let ((queue, sent), (end, ended)) = (mpsc::channel(QUEUE_MAX), oneshot::channel());
        tasks.spawn(self.run(queue, end));
        Outbox { sent, end: Some(ended) }
    }

    /// Sends until the follower is gone or is let go.
    async fn run(mut self, queue: mpsc::Sender<Message>, ended: oneshot::Sender<End>) {
        let (stopping, replaced) = (self.stopping.clone(), self.seat.replaced().clone());
        let gone = queue.clone();
        let end = tokio::select! {
            // In this order: nothing of another ledger is sent after what was sent of the one before.
            biased;
            () = replaced.cancelled() => End::Replaced,
            () = stopping.cancelled() => End::Stopping,
            () = gone.closed() => return,
            end = self.follow(&queue) => end,
        };
        // Beside the queue, which may be full.
        let _told = ended.send(end);
    }

    async fn follow(&mut self, queue: &mpsc::Sender<Message>) -> End {
        let feed = Arc::clone(self.seat.feed());
        let mut newest = feed.newest();
        let hello = Message::Position { position: self.position, head: self.head };
        if !self.send(queue, hello).await {
            return End::TooSlow;
        }
        let mut beat_at = Instant::now() + self.settings.heartbeat;
        let mut ask_at = Instant::now() + self.settings.recheck;
        loop {
            if Instant::now() >= ask_at {
                if !self.admission.holds().await {
                    return End::NotAdmitted;
                }
                ask_at = Instant::now() + self.settings.recheck;
            }
            // Seen before memory is looked at: what comes after it wakes at once.
            newest.mark_unchanged();
            let sent = match self.send_more(&feed, queue, ask_at).await {
                Ok(sent) => sent,
                Err(end) => return end,
            };
            if sent {
                beat_at = Instant::now() + self.settings.heartbeat;
                continue;
            }
            tokio::select! {
                _more = newest.changed() => {}
                () = sleep_until(ask_at) => {}
                () = sleep_until(beat_at) => {
                    if !self.send(queue, Message::Beat).await {
                        return End::TooSlow;
                    }
                    beat_at = Instant::now() + self.settings.heartbeat;
                }
            }
        }
    }

    /// Sends the next events, if there are any. A log that cannot be read for now has none. One who takes them slowly gets no more of
    /// them than until it is to be asked again whether it may.
    async fn send_more(
        &mut self,
        feed: &Feed,
        queue: &mpsc::Sender<Message>,
        ask_at: Instant,
    ) -> Result<bool, End> {
        let Ok(events) = feed.after(self.position).await else { return Ok(false) };
        let any = !events.is_empty();
        for event in events {
            let position = event.position;
            if !self.send(queue, Message::Event(event)).await {
                return Err(End::TooSlow);
            }
            self.position = position;
            if Instant::now() >= ask_at {
                break;
            }
        }
        Ok(any)
    }

    /// False if it was not taken in time.
    async fn send(&self, queue: &mpsc::Sender<Message>, message: Message) -> bool {
        timeout(self.settings.patience, queue.send(message)).await.is_ok_and(|sent| sent.is_ok())
    }
}
