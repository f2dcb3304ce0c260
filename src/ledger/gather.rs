//! Reading orders for commands. A lone order is read by postgres-es; what many commands ask for at the same time is
//! gathered, so that they share one query.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::persist::{PersistedEventRepository, SerializedEvent};
use logistics_domain::{LogisticsOrder, OrderStreamId};
use postgres_es::PostgresEventRepository;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::error::LedgerError;
use super::line::Line;
use super::stored::{Stored, StreamRecord, read, record};

/// How many readers work at the same time. While one waits for the database, the other's orders are folded.
const READERS: usize = 2;
/// The most questions that wait for a reader.
const QUESTIONS_MAX: usize = 512;
/// The most orders of one query. Few enough that the first of them can be decided on while the next are read.
const GATHERED_MAX: usize = 24;

/// An order's history, as it was read.
pub(super) enum History {
    /// By postgres-es.
    Events(Vec<SerializedEvent>),
    /// By a query that was shared with others; none where the stream has not begun.
    Rows(Option<Arc<Stored>>),
}

/// What is stored of an order: its history, and what is known of the stream beside it.
pub(super) struct Found {
    pub(super) history: History,
    pub(super) record: Option<StreamRecord>,
}

impl From<Option<Arc<Stored>>> for Found {
    fn from(stored: Option<Arc<Stored>>) -> Self {
        let record = stored.as_ref().map(|stored| stored.record.clone());
        Self { history: History::Rows(stored), record }
    }
}

/// A question that waits for its answer.
struct Question {
    stream: Uuid,
    answer: oneshot::Sender<Result<Found, LedgerError>>,
}

/// Where orders are asked for.
pub(super) struct Readers(Vec<mpsc::Sender<Question>>);

impl Readers {
    /// Starts the readers, each with a connection of its own; they end when they are stopped.
    pub(super) fn start(
        line: impl Fn() -> Line,
        repository: &Arc<PostgresEventRepository>,
        stopping: &CancellationToken,
    ) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (mut senders, mut tasks) = (Vec::new(), Vec::new());
        for _ in 0..READERS {
            let (ask, asked) = mpsc::channel(QUESTIONS_MAX);
            let reader = Reader { line: line(), repository: Arc::clone(repository) };
            tasks.push(tokio::spawn(reader.run(asked, stopping.clone())));
            senders.push(ask);
        }
        (Self(senders), tasks)
    }

    /// What is stored of an order. The id of a stream is a hash already, so any part of it spreads evenly.
    pub(super) async fn find(&self, stream: OrderStreamId) -> Result<Found, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let reader = &self.0[usize::from(stream.0.as_bytes()[14]) % self.0.len()];
        reader.send(Question { stream: stream.0, answer }).await.map_err(|_| LedgerError::Stopped)?;
        answered.await.map_err(|_| LedgerError::Stopped)?
    }
}

struct Reader {
    line: Line,
    repository: Arc<PostgresEventRepository>,
}

impl Reader {
    /// Answers until nobody can ask any more. Stopping takes no more questions.
    async fn run(mut self, mut asked: mpsc::Receiver<Question>, stopping: CancellationToken) {
        let mut questions = Vec::with_capacity(GATHERED_MAX);
        loop {
            tokio::select! {
                biased;
                count = asked.recv_many(&mut questions, GATHERED_MAX) => if count == 0 { break },
                () = stopping.cancelled(), if !asked.is_closed() => asked.close(),
            }
            questions.retain(|question| !question.answer.is_closed());
            match questions.len() {
                0 => {}
                1 => {
                    let Question { stream, answer } = questions.remove(0);
                    // Whoever asked may have given up.
                    let _gone = answer.send(self.find_one(stream).await);
                }
                _ => self.find_many(&mut questions).await,
            }
        }
        self.line.close().await;
    }

    /// The history by postgres-es, and beside it what else is known of the stream.
    async fn find_one(&mut self, stream: Uuid) -> Result<Found, LedgerError> {
        let id = stream.to_string();
        let repository = Arc::clone(&self.repository);
        let history = async {
            let events = repository.get_events::<LogisticsOrder>(&id).await;
            events.map_err(|error| LedgerError::from_framework(Box::new(error)))
        };
        let (events, mut known) = tokio::try_join!(history, self.record(stream))?;
        if known.is_none() && !events.is_empty() {
            // The stream began between the two reads.
            known = self.record(stream).await?;
        }
        Ok(Found { history: History::Events(events), record: known })
    }

    async fn find_many(&mut self, questions: &mut Vec<Question>) {
        let streams: Vec<Uuid> = questions.iter().map(|question| question.stream).collect();
        let found = self.stored(&streams).await;
        for Question { stream, answer } in questions.drain(..) {
            let told = match &found {
                Ok(stored) => Ok(Found::from(stored.get(&stream).cloned())),
                Err(error) => Err(error.clone()),
            };
            let _gone = answer.send(told);
        }
    }

    /// A lost connection is replaced once: to read twice is harmless.
    async fn record(&mut self, stream: Uuid) -> Result<Option<StreamRecord>, LedgerError> {
        if let Ok(connection) = self.line.open().await
            && let Ok(found) = record(connection, stream).await
        {
            return Ok(found);
        }
        self.line.hang_up();
        record(self.line.open().await?, stream).await.map_err(Into::into)
    }

    async fn stored(&mut self, streams: &[Uuid]) -> Result<HashMap<Uuid, Arc<Stored>>, LedgerError> {
        if let Ok(connection) = self.line.open().await
            && let Ok(found) = read(connection, streams).await
        {
            return Ok(found);
        }
        self.line.hang_up();
        read(self.line.open().await?, streams).await.map_err(Into::into)
    }
}
