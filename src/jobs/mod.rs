//! Durable jobs in PostgreSQL: enqueued in the transaction that causes them, leased to one worker at a time, retried,
//! and kept as dead letters when given up. Effects on the outside happen at least once; a job's id makes the
//! idempotency key. Absent here: what any kind of job does.

mod dead_letter;
mod enqueue;
mod keeper;
mod lane;
mod lease;
mod listener;
mod outage;
mod pulse;
mod run;
mod running;
mod schedule;
mod settle;
mod worker;
mod workload;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

pub use dead_letter::{Backlog, Revival, backlog, retry_dead};
pub use enqueue::{NewJob, enqueue};
pub use lane::Lane;
pub(crate) use lease::CLOCKS_APART_MAX;
pub use lease::is_at_work;
pub use pulse::Pulse;
pub use schedule::{put_schedule, remove_schedule};
pub use settle::complete_in;
pub(crate) use settle::storable_reason;
pub use worker::{Worker, WorkerSettings};
pub use workload::{Workload, workload};

/// Why the tables of jobs could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// The database refused or did not answer.
    #[error("the database did not take or give jobs; it is tried again")]
    Database(#[from] sqlx::Error),
}

/// A job that this worker holds the lease of.
#[derive(Clone)]
pub struct Job {
    /// Number of the job, the same in every attempt: an idempotency key for calls to the outside.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// What the handler needs to know.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempts: i32,
    /// After so many attempts the job is dead. One that was lost with its worker may not count.
    pub max_attempts: i32,
    /// The tenant the work is for, where it is for one.
    pub tenant: Option<i64>,
    /// Why the attempt before failed.
    pub last_error: Option<String>,
    lease_token: Uuid,
    completed_inside: Arc<AtomicBool>,
}

impl Job {
    /// Whether no further attempt follows this one, unless its worker is lost.
    pub fn is_last_attempt(&self) -> bool {
        self.attempts >= self.max_attempts
    }

    /// The id in a field of the payload; a job without it can never be done.
    pub fn id_in(&self, field: &str) -> Result<Uuid, JobError> {
        let text = self.payload.get(field).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok())
            .ok_or_else(|| JobError::dead(format!("the payload has no id in {field}")))
    }

    /// Whether the handler completed the job in a transaction of its own.
    fn is_completed_inside(&self) -> bool {
        self.completed_inside.load(Ordering::Acquire)
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Job");
        shown.field("id", &self.id).field("kind", &self.kind).field("attempts", &self.attempts);
        shown.finish_non_exhaustive()
    }
}

/// How long a job waits that is tried again. What a handler names counts for a day at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For as long as the job says.
    Own,
    /// For so long, since the handler knows better than the job.
    Exactly(Duration),
    /// For as long as the job says, and no shorter than this. Who was told to come back after a moment may be told the same
    /// again: were that moment all, a job that is to outlast an outage would have used up its attempts in minutes.
    AtLeast(Duration),
}

/// Why an attempt failed. The reason is stored and shown to operators: no secret, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// It may succeed later.
    #[error("{reason}")]
    Retry {
        /// What went wrong.
        reason: String,
        /// How long to wait before.
        wait: Wait,
    },
    /// It will never succeed; a person decides.
    #[error("{reason}")]
    Dead {
        /// What went wrong.
        reason: String,
    },
}

impl JobError {
    /// A failure that may pass, tried again after the job's own wait.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), wait: Wait::Own }
    }

    /// A failure that may pass after a known time.
    pub fn retry_after(reason: impl Into<String>, after: Duration) -> Self {
        Self::Retry { reason: reason.into(), wait: Wait::Exactly(after) }
    }

    /// A failure that may pass, tried again after the job's own wait, and no sooner than somebody else asked for, where
    /// somebody did.
    pub fn retry_no_sooner(reason: impl Into<String>, asked_for: Option<Duration>) -> Self {
        Self::Retry { reason: reason.into(), wait: asked_for.map_or(Wait::Own, Wait::AtLeast) }
    }

    /// A failure that no further attempt can heal.
    pub fn dead(reason: impl Into<String>) -> Self {
        Self::Dead { reason: reason.into() }
    }
}

/// Does the jobs of a kind. An attempt may be cut off at any `await` (lost lease, shutdown, time limit) and repeated,
/// so whatever it does must be harmless when done twice.
#[async_trait]
pub trait Handler: Send + Sync {
    /// One attempt. Database writes that must happen once go with [`complete_in`] in one transaction.
    async fn run(&self, job: &Job) -> Result<(), JobError>;

    /// Called before the job is marked dead, whether by its last attempt or because its workers vanished. An error
    /// puts the burial off, a few times at most; it can be called more than once.
    async fn on_dead(&self, _job: &Job, _reason: &str) -> Result<(), JobError> {
        Ok(())
    }
}
