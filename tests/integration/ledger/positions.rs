//! Positions are gapless and in the order of commits, whatever happens to those who write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use logistics_domain::{Source, TenantId};
use logistics_ledger::ledger::{Ledger, LedgerError};
use sqlx::PgPool;

use super::desk::{Desk, TENANT, Toggle, address, provenance, sight};

/// Reads on from the last position seen, as a catch-up consumer does, and fails if anything appears behind it.
async fn follow(pool: PgPool, done: Arc<AtomicBool>) -> Vec<i64> {
    let mut seen: Vec<i64> = vec![];
    loop {
        let last_round = done.load(Ordering::Acquire);
        let more: Vec<i64> = sqlx::query_scalar(
            "select position from events where tenant_id = $1 and position > $2 order by position",
        )
        .bind(TENANT.0)
        .bind(seen.last().copied().unwrap_or(-1))
        .fetch_all(&pool)
        .await
        .unwrap();
        seen.extend(more);
        if last_round {
            return seen;
        }
    }
}

async fn write(ledger: Ledger, orders: std::ops::Range<i64>) -> (i64, i64) {
    let (mut committed, mut lost) = (0, 0);
    for order in orders {
        for (minute, status) in [(0, 1), (10, 2), (20, 4)] {
            match ledger.execute(address(order), &sight(minute, status), &provenance(Source::Poll)).await {
                Ok(outcome) => committed += i64::try_from(outcome.events.len()).unwrap(),
                Err(LedgerError::Unavailable(_)) => lost += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    (committed, lost)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_follows_two_instances_sees_every_position_once_and_in_order() {
    let desk = Desk::open().await;
    let instances = [desk.ledger.clone(), desk.another_instance()];
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(follow(desk.owner().clone(), Arc::clone(&done)));
    let writers = (0..24).map(|n| {
        let ledger = instances[usize::try_from(n % 2).unwrap()].clone();
        tokio::spawn(write(ledger, n * 10..n * 10 + 5))
    });
    let written: i64 = join_all(writers).await.into_iter().map(|outcome| outcome.unwrap().0).sum();
    done.store(true, Ordering::Release);
    assert_eq!(written, 24 * 5 * 3);
    assert_eq!(reader.await.unwrap(), (0..written).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_whose_connections_are_killed_leave_no_gap_and_nothing_twice() {
    let desk = Desk::open().await;
    let writers: Vec<_> =
        (0..16).map(|n| tokio::spawn(write(desk.ledger.clone(), n * 100..n * 100 + 20))).collect();
    let (owner, done) = (desk.owner().clone(), Arc::new(AtomicBool::new(false)));
    let stop = Arc::clone(&done);
    let killer = tokio::spawn(async move {
        let mut killed = 0;
        while !stop.load(Ordering::Acquire) {
            killed += sqlx::query_scalar::<_, i64>(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                 where datname = current_database() and query like 'with heads%' and pid <> pg_backend_pid()",
            )
            .fetch_one(&owner)
            .await
            .unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        killed
    });
    let outcomes: Vec<(i64, i64)> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    done.store(true, Ordering::Release);
    assert!(killer.await.unwrap() > 0, "nobody was killed, so nothing was tried");

    // Whoever was told "unavailable" may have been recorded or not: repeating everything settles it.
    for n in 0..16 {
        while write(desk.ledger.clone(), n * 100..n * 100 + 20).await.1 > 0 {}
    }
    let positions = desk.positions(TENANT).await;
    assert_eq!(positions, (0..i64::try_from(positions.len()).unwrap()).collect::<Vec<_>>());
    let told: i64 = outcomes.iter().map(|(committed, _)| committed).sum();
    assert!(i64::try_from(positions.len()).unwrap() >= told);
    let orders = desk.count("select count(*) from logistics_orders where status_id = 4").await;
    assert_eq!(orders, 16 * 20);
    let doubled = desk
        .count(
            "select count(*) from (select from events where event_type = 'OrderDiscovered'
             group by aggregate_id having count(*) > 1) as twice",
        )
        .await;
    assert_eq!(doubled, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_are_dropped_midway_leave_no_gap() {
    let desk = Desk::open().await;
    let poll = provenance(Source::Poll);
    for order in 0..200 {
        let seen = sight(0, 1);
        let patience = Duration::from_micros(u64::try_from(order).unwrap() * 20);
        // Some are dropped before they reach the queue, some in it, some while they are committed.
        let _dropped =
            tokio::time::timeout(patience, desk.ledger.execute(address(order), &seen, &poll)).await;
    }
    desk.ledger.execute(address(1000), &sight(0, 1), &poll).await.unwrap();
    let positions = desk.positions(TENANT).await;
    assert_eq!(positions, (0..i64::try_from(positions.len()).unwrap()).collect::<Vec<_>>());
    let heads = desk.count("select next_position from ledger_heads where tenant_id = 7").await;
    assert_eq!(heads, i64::try_from(positions.len()).unwrap());
}

#[tokio::test]
async fn a_foreign_transaction_that_stays_open_delays_no_reader() {
    let desk = Desk::open().await;
    let mut foreign = desk.owner().begin().await.unwrap();
    sqlx::query("create table foreign_work as select 1 as n").execute(&mut *foreign).await.unwrap();
    for order in 1..=5 {
        desk.ledger.execute(address(order), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
        let newest = desk.positions(TENANT).await;
        assert_eq!(newest.last(), Some(&(order - 1)), "what is committed is there to be read");
    }
    foreign.rollback().await.unwrap();
}

#[tokio::test]
async fn the_head_of_one_tenant_held_by_another_writer_does_not_reorder_its_ledger() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let mut holder = desk.owner().begin().await.unwrap();
    sqlx::query("select from ledger_heads where tenant_id = 7 for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let ledger = desk.ledger.clone();
    let waiting = tokio::spawn(async move {
        ledger.execute(address(1), &Toggle, &provenance(Source::Operator)).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(desk.positions(TenantId(7)).await, [0]);
    holder.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap().positions, 1..2);
}
