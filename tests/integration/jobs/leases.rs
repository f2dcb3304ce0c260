//! Leases: a killed worker's job comes back, a lost lease stops its handler, and no job runs twice at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use logistics_ledger::jobs::{Handler, Job, JobError, Lane, NewJob, WorkerSettings};

use super::{Bench, Hanging, KIND, answering, settings, start};

#[tokio::test]
async fn the_job_of_a_killed_worker_comes_back_when_its_lease_ends() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let killed = start(bench.worker_for(hanging.clone()));
    hanging.until_at_work(1).await;
    killed.kill().await;
    hanging.until_at_work(0).await;

    let handler = answering(|_| Ok(()));
    let other = bench.worker_for(handler.clone());
    assert_eq!(other.run_due(10).await.unwrap(), 0, "the lease still holds");
    bench.advance(61);
    assert_eq!(other.run_due(10).await.unwrap(), 1);
    let (state, attempts, ..) = bench.only_job().await;
    assert_eq!((state.as_str(), attempts), ("done", 2));
}

#[tokio::test]
async fn a_job_whose_last_worker_vanished_is_buried_and_not_run_again() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().attempts(1, Duration::from_secs(30))).await;
    let hanging = Arc::new(Hanging::default());
    let killed = start(bench.worker_for(hanging.clone()));
    hanging.until_at_work(1).await;
    killed.kill().await;

    bench.advance(61);
    let handler = answering(|_| Ok(()));
    bench.worker_for(handler.clone()).run_due(10).await.unwrap();
    assert_eq!((handler.runs(), handler.burials()), (0, 1));
    assert_eq!(bench.only_job().await.0, "dead");
}

#[tokio::test]
async fn a_last_attempt_that_was_lost_is_made_once_more_where_the_one_before_it_ended() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job().attempts(2, Duration::from_secs(1))).await;
    let failing = answering(|_| Err(JobError::retry("not yet")));
    assert_eq!(bench.worker_for(failing).run_due(10).await.unwrap(), 1);
    bench.advance(61);
    lose(&bench).await;
    assert_eq!(bench.only_job().await.1, 2, "the last one that it has");
    let handler = answering(|_| Ok(()));
    bench.worker_for(handler.clone()).run_due(10).await.unwrap();
    let (state, attempts, ..) = bench.only_job().await;
    assert_eq!((state.as_str(), attempts, handler.runs(), handler.burials()), ("done", 2, 1, 0));
}

#[tokio::test]
async fn a_job_that_is_lost_twice_in_a_row_is_buried() {
    for ends_once in [true, false] {
        let bench = Bench::create().await;
        bench.enqueue(&bench.job().attempts(2, Duration::from_secs(1))).await;
        if ends_once {
            let failing = answering(|_| Err(JobError::retry("not yet")));
            assert_eq!(bench.worker_for(failing).run_due(10).await.unwrap(), 1);
            bench.advance(61);
        }
        lose(&bench).await;
        lose(&bench).await;
        let handler = answering(|_| Ok(()));
        bench.worker_for(handler.clone()).run_due(10).await.unwrap();
        assert_eq!((handler.runs(), handler.burials()), (0, 1), "{ends_once}");
    }
}

/// Kills a worker that is at the job, and lets its lease run out.
async fn lose(bench: &Bench) {
    let hanging = Arc::new(Hanging::default());
    let killed = start(bench.worker_for(hanging.clone()));
    hanging.until_at_work(1).await;
    killed.kill().await;
    bench.advance(61);
}

#[tokio::test]
async fn a_lost_lease_stops_the_handler() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let settings = WorkerSettings { lease: Duration::from_millis(150), ..settings() };
    let lane = Lane::new("parcels", 1).handle(KIND, hanging.clone());
    let worker = start(bench.worker_with(settings, vec![lane]));
    hanging.until_at_work(1).await;
    let stolen =
        "update jobs set lease_token = gen_random_uuid(), lease_until = lease_until + interval '10 minutes'";
    sqlx::query(stolen).execute(bench.pool()).await.unwrap();
    hanging.until_at_work(0).await;
    assert_eq!(bench.count("running").await, 1, "the thief's lease is untouched");
    worker.stop().await;
}

