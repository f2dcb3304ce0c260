//! Schedules: a slot becomes one job, whoever looks and however late.

use std::time::Duration;

use logistics_ledger::jobs::{put_schedule, remove_schedule};
use serde_json::json;

use super::{Bench, KIND, answering};

const QUARTER: Duration = Duration::from_mins(15);

async fn put(bench: &Bench, every: Duration) {
    let mut conn = bench.pool().acquire().await.unwrap();
    let payload = json!({"account": 1});
    let now = bench.clock.now();
    put_schedule(&mut conn, "poll/1", KIND, &payload, every, (now, now)).await.unwrap();
}

/// Seconds until the next slot.
async fn next(bench: &Bench) -> i64 {
    let sql = "select extract(epoch from next_at - $1)::bigint from schedules";
    sqlx::query_scalar(sql).bind(bench.clock.now()).fetch_one(bench.pool()).await.unwrap()
}

#[tokio::test]
async fn a_slot_that_many_instances_see_becomes_one_job() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    for slot in 1..=5 {
        let handler = answering(|job| {
            assert_eq!(job.payload["account"], 1);
            assert!(job.payload["slot"].is_string());
            Ok(())
        });
        let workers: Vec<_> = (0..4).map(|_| bench.worker_for(handler.clone())).collect();
        futures_util::future::join_all(workers.iter().map(|worker| worker.run_due(10))).await;
        assert_eq!(handler.runs(), 1);
        assert_eq!(bench.count("done").await, slot);
        bench.advance(900);
    }
}

#[tokio::test]
async fn slots_that_were_missed_become_one_job_and_the_grid_stays() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    bench.advance(10 * 900 + 100);
    let handler = answering(|_| Ok(()));
    assert_eq!(bench.worker_for(handler.clone()).run_due(10).await.unwrap(), 1);
    assert_eq!(next(&bench).await, 800);
}

#[tokio::test]
async fn a_slot_whose_forerunner_is_unfinished_makes_no_second_job() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    let nobody = bench.worker(vec![]);
    nobody.run_due(1).await.unwrap();
    bench.advance(900);
    nobody.run_due(1).await.unwrap();
    assert_eq!(bench.count("ready").await, 1);
    assert_eq!(next(&bench).await, 900);
}

#[tokio::test]
async fn putting_a_schedule_again_keeps_its_slot_unless_a_quicker_pace_brings_it_nearer() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    bench.worker(vec![]).run_due(1).await.unwrap();
    bench.advance(100);
    put(&bench, QUARTER).await;
    assert_eq!(next(&bench).await, 800);
    put(&bench, QUARTER * 4).await;
    assert_eq!(next(&bench).await, 800);
    put(&bench, QUARTER / 3).await;
    assert_eq!(next(&bench).await, 300);
}

#[tokio::test]
async fn instances_that_disagree_about_the_pace_do_not_make_a_job_each_time_they_look() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    let nobody = bench.worker(vec![]);
    nobody.run_due(1).await.unwrap();
    assert_eq!(bench.count("ready").await, 1);
    sqlx::query("update jobs set state = 'done', finished_at = $1")
        .bind(bench.clock.now())
        .execute(bench.pool())
        .await
        .unwrap();
    // Up to the next slot of the quicker one, which began five seconds later.
    for _ in 0..60 {
        bench.advance(5);
        for every in [QUARTER, QUARTER / 3, QUARTER] {
            put(&bench, every).await;
            assert!(next(&bench).await > 0);
        }
        nobody.run_due(1).await.unwrap();
    }
    assert_eq!(bench.count("ready").await, 0);
    bench.advance(5);
    nobody.run_due(1).await.unwrap();
    assert_eq!(bench.count("ready").await, 1);
}

#[tokio::test]
async fn a_removed_schedule_makes_no_more_jobs() {
    let bench = Bench::create().await;
    put(&bench, QUARTER).await;
    let mut conn = bench.pool().acquire().await.unwrap();
    assert!(remove_schedule(&mut conn, "poll/1").await.unwrap());
    assert!(!remove_schedule(&mut conn, "poll/1").await.unwrap());
    bench.worker(vec![]).run_due(1).await.unwrap();
    assert_eq!(bench.count("ready").await, 0);
}
