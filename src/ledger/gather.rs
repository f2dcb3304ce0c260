//! Reading orders for commands: what many ask for at the same time is gathered, so that they share one query.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use logistics_domain::OrderStreamId;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::dedicated_connection::DedicatedConnection;
use super::error::LedgerError;
use super::stored::{Asked, Stored, read};
use crate::postgres::in_time;

/// How many readers work at the same time. While one waits for the database, the other's orders are folded.
const READERS: usize = 2;
/// The most questions that wait for a reader.
const QUESTIONS_MAX: usize = 512;
/// The most orders of one query. Few enough that the first of them can be decided on while the next are read.
const GATHERED_MAX: usize = 24;

/// What is stored of an order; none where its stream has not begun, or does not reach to where it was asked from.
pub(super) type Found = Option<Arc<Stored>>;

/// A question that waits for its answer.
struct Question {
    asked: Asked,
    answer: oneshot::Sender<Result<Found, LedgerError>>,
}

/// Where orders are asked for.
pub(super) struct Readers(Vec<mpsc::Sender<Question>>);

impl Readers {
    /// Starts the readers, each with a connection of its own; they end when they are stopped. A query that takes longer than
    /// `wait` is given up with its connection.
    pub(super) fn start(
        connection: impl Fn() -> DedicatedConnection,
        wait: Duration,
        stopping: &CancellationToken,
    ) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (mut senders, mut tasks) = (Vec::new(), Vec::new());
        for _ in 0..READERS {
            let (ask, asked) = mpsc::channel(QUESTIONS_MAX);
            let reader = Reader { connection: connection(), wait };
            tasks.push(tokio::spawn(reader.run(asked, stopping.clone())));
            senders.push(ask);
        }
        (Self(senders), tasks)
    }

    /// What is stored of an order, its events from the given one on. The id of a stream is a hash already, so any part of it
    /// spreads evenly.
    pub(super) async fn find(&self, stream: OrderStreamId, first: i64) -> Result<Found, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let reader = &self.0[usize::from(stream.0.as_bytes()[14]) % self.0.len()];
        reader.send(Question { asked: (stream.0, first), answer }).await.map_err(|_| LedgerError::Stopped)?;
        answered.await.map_err(|_| LedgerError::Stopped)?
    }
}

struct Reader {
    connection: DedicatedConnection,
    wait: Duration,
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
            if !questions.is_empty() {
                self.answer(&mut questions).await;
            }
        }
        self.connection.close().await;
    }

    async fn answer(&mut self, questions: &mut Vec<Question>) {
        let mut asked: Vec<Asked> = questions.iter().map(|question| question.asked).collect();
        asked.sort_unstable();
        asked.dedup();
        let found = self.stored(&asked).await;
        for Question { asked, answer } in questions.drain(..) {
            let told = match &found {
                Ok(stored) => Ok(stored.get(&asked).cloned()),
                Err(error) => Err(error.clone()),
            };
            // Whoever asked may have given up.
            let _gone = answer.send(told);
        }
    }

    /// A lost connection is replaced once: to read twice is harmless.
    async fn stored(&mut self, asked: &[Asked]) -> Result<HashMap<Asked, Arc<Stored>>, LedgerError> {
        if let Ok(found) = self.attempt(asked).await {
            return Ok(found);
        }
        self.connection.discard();
        let found = self.attempt(asked).await;
        if found.is_err() {
            self.connection.discard();
        }
        found.map_err(Into::into)
    }

    async fn attempt(&mut self, asked: &[Asked]) -> sqlx::Result<HashMap<Asked, Arc<Stored>>> {
        let own = self.connection.open().await?;
        in_time(self.wait, read(&mut own.connection, asked)).await
    }
}
