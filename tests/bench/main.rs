//! `cargo bench --bench write_path`: the write path beside stock cqrs-es + postgres-es, on the same server in one run.
//!
//! Everything is measured in interleaved rounds, and medians are told, as markdown for `docs/performance.md`. The server
//! is a private PostgreSQL with its durable default settings. `-- --smoke` runs a small version of everything in seconds.
//! Figures are ratios of one machine: client and server share its cores.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to tell")]

#[path = "../support/database.rs"]
#[expect(dead_code, reason = "benchmarks need a part of what the tests stand on")]
mod database;
mod drive;
mod orders;
mod ours;
mod poll;
mod rebuild;
mod report;
mod single;
mod stock;

use std::io::Write as _;

/// How much is measured.
pub struct Scale {
    /// Rounds of every measurement; the median is told.
    pub rounds: usize,
    /// Commands of a round at 1, 16, 64 and 256 in flight.
    pub commands: [(usize, usize); 4],
    /// Orders of the poll.
    pub polled: usize,
}

const FULL: Scale =
    Scale { rounds: 5, commands: [(1, 500), (16, 1500), (64, 3000), (256, 4000)], polled: 10_000 };
const SMOKE: Scale =
    Scale { rounds: 1, commands: [(1, 100), (16, 300), (64, 600), (256, 800)], polled: 1000 };

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let scale = if smoke { SMOKE } else { FULL };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let report = runtime.block_on(async {
        let single = single::measure(&scale).await;
        let poll = poll::measure(&scale).await;
        let rebuild = rebuild::measure(&scale).await;
        [single, poll, rebuild].concat()
    });
    std::io::stdout().write_all(report.as_bytes()).unwrap();
}
