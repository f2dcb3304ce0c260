//! How attempts end: retried after a wait, dead with a hook before, and revived by a person.

use std::time::Duration;

use async_trait::async_trait;
use logistics_ledger::clock::Clock;
use logistics_ledger::jobs::{Handler, Job, JobError, Revival, complete_in, enqueue, retry_dead};
use sqlx::PgPool;

use super::{Bench, answering, burying};

fn failing(_: &Job) -> Result<(), JobError> {
    Err(JobError::retry("upstream is away"))
}

#[tokio::test]
async fn a_failed_attempt_waits_its_fixed_time() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().attempts(3, Duration::from_secs(30))).await;
    let handler = answering(failing);
    let worker = bench.worker_for(handler.clone());
    for attempt in 1..3 {
        assert_eq!(worker.run_due(10).await.unwrap(), 1);
        let waiting = ("ready".to_owned(), attempt, 30, Some("upstream is away".to_owned()));
        assert_eq!(bench.only_job().await, waiting);
        bench.advance(29);
        assert_eq!(worker.run_due(10).await.unwrap(), 0);
        bench.advance(1);
    }
    assert_eq!(handler.runs(), 2);
}

#[tokio::test]
async fn a_growing_wait_doubles_up_to_its_cap() {
    let bench = Bench::create().await;
    let job = bench.job().attempts(5, Duration::from_secs(10)).growing_to(Duration::from_secs(30));
    bench.enqueue(&job).await;
    let worker = bench.worker_for(answering(failing));
    for wait in [10, 20, 30, 30] {
        assert_eq!(worker.run_due(10).await.unwrap(), 1);
        assert_eq!(bench.only_job().await.2, wait);
        bench.advance(wait);
    }
}

#[tokio::test]
async fn a_wait_that_the_handler_names_wins_but_never_exceeds_a_day() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let worker = bench.worker_for(answering(|job| {
        let hours = if job.attempts == 1 { 2 } else { 1000 };
        Err(JobError::retry_after("too many requests", Duration::from_hours(hours)))
    }));
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.2, 2 * 3600);
    bench.advance(2 * 3600);
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.2, 24 * 3600);
}

#[tokio::test]
async fn a_wait_that_somebody_else_asks_for_is_a_least_one_and_the_jobs_own_grows_on() {
    let bench = Bench::create().await;
    let job = bench.job().attempts(6, Duration::from_secs(10)).growing_to(Duration::from_mins(1));
    bench.enqueue(&job).await;
    let asked_for = [Some(15), Some(0), None, Some(60), Some(90)].map(|wait| wait.map(Duration::from_secs));
    let worker = bench.worker_for(answering(move |job| {
        let attempt = usize::try_from(job.attempts).unwrap();
        Err(JobError::retry_no_sooner("too many requests", asked_for[attempt - 1]))
    }));
    for wait in [15, 20, 40, 60, 90] {
        assert_eq!(worker.run_due(10).await.unwrap(), 1);
        assert_eq!(bench.only_job().await.2, wait);
        bench.advance(wait);
    }
}

#[tokio::test]
async fn a_job_dies_after_its_last_attempt_and_its_hook_ran_before() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().tenant(7).attempts(2, Duration::from_secs(1))).await;
    let handler = answering(failing);
    let worker = bench.worker_for(handler.clone());
    worker.run_due(10).await.unwrap();
    assert_eq!(handler.burials(), 0);
    bench.advance(1);
    worker.run_due(10).await.unwrap();
    assert_eq!((handler.runs(), handler.burials()), (2, 1));
    let dead: (Option<i64>, i32, String) =
        sqlx::query_as("select tenant_id, attempts, last_error from jobs where state = 'dead'")
            .fetch_one(bench.pool())
            .await
            .unwrap();
    assert_eq!(dead, (Some(7), 2, "upstream is away".to_owned()));
}