#[tokio::test]
async fn a_lease_is_renewed_while_the_handler_works() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let settings = WorkerSettings { lease: Duration::from_millis(600), ..settings() };
    let lane = Lane::new("parcels", 1).handle(KIND, hanging.clone());
    let worker = start(bench.worker_with(settings, vec![lane]));
    hanging.until_at_work(1).await;
    let lease = "select lease_until > $1 from jobs";
    let first_end = bench.clock.now() + Duration::from_millis(600);
    // Less than a lease ahead, so that it does not end before it is renewed.
    bench.clock.advance(chrono::TimeDelta::milliseconds(500));
    let mut renewed = false;
    for _ in 0..3000 {
        renewed = sqlx::query_scalar(lease).bind(first_end).fetch_one(bench.pool()).await.unwrap();
        if renewed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(renewed);
    worker.kill().await;
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_wrote_holds_no_job_up() {
    let bench = Bench::create().await;
    let year = chrono::TimeDelta::days(365);
    let handler = answering(|_| Ok(()));
    // A worker by that clock was killed with the job, and another gave one back.
    bench.clock.advance(year);
    bench.enqueue(&bench.job().unique("leased")).await;
    let hanging = Arc::new(Hanging::default());
    let killed = start(bench.worker_for(hanging.clone()));
    hanging.until_at_work(1).await;
    killed.kill().await;
    bench.enqueue(&bench.job().unique("given back")).await;
    bench.clock.advance(-year);
    assert!(!bench.enqueue(&bench.job().unique("leased")).await, "it stands in the way of its successor");
    let other = bench.worker_for(handler.clone());
    assert_eq!(other.run_due(10).await.unwrap(), 2);
    assert_eq!((handler.runs(), bench.count("done").await), (2, 2));
}

#[tokio::test]
async fn a_wait_that_a_job_can_have_is_waited_for_and_a_longer_one_is_not() {
    let bench = Bench::create().await;
    let (day, week) = (Duration::from_hours(24), Duration::from_hours(7 * 24));
    let at = |wait: Duration| bench.clock.now() + wait;
    let usual = |wait: Duration| NewJob { run_at: at(wait), ..bench.job() };
    // A day is what a handler may name, and a week is this job's own.
    bench.enqueue(&usual(day)).await;
    let own = |wait: Duration| usual(wait).attempts(3, Duration::from_secs(30)).growing_to(week);
    bench.enqueue(&own(week)).await;
    let handler = answering(|_| Ok(()));
    let worker = bench.worker_for(handler.clone());
    assert_eq!(worker.run_due(10).await.unwrap(), 0);
    let minutes = Duration::from_mins(2);
    bench.enqueue(&usual(day + minutes)).await;
    bench.enqueue(&own(week + minutes)).await;
    assert_eq!(worker.run_due(10).await.unwrap(), 2);
    assert_eq!(bench.count("ready").await, 2);
}

#[tokio::test]
async fn a_lease_of_another_length_is_left_to_its_holder() {
    let bench = Bench::create().await;
    bench.enqueue(&bench.job()).await;
    let hanging = Arc::new(Hanging::default());
    let patient = WorkerSettings { lease: Duration::from_mins(10), ..settings() };
    let lane = Lane::new("parcels", 1).handle(KIND, hanging.clone());
    let holder = start(bench.worker_with(patient, vec![lane]));
    hanging.until_at_work(1).await;
    assert_eq!(bench.worker_for(answering(|_| Ok(()))).run_due(10).await.unwrap(), 0);
    assert_eq!(bench.count("running").await, 1);
    holder.kill().await;
}

/// Notes which jobs run at this moment and how often each ran.
#[derive(Default)]
struct Watching(Mutex<BTreeMap<i64, (usize, usize)>>);

#[async_trait]
impl Handler for Watching {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        {
            let mut seen = self.0.lock().unwrap();
            let (at_once, runs) = seen.entry(job.id).or_default();
            *at_once += 1;
            *runs += 1;
            assert_eq!(*at_once, 1, "two workers run one job at the same time");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.0.lock().unwrap().get_mut(&job.id).unwrap().0 -= 1;
        Ok(())
    }
}

#[tokio::test]
async fn several_workers_share_the_jobs_and_each_runs_once() {
    let bench = Bench::create().await;
    for _ in 0..200 {
        bench.enqueue(&bench.job()).await;
    }
    let watching = Arc::new(Watching::default());
    let workers: Vec<_> = (0..3).map(|_| start(bench.worker_for(watching.clone()))).collect();
    bench.until("done", 200).await;
    for worker in workers {
        worker.stop().await;
    }
    let seen = watching.0.lock().unwrap();
    assert_eq!(seen.len(), 200);
    assert!(seen.values().all(|(at_once, runs)| (*at_once, *runs) == (0, 1)));
}
