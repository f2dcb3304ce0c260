//! Many commands on few orders, from several instances: conflicts are retried and end right.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use logistics_domain::{Source, TenantId};
use logistics_ledger::ledger::{Committed, Intended, Intent, Ledger, LedgerError, OpenOrder};
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::{Instant, sleep};

use super::desk::{Desk, Toggle, address, provenance, sight};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_on_one_order_from_two_instances_all_count_once() {
    let desk = Arc::new(Desk::open().await);
    let other = desk.another_instance();
    for order in 1..=4 {
        desk.ledger.execute(address(order), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    }
    let tasks = (0..80).map(|task| {
        let ledger = if task % 2 == 0 { desk.ledger.clone() } else { other.clone() };
        tokio::spawn(async move {
            let user = provenance(Source::User);
            let mut positions = vec![];
            for round in 0..5 {
                let committed =
                    ledger.execute(address((task + round) % 4 + 1), &Toggle, &user).await.unwrap();
                assert_eq!(committed.events.len(), 1);
                positions.extend(committed.positions);
            }
            positions
        })
    });
    let mut told: Vec<i64> = join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    told.sort_unstable();
    assert_eq!(told, (4..404).collect::<Vec<_>>(), "each command is told a position of its own");
    assert_eq!(desk.positions(TenantId(7)).await, (0..404).collect::<Vec<_>>());
    let stale = desk
        .count(
            "select count(*) from logistics_orders o join (
               select aggregate_id, max(sequence) as version from events group by 1) e on e.aggregate_id = o.id::text
             where o.version <> e.version",
        )
        .await;
    assert_eq!(stale, 0);
}

/// What another instance said to a command that it was given while ours held the head.
type Late = JoinHandle<Result<Committed, LedgerError>>;

/// A command that another instance outruns, each time after the order was read; but the fifth time that one has to wait.
struct Outrun {
    other: Ledger,
    owner: PgPool,
    asked: AtomicU32,
    late: Mutex<Option<Late>>,
}

impl Outrun {
    /// Until a statement of this database waits for another's lock.
    async fn somebody_waits(&self) {
        let waiting = "select count(*) from pg_stat_activity \
                       where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&self.owner).await.unwrap() == 0 {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Intent for Outrun {
    fn command(&self, order: &OpenOrder) -> Intended {
        let (other, user) = (self.other.clone(), provenance(Source::User));
        if self.asked.fetch_add(1, Ordering::Relaxed) < 4 {
            let outrun = other.execute(address(1), &Toggle, &user);
            block_in_place(|| Handle::current().block_on(outrun)).unwrap();
        } else {
            let late = tokio::spawn(async move { other.execute(address(1), &Toggle, &user).await });
            *self.late.lock().unwrap() = Some(late);
            block_in_place(|| Handle::current().block_on(self.somebody_waits()));
        }
        Toggle.command(order)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_lost_four_times_holds_the_head_before_the_order_is_read_and_nobody_comes_between() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let outrun = Outrun {
        other: desk.another_instance(),
        owner: desk.owner().clone(),
        asked: AtomicU32::new(0),
        late: Mutex::new(None),
    };
    let committed = desk.ledger.execute(address(1), &outrun, &provenance(Source::User)).await.unwrap();
    assert_eq!(outrun.asked.into_inner(), 5);
    assert_eq!(committed.version, 6, "after the discovery and the four that were faster");
    let late = outrun.late.into_inner().unwrap().unwrap().await.unwrap().unwrap();
    assert_eq!(late.version, 7);
    assert_eq!(desk.positions(TenantId(7)).await, (0..7).collect::<Vec<_>>());
}

/// A command that another instance outruns four times; then that one is gone.
struct LeftAlone {
    other: Ledger,
    asked: AtomicU32,
}

impl Intent for LeftAlone {
    fn command(&self, order: &OpenOrder) -> Intended {
        let (other, user) = (self.other.clone(), provenance(Source::User));
        let there = self.asked.fetch_add(1, Ordering::Relaxed) < 4;
        block_in_place(|| {
            Handle::current().block_on(async {
                if there {
                    other.execute(address(1), &Toggle, &user).await.unwrap();
                } else {
                    other.stop().await;
                }
            });
        });
        Toggle.command(order)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_committed_past_the_writing_task_is_counted_too() {
    let desk = Desk::open().await;
    let other = desk.another_instance();
    other.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    let alone = LeftAlone { other, asked: AtomicU32::new(0) };
    let committed = desk.ledger.execute(address(1), &alone, &provenance(Source::User)).await.unwrap();
    assert_eq!((alone.asked.into_inner(), committed.version), (5, 6));
    let give_up = Instant::now() + Duration::from_secs(30);
    while desk.count("select count(*) from logistics_order_count_changes").await > 0 {
        assert!(Instant::now() < give_up, "nobody takes the notes up");
        sleep(Duration::from_millis(20)).await;
    }
}
