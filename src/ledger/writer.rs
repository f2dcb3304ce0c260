//! The group commit: one task gathers what concurrent commands append and commits it in one statement.
//!
//! It neither loads nor decides. A batch holds an order at most once, and no more events and bytes than the limits.
//! If a batch fails, its halves are tried, down to single members, so that a bad one fails alone.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use logistics_domain::OrderStreamId;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::append::Append;
use super::dedicated_connection::{ConnectionWithFacets, DedicatedConnection};
use super::error::{Failure, failure};
use super::statement;
use crate::postgres::in_time;
use crate::telemetry::meters;

/// How many orders' last versions are remembered; they spare a statement that could only fail.
const REMEMBERED_MAX: usize = 8192;

/// The longest that the writer waits for commands under way.
const GATHERED_FOR: Duration = Duration::from_millis(1);

/// The bounds of a batch.
#[derive(Clone, Debug)]
pub(super) struct BatchLimits {
    /// The most appends that wait in the queue.
    pub(super) queue: usize,
    /// The most events of one statement.
    pub(super) events: usize,
    /// About the most bytes of one statement.
    pub(super) bytes: usize,
    /// How long a commit may take before the connection is given up.
    pub(super) wait: Duration,
}

/// Why an append was not committed.
#[derive(Debug)]
pub(super) enum NotCommitted {
    /// The stream has moved on.
    Conflict,
    /// The database did not answer; whether it committed is not known.
    Away(Arc<sqlx::Error>),
    /// The database refused this very append.
    Rejected(Arc<sqlx::Error>),
}

/// The positions of the events.
type Answer = Result<Range<i64>, NotCommitted>;

/// An append that waits to be committed.
pub(super) struct Waiting {
    pub(super) append: Box<Append>,
    pub(super) answer: oneshot::Sender<Answer>,
}

impl Waiting {
    fn tell(self, answer: Answer) {
        if matches!(answer, Err(NotCommitted::Conflict)) {
            meters::conflicted();
        }
        // Whoever waited may have given up; what is committed stays committed.
        let _gone = self.answer.send(answer);
    }
}

/// The writing task's state.
pub(super) struct Writer {
    connection: DedicatedConnection,
    limits: BatchLimits,
    held: VecDeque<Waiting>,
    versions: HashMap<OrderStreamId, i64>,
    /// Told after each commit: there is something to count.
    noted: Arc<Notify>,
    /// How many commands are being run.
    under_way: Arc<AtomicUsize>,
}

impl Writer {
    pub(super) fn new(
        connection: DedicatedConnection,
        limits: BatchLimits,
        noted: Arc<Notify>,
        under_way: Arc<AtomicUsize>,
    ) -> Self {
        Self { connection, limits, held: VecDeque::new(), versions: HashMap::new(), noted, under_way }
    }

