//! Lines before a desk: what is asked while a statement is on its way is asked together, so that many who ask at once cost few
//! statements.
//!
//! A question waits for a statement that begins after it, never for one that is on its way already, so nobody is told what was
//! true before the question. Nothing is remembered. A line is there for as long as somebody stands in it. Where connections see one
//! tenant each, so do lines, and the statement names the tenant as well: two walls, as everywhere.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::oneshot;

use super::lender::Lender;
use super::silence::{in_time, is_silence};

/// How long the database may take to answer before the connection is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// What answers questions of one kind, many at a time.
pub(crate) trait Desk: Send + Sync + 'static {
    /// Where its connections come from.
    type Lender: Lender;
    /// What is asked.
    type Question: Copy + Eq + Hash + Send + Sync + 'static;
    /// What it is answered with.
    type Answer: Clone + Send + 'static;

    /// The most different questions of one statement.
    const TOGETHER_MAX: usize = 32;

    /// Answers the questions, which are all different; what is not there has no answer.
    fn answers(
        connection: &mut PgConnection,
        whose: &Whose<Self>,
        questions: &[Self::Question],
    ) -> impl Future<Output = sqlx::Result<Answers<Self>>> + Send;
}

/// The lines of all before one desk, each for as long as somebody serves it. Cloning shares them.
pub(crate) struct Lines<D: Desk>(Arc<Mutex<Held<D>>>);

type Whose<D> = <<D as Desk>::Lender as Lender>::Whose;

type Lent<D> = <<D as Desk>::Lender as Lender>::Lent;

type Answers<D> = HashMap<<D as Desk>::Question, <D as Desk>::Answer>;

type Held<D> = HashMap<Whose<D>, Vec<Waiting<D>>>;

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
        lender: &D::Lender,
        whose: Whose<D>,
        question: D::Question,
    ) -> sqlx::Result<Option<D::Answer>> {
        let (answer, answered) = oneshot::channel();
        let must_serve = {
            let mut lines = self.held();
            let line = lines.entry(whose);
            let is_new = matches!(line, Entry::Vacant(_));
            line.or_default().push((question, answer));
            is_new
        };
        if must_serve {
            // On its own, since whoever asked first may go away.
            let serving = Serving { lines: self.clone(), whose, has_ended: false };
            tokio::spawn(serving.serve(lender.clone()));
        }
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(Away)) => Err(sqlx::Error::PoolTimedOut),
            // The statement for many failed; why, each hears for itself.
            Err(_) => {
                let lent = lender.lend(whose).await?;
                Ok(ask_over::<D>(lent, whose, &[question]).await?.0.remove(&question))
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answers, and the connection if the next statement may go over it too.
async fn ask_over<D: Desk>(
    mut lent: Lent<D>,
    whose: Whose<D>,
    questions: &[D::Question],
) -> sqlx::Result<(Answers<D>, Option<Lent<D>>)> {
    match in_time(ANSWER_WAIT, D::answers(&mut lent, &whose, questions)).await {
        Ok(answers) => Ok((answers, D::Lender::take_back(lent))),
        Err(error) => {
            if is_silence(&error) {
                D::Lender::close(lent);
            }
            Err(error)
        }
    }
}

/// Serves a line until it is empty. However it ends, nobody is left waiting: the next one who asks begins anew.
struct Serving<D: Desk> {
    lines: Lines<D>,
    whose: Whose<D>,
    has_ended: bool,
}

impl<D: Desk> Serving<D> {
    async fn serve(mut self, lender: D::Lender) {
        let mut kept = None;
        while let Some(standing) = self.goes_on() {
            // Who can go on goes first, since it may be about to ask.
            tokio::task::yield_now().await;
            let lent = match kept.take() {
                Some(lent) => Ok(lent),
                None => lender.lend(self.whose).await,
            };
            let lent = match lent {
                Ok(lent) => lent,
                Err(error) => {
                    // Whoever came meanwhile may have better luck.
                    tell::<D>(self.of_line(|waiting| waiting.drain(..standing).collect()), &error);
                    continue;
                }
            };
            let (questions, together) = self.next();
            if together.is_empty() {
                kept = D::Lender::take_back(lent);
                continue;
            }
            match ask_over::<D>(lent, self.whose, &questions).await {
                Ok((answers, lent)) => {
                    kept = lent;
                    for (question, answer) in together {
                        // Who does not wait any more needs no answer.
                        let _gone = answer.send(Ok(answers.get(&question).cloned()));
                    }
                }
                // One connection may fail and the next one not.
                Err(error) => tell::<D>(together, &error),
            }
        }
    }

    /// What is asked next, and those who ask it, however many ask the same; who went away is left out.
    fn next(&self) -> (Vec<D::Question>, Vec<Waiting<D>>) {
        let mut questions = vec![];
        let together = self.of_line(|waiting| {
            waiting.retain(|(_, answer)| !answer.is_closed());
            let are_together = |(question, _): &&Waiting<D>| {
                let is_asked = questions.contains(question);
                if !is_asked && questions.len() < D::TOGETHER_MAX {
                    questions.push(*question);
                    return true;
                }
                is_asked
            };
            let count = waiting.iter().take_while(are_together).count();
            waiting.drain(..count).collect()
        });
        (questions, together)
    }

    /// Takes some out of the line. Nobody else does.
    fn of_line(&self, take: impl FnOnce(&mut Vec<Waiting<D>>) -> Vec<Waiting<D>>) -> Vec<Waiting<D>> {
        self.lines.held().get_mut(&self.whose).map(take).unwrap_or_default()
    }

    /// How many wait; if nobody does, the line ends in the same moment, and the next one who asks has it served anew.
    fn goes_on(&mut self) -> Option<usize> {
        let mut lines = self.lines.held();
        let standing = lines.get(&self.whose).map_or(0, Vec::len);
        self.has_ended = standing == 0;
        if self.has_ended {
            lines.remove(&self.whose);
        }
        (standing > 0).then_some(standing)
    }
}

impl<D: Desk> Drop for Serving<D> {
    fn drop(&mut self) {
        // After an end that was noted, another may be at it already.
        if !self.has_ended {
            let left = self.lines.held().remove(&self.whose);
            drop(left);
        }
    }
}

/// Tells them that the database was silent. Of any other failure each hears for itself.
fn tell<D: Desk>(together: Vec<Waiting<D>>, error: &sqlx::Error) {
    if matches!(error, sqlx::Error::PoolTimedOut) || is_silence(error) {
        for (_, answer) in together {
            let _gone = answer.send(Err(Away));
        }
    }
}
