//! A poll: ten thousand orders in pages of a hundred, all changed and then all unchanged, beside stock commands.

use std::future::ready;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use logistics_ledger::sync::poll::PAGES_AT_ONCE;

use crate::Scale;
use crate::drive::rate;
use crate::orders::HISTORY;
use crate::ours::Ours;
use crate::report::{number, ratio, table};
use crate::stock::Stock;

/// As many orders as upstream sends in one answer.
const PAGE: usize = 100;

/// The orders that each way takes at a time, so that a machine that tires is tired for all of them.
const TURN: usize = 1000;

/// Measures a poll of changed orders, and one of unchanged orders.
pub async fn measure(scale: &Scale) -> String {
    let numbers: Vec<usize> = (0..scale.polled).collect();
    // Stock comes last, so that its tables are the ones that the server has at hand.
    let forgets = Ours::that_forgets(scale.polled).await;
    let ours = Ours::with_orders(scale.polled).await;
    let with_view = Stock::with_orders(numbers.len(), true).await;
    let events_only = Stock::with_orders(numbers.len(), false).await;

    ours.settle().await;
    let mut taken = [Duration::ZERO; 4];
    for turn in numbers.chunks(TURN) {
        taken[0] += one_by_one(&events_only, turn).await;
        taken[1] += one_by_one(&with_view, turn).await;
        taken[2] += ours.changed(turn).await;
        taken[3] += forgets.changed(turn).await;
    }

    let unchanged = [ours.unchanged(&numbers).await, forgets.unchanged(&numbers).await];
    ours.ledger.clone().stop().await;
    forgets.ledger.clone().stop().await;

    let [events_only, with_view, ledger, read_whole] = taken.map(|taken| rate(scale.polled, taken));
    let [unchanged, unchanged_whole] = unchanged.map(|taken| rate(scale.polled, taken));
    let rows = [
        ("stock commands, one by one, events only", events_only, ledger / events_only),
        ("stock commands, one by one, with a view", with_view, ledger / with_view),
        ("ledger, a page at a time, orders at hand, all changed", ledger, 1.0),
        ("the same, orders read whole", read_whole, ledger / read_whole),
        ("ledger, orders at hand, none changed: no row written", unchanged, ledger / unchanged),
        ("the same, orders read whole", unchanged_whole, ledger / unchanged_whole),
    ];
    let rows = rows.map(|(what, orders, times)| {
        let seconds = rate(scale.polled, Duration::from_secs(1)) / orders;
        vec![what.to_owned(), format!("{seconds:.2}"), number(orders), ratio(times)]
    });
    let heads = ["way", "seconds", "orders a second", "ledger (changed) / this"];
    table(&format!("A poll of {} orders", scale.polled), &heads, rows.into_iter())
}

async fn one_by_one(stock: &Stock, numbers: &[usize]) -> Duration {
    let started = Instant::now();
    for number in numbers {
        stock.clone().command(*number).await;
    }
    started.elapsed()
}

impl Ours {
    /// The pages of a poll, as many at the same time as a poll takes in; tells how many events came of it.
    async fn poll_all(&self, numbers: &[usize], asked: i64) -> usize {
        let pages = numbers.chunks(PAGE).map(|page| self.poll(page, HISTORY, asked));
        stream::iter(pages).buffered(PAGES_AT_ONCE).fold(0, |events, more| ready(events + more)).await
    }

    /// A turn of a poll in which every order changed.
    async fn changed(&self, turn: &[usize]) -> Duration {
        let started = Instant::now();
        assert_eq!(self.poll_all(turn, HISTORY).await, turn.len());
        let taken = started.elapsed();
        self.until_counted().await;
        taken
    }

    /// A poll in which none changed.
    async fn unchanged(&self, numbers: &[usize]) -> Duration {
        let next = self.next_transaction().await;
        let started = Instant::now();
        assert_eq!(self.poll_all(numbers, HISTORY + 1).await, 0);
        let taken = started.elapsed();
        assert_eq!(self.rows_written_from(next).await, 0, "a poll that finds nothing new must not write");
        taken
    }

    /// Waits until the counters have taken up what the commits noted, which is work of the poll before.
    async fn until_counted(&self) {
        let noted = "select count(*) from logistics_order_count_changes";
        while sqlx::query_scalar::<_, i64>(noted).fetch_one(self.owner()).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The number that the next writing transaction will get.
    async fn next_transaction(&self) -> i64 {
        sqlx::query_scalar("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            .fetch_one(self.owner())
            .await
            .unwrap()
    }

    /// How many rows of all tables were written by that transaction or a later one.
    async fn rows_written_from(&self, transaction: i64) -> i64 {
        let tables = "select tablename::text from pg_tables where schemaname = 'public'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(self.owner()).await.unwrap();
        let mut written = 0;
        for table in tables {
            let rows = format!("select count(*) from {table} where xmin::text::bigint >= $1");
            let rows = sqlx::query_scalar::<_, i64>(&rows).bind(transaction);
            written += rows.fetch_one(self.owner()).await.unwrap();
        }
        written
    }
}
