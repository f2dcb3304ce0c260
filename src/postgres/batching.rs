//! Batching of queries: what callers ask while a statement is running is asked together in the next one. A caller never gets the
//! result of a statement that began before it asked, and nothing is cached. There is one queue for each audience of a connection (one
//! tenant, or everybody), and the statement names the tenant besides.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::oneshot;

use super::connection_source::ConnectionSource;
use super::silence::{in_time, is_silence};

/// How long the database may take to answer before the connection is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// A query that answers questions of one kind, many at a time.
pub(crate) trait BatchedQuery: Send + Sync + 'static {
    /// Where its connections come from.
    type Source: ConnectionSource;
    /// What is asked.
    type Question: Copy + Eq + Hash + Send + Sync + 'static;
    /// What it is answered with.
    type Answer: Clone + Send + 'static;

    /// The most different questions of one statement.
    const BATCH_MAX: usize = 32;

    /// Answers the questions, which are all different; what is not there has no answer.
    fn answers(
        connection: &mut PgConnection,
        audience: &Audience<Self>,
        questions: &[Self::Question],
    ) -> impl Future<Output = sqlx::Result<Answers<Self>>> + Send;
}

/// Batches one query: a queue for each audience, there for as long as somebody works it off. Cloning shares the queues.
pub(crate) struct QueryBatcher<Q: BatchedQuery>(Arc<Mutex<Queues<Q>>>);

type Audience<Q> = <<Q as BatchedQuery>::Source as ConnectionSource>::Audience;

type Connection<Q> = <<Q as BatchedQuery>::Source as ConnectionSource>::Connection;

type Answers<Q> = HashMap<<Q as BatchedQuery>::Question, <Q as BatchedQuery>::Answer>;

type Queues<Q> = HashMap<Audience<Q>, Vec<Waiting<Q>>>;

/// What is asked, and where the answer goes.
type Waiting<Q> =
    (<Q as BatchedQuery>::Question, oneshot::Sender<Result<Option<<Q as BatchedQuery>::Answer>, Away>>);

/// The database gave no answer, or no connection, in time: to ask again at once would only wait again.
struct Away;

impl<Q: BatchedQuery> Clone for QueryBatcher<Q> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q: BatchedQuery> Default for QueryBatcher<Q> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Q: BatchedQuery> QueryBatcher<Q> {
    /// The answer, if there is one.
    pub(crate) async fn ask(
        &self,
        source: &Q::Source,
        audience: Audience<Q>,
        question: Q::Question,
    ) -> sqlx::Result<Option<Q::Answer>> {
        let (answer, answered) = oneshot::channel();
        let must_work = {
            let mut queues = self.queues();
            let queue = queues.entry(audience);
            let is_new = matches!(queue, Entry::Vacant(_));
            queue.or_default().push((question, answer));
            is_new
        };
        if must_work {
            // On its own, since whoever asked first may go away.
            let worker = QueueWorker { batcher: self.clone(), audience, has_ended: false };
            tokio::spawn(worker.run(source.clone()));
        }
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(Away)) => Err(sqlx::Error::PoolTimedOut),
            // The statement for many failed; why, each hears for itself.
            Err(_) => {
                let connection = source.connection_for(audience).await?;
                Ok(ask_over::<Q>(connection, audience, &[question]).await?.0.remove(&question))
            }
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues<Q>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answers, and the connection if the next statement may go over it too.
async fn ask_over<Q: BatchedQuery>(
    mut connection: Connection<Q>,
    audience: Audience<Q>,
    questions: &[Q::Question],
) -> sqlx::Result<(Answers<Q>, Option<Connection<Q>>)> {
    match in_time(ANSWER_WAIT, Q::answers(&mut connection, &audience, questions)).await {
        Ok(answers) => Ok((answers, Q::Source::take_back(connection))),
        Err(error) => {
            if is_silence(&error) {
                Q::Source::close(connection);
            }
            Err(error)
        }
    }
}

/// Works a queue off until it is empty. However it ends, nobody is left waiting: the next one who asks begins anew.
struct QueueWorker<Q: BatchedQuery> {
    batcher: QueryBatcher<Q>,
    audience: Audience<Q>,
    has_ended: bool,
}

impl<Q: BatchedQuery> QueueWorker<Q> {
    async fn run(mut self, source: Q::Source) {
        let mut kept = None;
        while let Some(queued) = self.goes_on() {
            // Who can go on goes first, since it may be about to ask.
            tokio::task::yield_now().await;
            let connection = match kept.take() {
                Some(connection) => Ok(connection),
                None => source.connection_for(self.audience).await,
            };
            let connection = match connection {
                Ok(connection) => connection,
                Err(error) => {
                    // Whoever came meanwhile may have better luck.
                    tell::<Q>(self.out_of_queue(|waiting| waiting.drain(..queued).collect()), &error);
                    continue;
                }
            };
            let (questions, batch) = self.next();
            if batch.is_empty() {
                kept = Q::Source::take_back(connection);
                continue;
            }
            match ask_over::<Q>(connection, self.audience, &questions).await {
                Ok((answers, connection)) => {
                    kept = connection;
                    for (question, answer) in batch {
                        // Who does not wait any more needs no answer.
                        let _gone = answer.send(Ok(answers.get(&question).cloned()));
                    }
                }
                // One connection may fail and the next one not.
                Err(error) => tell::<Q>(batch, &error),
            }
        }
    }

    /// What is asked next, and those who ask it, however many ask the same; who went away is left out.
    fn next(&self) -> (Vec<Q::Question>, Vec<Waiting<Q>>) {
        let mut questions = vec![];
        let batch = self.out_of_queue(|waiting| {
            waiting.retain(|(_, answer)| !answer.is_closed());
            let is_of_batch = |(question, _): &&Waiting<Q>| {
                let is_asked = questions.contains(question);
                if !is_asked && questions.len() < Q::BATCH_MAX {
                    questions.push(*question);
                    return true;
                }
                is_asked
            };
            let count = waiting.iter().take_while(is_of_batch).count();
            waiting.drain(..count).collect()
        });
        (questions, batch)
    }

    /// Takes some out of the queue. Nobody else does.
    fn out_of_queue(&self, take: impl FnOnce(&mut Vec<Waiting<Q>>) -> Vec<Waiting<Q>>) -> Vec<Waiting<Q>> {
        self.batcher.queues().get_mut(&self.audience).map(take).unwrap_or_default()
    }

    /// How many wait; if nobody does, the queue ends in the same moment, and the next one who asks begins it anew.
    fn goes_on(&mut self) -> Option<usize> {
        let mut queues = self.batcher.queues();
        let queued = queues.get(&self.audience).map_or(0, Vec::len);
        self.has_ended = queued == 0;
        if self.has_ended {
            queues.remove(&self.audience);
        }
        (queued > 0).then_some(queued)
    }
}

impl<Q: BatchedQuery> Drop for QueueWorker<Q> {
    fn drop(&mut self) {
        // After an end that was noted, another may be at it already.
        if !self.has_ended {
            let left = self.batcher.queues().remove(&self.audience);
            drop(left);
        }
    }
}

/// Tells them that the database was silent. Of any other failure each hears for itself.
fn tell<Q: BatchedQuery>(batch: Vec<Waiting<Q>>, error: &sqlx::Error) {
    if matches!(error, sqlx::Error::PoolTimedOut) || is_silence(error) {
        for (_, answer) in batch {
            let _gone = answer.send(Err(Away));
        }
    }
}