#[tokio::test]
async fn a_hopeless_failure_dies_at_once_and_a_failing_hook_is_called_again() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let handler = burying(1, |_| Err(JobError::dead("no such order")));
    let worker = bench.worker_for(handler.clone());
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.0, "ready");
    bench.advance(30);
    worker.run_due(10).await.unwrap();
    assert_eq!((handler.runs(), handler.burials()), (1, 2));
    let (state, _, _, reason) = bench.only_job().await;
    assert_eq!((state.as_str(), reason.as_deref()), ("dead", Some("no such order")));
}

#[tokio::test]
async fn a_hook_that_never_succeeds_does_not_keep_a_job_alive_for_ever() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().attempts(1, Duration::from_secs(1))).await;
    let handler = burying(usize::MAX, failing);
    let worker = bench.worker_for(handler.clone());
    for _ in 0..20 {
        worker.run_due(10).await.unwrap();
        bench.advance(1);
    }
    assert_eq!((handler.runs(), handler.burials()), (1, 6));
    assert_eq!(bench.only_job().await.0, "dead");
}

#[tokio::test]
async fn a_panic_is_an_attempt_that_is_tried_again() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let handler = answering(|job| {
        assert!(job.attempts > 1, "the first attempt panics");
        Ok(())
    });
    let worker = bench.worker_for(handler.clone());
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.0, "ready");
    bench.advance(30);
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.0, "done");
}

#[tokio::test]
async fn a_dead_job_is_revived_with_all_its_attempts() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().unique("order 1")).await;
    let worker = bench.worker_for(answering(|job| match &job.last_error {
        None => Err(JobError::dead("not now")),
        Some(_) => Ok(()),
    }));
    worker.run_due(10).await.unwrap();
    let id = bench.dead_job().await;
    let now = bench.clock.now();
    assert_eq!(retry_dead(bench.pool(), id, now).await.unwrap(), Revival::Queued);
    assert_eq!(retry_dead(bench.pool(), id, now).await.unwrap(), Revival::NotDead);
    assert_eq!(bench.only_job().await.1, 0);
    worker.run_due(10).await.unwrap();
    assert_eq!(bench.only_job().await.0, "done");
}

#[tokio::test]
async fn a_dead_job_stays_dead_while_another_does_its_work() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().unique("order 1")).await;
    bench.worker_for(answering(|_| Err(JobError::dead("no")))).run_due(10).await.unwrap();
    bench.enqueue(&bench.job().unique("order 1")).await;
    let id = bench.dead_job().await;
    let revival = retry_dead(bench.pool(), id, bench.clock.now()).await.unwrap();
    assert_eq!(revival, Revival::AlreadyUnderWay);
}

/// Writes and completes in one transaction; the write is another job, of a kind that nobody does.
struct Completing {
    pool: PgPool,
    clock: Clock,
    lose_the_lease_first: bool,
}

#[async_trait]
impl Handler for Completing {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        if self.lose_the_lease_first {
            let sql = "update jobs set lease_token = gen_random_uuid() where id = $1";
            sqlx::query(sql).bind(job.id).execute(&self.pool).await.unwrap();
        }
        let mut tx = self.pool.begin().await.unwrap();
        let effect = logistics_ledger::jobs::NewJob::due("effect", serde_json::json!({}), self.clock.now());
        enqueue(&mut tx, &effect).await.unwrap();
        if complete_in(&mut tx, job, self.clock.now()).await.unwrap() {
            tx.commit().await.unwrap();
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_handler_writes_and_completes_in_one_transaction() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let (pool, clock) = (bench.pool().clone(), bench.clock.clone());
    let handler = std::sync::Arc::new(Completing { pool, clock, lose_the_lease_first: false });
    assert_eq!(bench.worker_for(handler).run_due(1).await.unwrap(), 1);
    assert_eq!((bench.count("done").await, bench.count("ready").await), (1, 1));
}

#[tokio::test]
async fn a_handler_that_lost_its_lease_leaves_no_effect() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let (pool, clock) = (bench.pool().clone(), bench.clock.clone());
    let handler = std::sync::Arc::new(Completing { pool, clock, lose_the_lease_first: true });
    assert_eq!(bench.worker_for(handler).run_due(1).await.unwrap(), 1);
    assert_eq!((bench.count("running").await, bench.count("ready").await), (1, 0));
}