    /// Commits until the queue is closed and empty. Stopping closes it.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Waiting>, stopping: CancellationToken) {
        let mut arrived = Vec::with_capacity(self.limits.queue);
        loop {
            if self.held.is_empty() {
                tokio::select! {
                    biased;
                    count = queue.recv_many(&mut arrived, self.limits.queue) => if count == 0 { break },
                    () = stopping.cancelled(), if !queue.is_closed() => queue.close(),
                }
            }
            self.held.extend(arrived.drain(..));
            while self.held.len() < self.limits.queue
                && let Ok(waiting) = queue.try_recv()
            {
                self.held.push_back(waiting);
            }
            self.gather(&mut queue).await;
            let batch = self.cut();
            self.commit(batch).await;
        }
        self.connection.close().await;
    }

    /// Waits a moment for commands that are under way, until half of them are here: a statement costs the server about as much
    /// as three commands in it, so a full one now is better than a small one now and a full one next. A lone command waits for
    /// nobody.
    async fn gather(&mut self, queue: &mut mpsc::Receiver<Waiting>) {
        let until = Instant::now() + GATHERED_FOR;
        while self.held.len() * 2 < self.under_way.load(Ordering::Relaxed).min(self.limits.queue) {
            match timeout_at(until, queue.recv()).await {
                Ok(Some(waiting)) => self.held.push_back(waiting),
                _ => break,
            }
        }
    }

    /// Takes the next batch from those held: each order once, first come first served, within the limits.
    fn cut(&mut self) -> Vec<Waiting> {
        let (mut batch, mut later, mut orders) = (Vec::new(), VecDeque::new(), HashSet::new());
        let (mut events, mut bytes) = (0, 0);
        for waiting in self.held.drain(..) {
            if waiting.answer.is_closed() {
                continue;
            }
            let append = &waiting.append;
            if append.first_sequence().is_some_and(|first| self.versions.get(&append.stream) >= Some(&first))
            {
                waiting.tell(Err(NotCommitted::Conflict));
                continue;
            }
            let (more_events, more_bytes) = (events + append.events.len(), bytes + append.bytes());
            let full = more_events > self.limits.events || more_bytes > self.limits.bytes;
            if orders.contains(&append.stream) || (full && !batch.is_empty()) {
                orders.insert(append.stream);
                later.push_back(waiting);
                continue;
            }
            (events, bytes) = (more_events, more_bytes);
            orders.insert(append.stream);
            batch.push(waiting);
        }
        self.held = later;
        batch
    }

    /// Commits a batch, or as much of it as can be, and answers everyone in it.
    async fn commit(&mut self, batch: Vec<Waiting>) {
        let mut groups = vec![batch];
        while let Some(mut group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let (error, failure) = match self.attempt(&group).await {
                Ok(firsts) => {
                    self.noted.notify_one();
                    self.committed(group, firsts);
                    continue;
                }
                Err(told) => told,
            };
            match failure {
                Failure::Away => {
                    self.connection.discard();
                    // What comes back may be a server that knows less than was committed here.
                    self.versions.clear();
                    let error = Arc::new(error);
                    for waiting in groups.drain(..).flatten().chain(group) {
                        waiting.tell(Err(NotCommitted::Away(Arc::clone(&error))));
                    }
                }
                Failure::Conflict | Failure::Rejected if group.len() > 1 => {
                    groups.push(group.split_off(group.len() / 2));
                    groups.push(group);
                }
                Failure::Conflict => group.into_iter().for_each(|one| one.tell(Err(NotCommitted::Conflict))),
                Failure::Rejected => {
                    let error = Arc::new(error);
                    for waiting in group {
                        waiting.tell(Err(NotCommitted::Rejected(Arc::clone(&error))));
                    }
                }
            }
        }
    }

    /// Whatever keeps a connection from being opened says nothing of the appends.
    async fn attempt(&mut self, group: &[Waiting]) -> Result<Vec<i64>, (sqlx::Error, Failure)> {
        let appends: Vec<&Append> = group.iter().map(|waiting| waiting.append.as_ref()).collect();
        let ConnectionWithFacets { facets, connection } =
            self.connection.open().await.map_err(|error| (error, Failure::Away))?;
        let begun = Instant::now();
        let committed = in_time(self.limits.wait, statement::commit(connection, facets, &appends)).await;
        if committed.is_ok() {
            let events = appends.iter().map(|append| append.events.len()).sum();
            meters::committed(appends.len(), events, begun.elapsed());
        }
        committed.map_err(|error| {
            let failure = failure(&error);
            (error, failure)
        })
    }

    fn committed(&mut self, group: Vec<Waiting>, firsts: Vec<i64>) {
        if self.versions.len() > REMEMBERED_MAX {
            self.versions.clear();
        }
        for (waiting, first) in group.into_iter().zip(firsts) {
            let append = &waiting.append;
            if let Some(version) = append.last_sequence() {
                self.versions.insert(append.stream, version);
            }
            let count = i64::try_from(append.events.len()).unwrap_or(i64::MAX);
            waiting.tell(Ok(first..first + count));
        }
    }
}
