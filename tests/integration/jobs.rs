//! Integration tests of the room `jobs`: several workers on a real PostgreSQL, with a clock in the test's hand.

mod endings;
mod enqueueing;
mod leases;
mod schedules;
mod working;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use logistics_ledger::clock::Clock;
use logistics_ledger::jobs::{Handler, Job, JobError, Lane, NewJob, Worker, WorkerSettings, enqueue};
use serde_json::json;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::database::TestDatabase;

const KIND: &str = "pack_parcel";

/// A database and a clock.
struct Bench {
    database: TestDatabase,
    clock: Clock,
}

impl Bench {
    async fn create() -> Self {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Self { database: TestDatabase::create_with(24).await, clock: Clock::manual(start) }
    }

    fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// The number of the one dead job.
    async fn dead_job(&self) -> i64 {
        let dead = sqlx::query_scalar("select id from jobs where state = 'dead'");
        dead.fetch_one(self.pool()).await.unwrap()
    }

    fn job(&self) -> NewJob {
        NewJob::due(KIND, json!({}), self.clock.now())
    }

    async fn enqueue(&self, job: &NewJob) -> bool {
        let mut conn = self.pool().acquire().await.unwrap();
        enqueue(&mut conn, job).await.unwrap()
    }

    fn worker(&self, lanes: Vec<Lane>) -> Worker {
        self.worker_with(settings(), lanes)
    }

    fn worker_with(&self, settings: WorkerSettings, lanes: Vec<Lane>) -> Worker {
        Worker::new(self.pool().clone(), self.clock.clone(), settings, lanes)
    }

    /// A worker with one lane for [`KIND`].
    fn worker_for(&self, handler: Arc<dyn Handler>) -> Worker {
        self.worker(vec![Lane::new("parcels", 4).handle(KIND, handler)])
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// State, attempts, seconds until it is due, and last error of the only job.
    async fn only_job(&self) -> (String, i32, i64, Option<String>) {
        let sql = "select state, attempts, run_at, last_error from jobs";
        let (state, attempts, run_at, error): (String, i32, DateTime<Utc>, Option<String>) =
            sqlx::query_as(sql).fetch_one(self.pool()).await.unwrap();
        (state, attempts, (run_at - self.clock.now()).num_seconds(), error)
    }

    async fn count(&self, state: &str) -> i64 {
        let sql = "select count(*) from jobs where state = $1";
        sqlx::query_scalar(sql).bind(state).fetch_one(self.pool()).await.unwrap()
    }

    /// Waits until so many jobs are in this state; a bound ends a test that would wait for ever.
    async fn until(&self, state: &str, count: i64) {
        for _ in 0..3000 {
            if self.count(state).await == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("there never were {count} jobs in the state {state}");
    }
}

/// Looks often, leases long.
fn settings() -> WorkerSettings {
    WorkerSettings { poll_every: Duration::from_millis(20), ..WorkerSettings::default() }
}

/// A worker at work, to be stopped or killed.
struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

fn start(worker: Worker) -> Running {
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(worker.run(shutdown.clone()));
    Running { shutdown, task }
}

impl Running {
    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }

    /// Ends it as a kill would: nothing is completed or given back.
    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// A handler that counts its calls and answers as the test says.
struct Counting<F> {
    answer: F,
    runs: AtomicUsize,
    burials: AtomicUsize,
    burial_failures: usize,
}

impl<F> Counting<F> {
    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    fn burials(&self) -> usize {
        self.burials.load(Ordering::SeqCst)
    }
}

fn answering<F>(answer: F) -> Arc<Counting<F>>
where
    F: Fn(&Job) -> Result<(), JobError> + Send + Sync,
{
    burying(0, answer)
}

/// The same, whose hook for dying jobs fails so many times.
fn burying<F>(burial_failures: usize, answer: F) -> Arc<Counting<F>>
where
    F: Fn(&Job) -> Result<(), JobError> + Send + Sync,
{
    let (runs, burials) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Arc::new(Counting { answer, runs, burials, burial_failures })
}

#[async_trait]
impl<F> Handler for Counting<F>
where
    F: Fn(&Job) -> Result<(), JobError> + Send + Sync,
{
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        (self.answer)(job)
    }

    async fn on_dead(&self, _job: &Job, _reason: &str) -> Result<(), JobError> {
        let earlier = self.burials.fetch_add(1, Ordering::SeqCst);
        if earlier < self.burial_failures { Err(JobError::retry("the grave is full")) } else { Ok(()) }
    }
}

/// A handler that never ends by itself, and tells how many of it are at work.
#[derive(Default)]
struct Hanging {
    at_work: Arc<AtomicUsize>,
}

/// Counts down when the attempt ends or is cut off.
struct AtWork(Arc<AtomicUsize>);

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Hanging {
    async fn until_at_work(&self, count: usize) {
        for _ in 0..3000 {
            if self.at_work.load(Ordering::SeqCst) == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("there never were {count} attempts at work");
    }
}

#[async_trait]
impl Handler for Hanging {
    async fn run(&self, _job: &Job) -> Result<(), JobError> {
        self.at_work.fetch_add(1, Ordering::SeqCst);
        let _at_work = AtWork(self.at_work.clone());
        std::future::pending().await
    }
}
