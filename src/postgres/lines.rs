//! Lines before a desk: what readers of one tenant ask for while a statement is on its way is asked for together, so that many at
//! once cost few statements.
//!
//! A question waits for a statement that begins after it, never for one that is on its way already, so nobody is told what was
//! true before the question. Nothing is remembered. Each tenant has a line of its own, which is there for as long as somebody
//! stands in it, and its statements are asked over a [`Reading`](super::Reading) of that tenant and in its scope: two walls, as
//! everywhere.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use logistics_domain::TenantId;
use logistics_projections::TenantScope;
use sqlx::PgConnection;
use tokio::sync::oneshot;

use super::reader::Reader;
use super::silence::{in_time, is_silence};

/// The most questions of one statement.
const TOGETHER_MAX: usize = 32;

/// How long the database may take to answer before the connection is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// What answers questions of one kind, many at a time.
pub(crate) trait Desk: Send + Sync + 'static {
    /// What is asked.
    type Question: Copy + Ord + Hash + Send + 'static;
    /// What it is answered with.
    type Answer: Clone + Send + 'static;

    /// Answers the questions, which are all different; what is not there has no answer.
    fn answers(
        connection: &mut PgConnection,
        scope: &TenantScope,
        questions: &[Self::Question],
    ) -> impl Future<Output = sqlx::Result<HashMap<Self::Question, Self::Answer>>> + Send;
}

/// The lines of all tenants before one desk, each for as long as somebody serves it. Cloning shares them.
pub(crate) struct Lines<D: Desk>(Arc<Mutex<Held<D>>>);

type Held<D> = HashMap<TenantId, Vec<Waiting<D>>>;

/// What is asked, and where the answer goes.
type Waiting<D> = (<D as Desk>::Question, oneshot::Sender<Result<Option<<D as Desk>::Answer>, Away>>);

/// The database gave no answer, or no connection, in time: to ask again at once would only wait again.
struct Away;

impl<D: Desk> Clone for Lines<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Desk> Default for Lines<D> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<D: Desk> Lines<D> {
    /// The answer, if there is one.
    pub(crate) async fn ask(
        &self,
        reader: &Reader,
        scope: &TenantScope,
        question: D::Question,
    ) -> sqlx::Result<Option<D::Answer>> {
        let (answer, answered) = oneshot::channel();
        let must_serve = {
            let mut lines = self.held();
            let must_serve = !lines.contains_key(&scope.tenant());
            lines.entry(scope.tenant()).or_default().push((question, answer));
            must_serve
        };
        if must_serve {
            // On its own, since whoever asked first may go away.
            let serving = Serving { lines: self.clone(), scope: *scope, has_ended: false };
            tokio::spawn(serving.serve(reader.clone()));
        }
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(Away)) => Err(sqlx::Error::PoolTimedOut),
            // The statement for many failed; why, each hears for itself.
            Err(_) => ask_alone::<D>(reader, scope, question).await,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask_alone<D: Desk>(
    reader: &Reader,
    scope: &TenantScope,
    question: D::Question,
) -> sqlx::Result<Option<D::Answer>> {
    let mut reading = reader.of(scope.tenant()).await?;
    let answers = in_time(ANSWER_WAIT, D::answers(&mut reading, scope, &[question])).await;
    if answers.as_ref().is_err_and(is_silence) {
        reading.close_on_drop();
    }
    let mut answers = answers?;
    reading.release();
    Ok(answers.remove(&question))
}

/// Serves a tenant's line until it is empty. However it ends, nobody is left waiting: the next one who asks begins anew.
struct Serving<D: Desk> {
    lines: Lines<D>,
    scope: TenantScope,
    has_ended: bool,
}

impl<D: Desk> Serving<D> {
    async fn serve(mut self, reader: Reader) {
        while let Some(standing) = self.goes_on() {
            // Who can go on goes first, since it may be about to ask.
            tokio::task::yield_now().await;
            let mut reading = match reader.of(self.scope.tenant()).await {
                Ok(reading) => reading,
                Err(error) if matches!(error, sqlx::Error::PoolTimedOut) || is_silence(&error) => {
                    // Whoever came meanwhile may have better luck.
                    tell_away::<D>(self.take(standing));
                    continue;
                }
                Err(_) => return,
            };
            let together = self.next();
            if together.is_empty() {
                reading.release();
                continue;
            }
            let mut questions: Vec<D::Question> = together.iter().map(|(question, _)| *question).collect();
            questions.sort_unstable();
            questions.dedup();
            let answers = match in_time(ANSWER_WAIT, D::answers(&mut reading, &self.scope, &questions)).await
            {
                Ok(answers) => answers,
                Err(error) => {
                    if !is_silence(&error) {
                        return;
                    }
                    // One connection may be silent and the next one not.
                    reading.close_on_drop();
                    tell_away::<D>(together);
                    continue;
                }
            };
            reading.release();
            for (question, answer) in together {
                // Who does not wait any more needs no answer.
                let _gone = answer.send(Ok(answers.get(&question).cloned()));
            }
        }
    }

    /// Those who wait, as many as are served together; who went away is left out.
    fn next(&self) -> Vec<Waiting<D>> {
        let mut lines = self.lines.held();
        let Some(waiting) = lines.get_mut(&self.scope.tenant()) else { return vec![] };
        waiting.retain(|(_, answer)| !answer.is_closed());
        let count = waiting.len().min(TOGETHER_MAX);
        waiting.drain(..count).collect()
    }

    /// The first so many of those who wait.
    fn take(&self, count: usize) -> Vec<Waiting<D>> {
        let mut lines = self.lines.held();
        let Some(waiting) = lines.get_mut(&self.scope.tenant()) else { return vec![] };
        waiting.drain(..count.min(waiting.len())).collect()
    }

    /// How many wait; if nobody does, the line ends in the same moment, and the next one who asks has it served anew.
    fn goes_on(&mut self) -> Option<usize> {
        let mut lines = self.lines.held();
        let standing = lines.get(&self.scope.tenant()).map_or(0, Vec::len);
        self.has_ended = standing == 0;
        if self.has_ended {
            lines.remove(&self.scope.tenant());
        }
        (standing > 0).then_some(standing)
    }

    /// Ends the line, with those who still wait.
    fn end(&mut self) -> Vec<Waiting<D>> {
        // After an end that was noted, another may be at it already.
        if std::mem::replace(&mut self.has_ended, true) {
            return vec![];
        }
        self.lines.held().remove(&self.scope.tenant()).unwrap_or_default()
    }
}

/// Tells them that there will be no answer.
fn tell_away<D: Desk>(together: Vec<Waiting<D>>) {
    for (_, answer) in together {
        let _gone = answer.send(Err(Away));
    }
}

impl<D: Desk> Drop for Serving<D> {
    fn drop(&mut self) {
        drop(self.end());
    }
}
