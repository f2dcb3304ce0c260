//! Looks keys up, those that are asked for while an answer is on its way together: many callers at once cost few statements.
//!
//! A question waits for the statement that begins after it, never for an answer that is there already, so a key that was revoked
//! opens nothing from then on. Nothing is remembered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::oneshot;

use super::keys::{Found, find_keys};
use crate::postgres::{in_time, is_silence};

/// The most keys of one statement.
const TOGETHER_MAX: usize = 64;

/// How long the database may take to answer before the connection is given up.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// The hash of a key.
pub(super) type KeyHash = [u8; 32];

/// Who waits for an answer. Cloning shares it.
#[derive(Clone, Default)]
pub(super) struct KeyLine(Arc<Mutex<Line>>);

/// What is asked for, and where the answer goes.
type Waiting = (KeyHash, oneshot::Sender<Result<Option<Found>, Away>>);

/// The database gave no answer, or no connection, in time: to ask again at once would only wait again.
struct Away;

#[derive(Default)]
struct Line {
    waiting: Vec<Waiting>,
    is_served: bool,
}

impl KeyLine {
    /// What is stored under the hash, if the key was not revoked.
    pub(super) async fn find(&self, pool: &PgPool, hash: KeyHash) -> sqlx::Result<Option<Found>> {
        let (answer, answered) = oneshot::channel();
        let must_serve = {
            let mut line = self.line();
            line.waiting.push((hash, answer));
            !std::mem::replace(&mut line.is_served, true)
        };
        if must_serve {
            // On its own, since whoever asked first may go away.
            let serving = Serving { line: self.clone(), has_ended: false };
            tokio::spawn(serving.serve(pool.clone()));
        }
        match answered.await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(Away)) => Err(sqlx::Error::PoolTimedOut),
            // The statement for many failed; why, each hears for itself.
            Err(_) => find_alone(pool, hash).await,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn find_alone(pool: &PgPool, hash: KeyHash) -> sqlx::Result<Option<Found>> {
    let mut connection = pool.acquire().await?;
    let found = in_time(ANSWER_WAIT, find_keys(&mut connection, &[hash])).await;
    if found.as_ref().is_err_and(is_silence) {
        connection.close_on_drop();
    }
    Ok(found?.into_iter().next())
}

/// Serves the line until it is empty. However it ends, nobody is left waiting: the next one who asks begins anew.
struct Serving {
    line: KeyLine,
    has_ended: bool,
}

impl Serving {
    async fn serve(mut self, pool: PgPool) {
        let mut connection = match pool.acquire().await {
            Ok(connection) => connection,
            Err(sqlx::Error::PoolTimedOut) => return self.give_up(vec![]),
            Err(_) => return,
        };
        loop {
            // Who can go on goes first, since it may be about to ask.
            tokio::task::yield_now().await;
            let together = self.next();
            if together.is_empty() {
                return;
            }
            let mut hashes: Vec<KeyHash> = together.iter().map(|(hash, _)| *hash).collect();
            hashes.sort_unstable();
            hashes.dedup();
            let found = in_time(ANSWER_WAIT, find_keys(&mut connection, &hashes)).await;
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    if is_silence(&error) {
                        connection.close_on_drop();
                        self.give_up(together);
                    }
                    return;
                }
            };
            let found: HashMap<KeyHash, Found> =
                found.into_iter().map(|found| (found.key_hash, found)).collect();
            for (hash, answer) in together {
                // Who does not wait any more needs no answer.
                let _gone = answer.send(Ok(found.get(&hash).cloned()));
            }
        }
    }

    /// Tells all who wait that there will be no answer.
    fn give_up(&mut self, mut together: Vec<Waiting>) {
        together.append(&mut self.line.line().waiting);
        for (_, answer) in together {
            let _gone = answer.send(Err(Away));
        }
    }

    /// Those who wait, as many as are served together; at the end nobody serves the line any more.
    fn next(&mut self) -> Vec<Waiting> {
        let mut line = self.line.line();
        let count = line.waiting.len().min(TOGETHER_MAX);
        self.has_ended = count == 0;
        line.is_served = !self.has_ended;
        line.waiting.drain(..count).collect()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After an end that was noted, another may be at it already.
        if !self.has_ended {
            let mut line = self.line.line();
            line.is_served = false;
            line.waiting.clear();
        }
    }
}
