//! A poll: ten thousand orders in pages of a hundred, all changed and then all unchanged, beside stock commands.

use std::time::{Duration, Instant};

use crate::Scale;
use crate::drive::rate;
use crate::orders::HISTORY;
use crate::ours::Ours;
use crate::report::{number, ratio, table};
use crate::stock::Stock;

/// As many orders as upstream sends in one answer.
const PAGE: usize = 100;

/// Measures a poll of changed orders, and one of unchanged orders.
pub async fn measure(scale: &Scale) -> String {
    let numbers: Vec<usize> = (0..scale.polled).collect();
    let ours = Ours::with_orders(scale.polled).await;

    let started = Instant::now();
    for page in numbers.chunks(PAGE) {
        assert_eq!(ours.poll(page, HISTORY, HISTORY).await, page.len());
    }
    let changed = started.elapsed();

    ours.until_counted().await;
    let before = ours.newest_transaction().await;
    let started = Instant::now();
    for page in numbers.chunks(PAGE) {
        assert_eq!(ours.poll(page, HISTORY, HISTORY + 1).await, 0);
    }
    let unchanged = started.elapsed();
    let written = ours.newest_transaction().await - before;
    assert_eq!(written, 0, "a poll that finds nothing new must not write");
    ours.ledger.clone().stop().await;

    let events_only = one_by_one(&numbers, false).await;
    let with_view = one_by_one(&numbers, true).await;

    let ledger = rate(scale.polled, changed);
    let rows = [
        ("stock commands, one by one, events only", events_only, ledger / events_only),
        ("stock commands, one by one, with a view", with_view, ledger / with_view),
        ("ledger, a page at a time, all changed", ledger, 1.0),
        ("ledger, a page at a time, none changed: 0 transactions wrote", rate(scale.polled, unchanged), 1.0),
    ];
    let rows = rows.map(|(what, orders, times)| {
        let seconds = rate(scale.polled, Duration::from_secs(1)) / orders;
        vec![what.to_owned(), format!("{seconds:.2}"), number(orders), ratio(times)]
    });
    let heads = ["way", "seconds", "orders a second", "ledger (changed) / this"];
    table(&format!("A poll of {} orders", scale.polled), &heads, rows.into_iter())
}

async fn one_by_one(numbers: &[usize], view: bool) -> f64 {
    let stock = Stock::with_orders(numbers.len(), view).await;
    let started = Instant::now();
    for number in numbers {
        stock.clone().command(*number).await;
    }
    rate(numbers.len(), started.elapsed())
}

impl Ours {
    /// Waits until the counters have taken up what the commits noted, which is work of the poll before.
    async fn until_counted(&self) {
        let noted = "select count(*) from logistics_order_count_changes";
        while sqlx::query_scalar::<_, i64>(noted).fetch_one(self.owner()).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The number that the next writing transaction will get: it stands still while nobody writes.
    async fn newest_transaction(&self) -> i64 {
        sqlx::query_scalar("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            .fetch_one(self.owner())
            .await
            .unwrap()
    }
}
