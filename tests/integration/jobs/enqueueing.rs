//! A job exists if and only if its cause does, and once a key.

use logistics_ledger::jobs::{Backlog, backlog, enqueue};

use super::{Bench, answering};

#[tokio::test]
async fn a_job_lives_and_dies_with_the_transaction_that_causes_it() {
    let bench = Bench::create().await;
    let mut aborted = bench.pool().begin().await.unwrap();
    assert!(enqueue(&mut aborted, &bench.job()).await.unwrap());
    aborted.rollback().await.unwrap();
    assert_eq!(bench.count("ready").await, 0);

    let mut committed = bench.pool().begin().await.unwrap();
    assert!(enqueue(&mut committed, &bench.job()).await.unwrap());
    assert_eq!(bench.count("ready").await, 0, "nobody sees it before the commit");
    committed.commit().await.unwrap();
    assert_eq!(bench.count("ready").await, 1);
}

#[tokio::test]
async fn a_key_has_one_unfinished_job_and_is_free_again_afterwards() {
    let bench = Bench::create().await;
    assert!(bench.enqueue(&bench.job().unique("order 1")).await);
    assert!(!bench.enqueue(&bench.job().unique("order 1")).await);
    assert!(bench.enqueue(&bench.job().unique("order 2")).await);
    let handler = answering(|_| Ok(()));
    assert_eq!(bench.worker_for(handler.clone()).run_due(10).await.unwrap(), 2);
    assert!(bench.enqueue(&bench.job().unique("order 1")).await);
}

#[tokio::test]
async fn a_row_that_names_the_documented_columns_only_is_a_job() {
    let bench = Bench::create().await;
    sqlx::query(
        "insert into jobs (kind, payload, unique_key, run_at, max_attempts, retry_every, tenant_id)
         select * from unnest(array['pack_parcel', 'pack_parcel'], array['{}', '{}']::jsonb[],
           array['a', null], array[$1, $1]::timestamptz[], array[1, 2], array['1 s', '2 s']::interval[],
           array[7, null]::bigint[])
         on conflict (unique_key) where state in ('ready', 'running') do nothing",
    )
    .bind(bench.clock.now())
    .execute(bench.pool())
    .await
    .unwrap();
    let handler = answering(|_| Ok(()));
    assert_eq!(bench.worker_for(handler.clone()).run_due(10).await.unwrap(), 2);
    assert_eq!(bench.count("done").await, 2);
}

#[tokio::test]
async fn a_job_waits_for_its_instant_and_the_backlog_tells() {
    let bench = Bench::create().await;
    let mut job = bench.job();
    job.run_at += chrono::TimeDelta::seconds(60);
    bench.enqueue(&job).await;
    let handler = answering(|_| Ok(()));
    let worker = bench.worker_for(handler.clone());
    assert_eq!(worker.run_due(10).await.unwrap(), 0);
    bench.advance(60);
    let told = backlog(bench.pool(), bench.clock.now()).await.unwrap();
    let oldest_due_at = Some(bench.clock.now());
    assert_eq!(told, Backlog { due: 1, oldest_due_at, waiting: 0, running: 0, dead: 0 });
    assert_eq!(worker.run_due(10).await.unwrap(), 1);
}
