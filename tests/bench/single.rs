//! Commands one by one: load an order with ten events, append one. Five ways, at 1, 16, 64 and 256 in flight.

use std::ops::Range;

use sqlx::PgPool;

use crate::Scale;
use crate::drive::{median, per_second};
use crate::ours::Ours;
use crate::report::{number, ratio, table};
use crate::stock::Stock;

/// The ways that are compared.
struct Ways {
    events_only: Stock,
    with_view: Stock,
    ours: Ours,
    forgets: Ours,
    raw: PgPool,
}

/// Measures all ways in interleaved rounds, each command on an order of its own.
pub async fn measure(scale: &Scale) -> String {
    let orders: usize = scale.rounds * scale.commands.iter().map(|(_, commands)| commands).sum::<usize>();
    // Stock comes last, so that its tables are the ones that the server has at hand.
    let forgets = Ours::that_forgets(orders).await;
    let ours = Ours::with_orders(orders).await;
    let with_view = Stock::with_orders(orders, true).await;
    let events_only = Stock::with_orders(orders, false).await;
    let raw = events_only.pool.clone();
    sqlx::query("create table raw_commits (id bigint primary key, payload text not null)")
        .execute(&raw)
        .await
        .unwrap();
    ours.settle().await;
    let ways = Ways { events_only, with_view, ours, forgets, raw };

    let mut measured = vec![[const { Vec::new() }; 5]; scale.commands.len()];
    let mut first = 0;
    for round in 0..scale.rounds {
        for (at, (in_flight, commands)) in scale.commands.iter().enumerate() {
            let numbers = first..first + commands;
            first = numbers.end;
            // Each round begins with another way, so that none always runs on a warm or a tired machine.
            for turn in 0..5 {
                let way = (turn + round) % 5;
                measured[at][way].push(ways.run(way, *in_flight, numbers.clone()).await);
            }
        }
    }
    ways.ours.ledger.stop().await;
    ways.forgets.ledger.stop().await;
    told(scale, &measured)
}

impl Ways {
    async fn run(&self, way: usize, in_flight: usize, numbers: Range<usize>) -> f64 {
        match way {
            0 => {
                let stock = self.events_only.clone();
                per_second(in_flight, numbers, move |number| stock.clone().command(number)).await
            }
            1 => {
                let stock = self.with_view.clone();
                per_second(in_flight, numbers, move |number| stock.clone().command(number)).await
            }
            2 | 3 => {
                let ours = if way == 2 { &self.ours } else { &self.forgets };
                let ledger = ours.ledger.clone();
                per_second(in_flight, numbers, move |number| Ours::command(ledger.clone(), number)).await
            }
            _ => {
                let pool = self.raw.clone();
                per_second(in_flight, numbers, move |number| raw_commit(pool.clone(), number)).await
            }
        }
    }
}

async fn raw_commit(pool: PgPool, number: usize) {
    sqlx::query("insert into raw_commits (id, payload) values ($1, $2)")
        .bind(i64::try_from(number).unwrap())
        .bind("a row of about the size of an event, committed alone and durably")
        .execute(&pool)
        .await
        .unwrap();
}

fn told(scale: &Scale, measured: &[[Vec<f64>; 5]]) -> String {
    let rows = scale.commands.iter().zip(measured).map(|((in_flight, _), ways)| {
        let [events_only, with_view, ours, forgets, raw] = ways.each_ref().map(|rates| median(rates));
        vec![
            in_flight.to_string(),
            number(events_only),
            number(with_view),
            number(ours),
            number(forgets),
            number(raw),
            ratio(ours / events_only),
            ratio(ours / with_view),
            ratio(forgets / events_only),
            ratio(forgets / with_view),
        ]
    });
    let heads = [
        "in flight",
        "(a) stock",
        "(b) stock + view",
        "(c) ledger, orders at hand",
        "(d) ledger, orders read whole",
        "(e) raw rows",
        "c / a",
        "c / b",
        "d / a",
        "d / b",
    ];
    table("Commands a second: load ten events, append one", &heads, rows)
}
