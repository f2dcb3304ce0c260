//! A worker at work: hints, lanes, limits, shutdown, sweeping, and a database that goes away.

use std::sync::Arc;
use std::time::Duration;

use logistics_ledger::jobs::{JobError, Lane, NewJob, WorkerSettings};
use serde_json::json;

use super::{Bench, Hanging, KIND, answering, settings, start};

#[tokio::test]
async fn an_enqueued_job_wakes_a_worker_that_would_not_look_for_hours() {
    let bench = Bench::create().await;
    let patient = WorkerSettings { poll_every: Duration::from_hours(10), ..settings() };
    let lane = Lane::new("parcels", 1).handle(KIND, answering(|_| Ok(())));
    let worker = start(bench.worker_with(patient, vec![lane]));
    for done in 1..=3 {
        bench.enqueue(&bench.job()).await;
        bench.until("done", done).await;
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_lane_full_of_slow_jobs_starves_no_other() {
    let bench = Bench::create().await;
    for _ in 0..5 {
        bench.enqueue(&NewJob::due("poll_account", json!({}), bench.clock.now())).await;
    }
    let hanging = Arc::new(Hanging::default());
    let slow = Lane::new("polls", 2).handle("poll_account", hanging.clone());
    let fast = Lane::new("parcels", 1).handle(KIND, answering(|_| Ok(())));
    let worker = start(bench.worker(vec![slow, fast]));
    hanging.until_at_work(2).await;
    for _ in 0..20 {
        bench.enqueue(&bench.job()).await;
    }
    bench.until("done", 20).await;
    assert_eq!((bench.count("running").await, bench.count("ready").await), (2, 3));
    worker.kill().await;
}

#[tokio::test]
async fn a_tenant_with_many_jobs_leaves_a_place_to_the_others() {
    let bench = Bench::create().await;
    for _ in 0..9 {
        bench.enqueue(&bench.job().tenant(7)).await;
    }
    bench.enqueue(&bench.job().tenant(8)).await;
    let hanging = Arc::new(Hanging::default());
    let worker = start(bench.worker(vec![Lane::new("parcels", 3).handle(KIND, hanging.clone())]));
    hanging.until_at_work(3).await;
    let running = "select tenant_id from jobs where state = 'running' order by tenant_id";
    let tenants: Vec<i64> = sqlx::query_scalar(running).fetch_all(bench.pool()).await.unwrap();
    assert_eq!(tenants, [7, 7, 8], "the last that came is not the last to be begun");
    worker.kill().await;

    // A job of another is begun as soon as it comes, also where none was due a moment ago.
    let bench = Bench::create().await;
    for _ in 0..2 {
        bench.enqueue(&bench.job().tenant(7)).await;
    }
    let (hanging, patient) =
        (Arc::new(Hanging::default()), WorkerSettings { poll_every: Duration::from_hours(10), ..settings() });
    let lane = Lane::new("parcels", 3).handle(KIND, hanging.clone());
    let worker = start(bench.worker_with(patient, vec![lane]));
    hanging.until_at_work(2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for (tenant, at_work) in [(7, 2), (8, 3)] {
        bench.enqueue(&bench.job().tenant(tenant)).await;
        hanging.until_at_work(at_work).await;
    }
    worker.kill().await;

    // Of one tenant alone all are done, one place of the lane aside, and the last of them at once.
    let bench = Bench::create().await;
    for _ in 0..20 {
        bench.enqueue(&bench.job().tenant(7)).await;
    }
    let patient = WorkerSettings { poll_every: Duration::from_hours(10), ..settings() };
    let lane = Lane::new("parcels", 3).handle(KIND, answering(|_| Ok(())));
    let worker = start(bench.worker_with(patient, vec![lane]));
    bench.until("done", 20).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_kind_that_nobody_knows_waits_for_somebody_who_does() {
    let bench = Bench::create().await;
    bench.enqueue(&NewJob::due("unheard_of", json!({}), bench.clock.now())).await;
    let handler = answering(|_| Ok(()));
    assert_eq!(bench.worker_for(handler.clone()).run_due(10).await.unwrap(), 0);
    assert_eq!(bench.only_job().await.0, "ready");
}

#[tokio::test]
async fn an_attempt_beyond_its_limit_is_cut_off_and_tried_again() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let lane = Lane::new("parcels", 1).handle(KIND, hanging.clone()).run_limit(Duration::from_millis(30));
    bench.worker(vec![lane]).run_due(1).await.unwrap();
    let (state, attempts, wait, error) = bench.only_job().await;
    assert_eq!((state.as_str(), attempts, wait), ("ready", 1, 30));
    assert_eq!(error.as_deref(), Some("the attempt took longer than its limit"));
    hanging.until_at_work(0).await;
}

#[tokio::test]
async fn a_shutdown_gives_back_what_does_not_finish_in_time() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let hasty = WorkerSettings { finish_within: Duration::from_millis(30), ..settings() };
    let lane = Lane::new("parcels", 1).handle(KIND, hanging.clone());
    let worker = start(bench.worker_with(hasty, vec![lane]));
    hanging.until_at_work(1).await;
    worker.stop().await;
    assert_eq!(bench.only_job().await, ("ready".to_owned(), 0, 0, None));
}

#[tokio::test]
async fn a_shutdown_lets_running_jobs_finish() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let (begun, go_on) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let handler = Arc::new(Gate { begun: begun.clone(), go_on: go_on.clone() });
    // One at a time, so that the next is not taken up while the end is told.
    let worker = start(bench.worker_with(settings(), vec![Lane::new("parcels", 1).handle(KIND, handler)]));
    begun.notified().await;
    worker.shutdown.cancel();
    bench.enqueue(&bench.job()).await;
    go_on.notify_one();
    worker.stop().await;
    assert_eq!((bench.count("done").await, bench.count("ready").await), (1, 1));
}

/// Says that it began, and waits to be let on.
struct Gate {
    begun: Arc<tokio::sync::Notify>,
    go_on: Arc<tokio::sync::Notify>,
}

#[async_trait::async_trait]
impl logistics_ledger::jobs::Handler for Gate {
    async fn run(&self, _job: &logistics_ledger::jobs::Job) -> Result<(), JobError> {
        self.begun.notify_one();
        self.go_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn done_jobs_are_swept_after_their_days_and_dead_letters_stay() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    bench.enqueue(&bench.job().unique("dies")).await;
    let handler = answering(|job| if job.id == 1 { Ok(()) } else { Err(JobError::dead("no")) });
    bench.worker_for(handler.clone()).run_due(10).await.unwrap();
    assert_eq!((bench.count("done").await, bench.count("dead").await), (1, 1));
    bench.advance(8 * 24 * 3600);
    let worker = start(bench.worker_for(handler));
    bench.until("done", 0).await;
    worker.stop().await;
    assert_eq!(bench.count("dead").await, 1);
}

#[tokio::test]
async fn a_worker_outlives_its_connections() {
    let bench = Bench::create().await;
    let worker = start(bench.worker_for(answering(|_| Ok(()))));
    for done in 1..=3 {
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()";
        sqlx::query(cut).execute(bench.database.owner_pool()).await.unwrap();
        let job = bench.job();
        let mut enqueued = false;
        for _ in 0..50 {
            // The test's own connections were cut too.
            if let Ok(mut conn) = bench.pool().acquire().await {
                enqueued = logistics_ledger::jobs::enqueue(&mut conn, &job).await.unwrap_or(false);
            }
            if enqueued {
                break;
            }
        }
        assert!(enqueued);
        bench.until("done", done).await;
    }
    worker.stop().await;
}
