//! `ledger rebuild`: makes the read tables anew from the log while the service runs, or only compares them.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use sqlx::PgPool;
use tokio::time::sleep;

use super::{answer, end_when_asked};
use crate::config::{DatabaseArgs, MasterKeyArgs};
use crate::ledger::rebuild::{
    Difference, DifferenceKind, RebuildOptions, RebuildReport, clear_leftovers, rebuild,
};
use crate::postgres::Database;
use crate::secrets::KeyRing;

/// How often, and how long apart, it is tried to clear up after a rebuild that was stopped: the server has to notice
/// first that nobody is there any more.
const CLEARINGS_MAX: u32 = 20;
const CLEARING_PAUSE: Duration = Duration::from_millis(100);

/// Arguments of `ledger rebuild`.
#[derive(Args, Debug)]
pub(super) struct RebuildCommand {
    /// Compare only, and put nothing in place; fails where something differs
    #[arg(long)]
    check: bool,
    /// Tell the outcome as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    master_key: MasterKeyArgs,
}

impl RebuildCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ring = self.master_key.ring(&self.database.data_dir()?)?;
        let database = Database::start(&self.database.settings()?).await?;
        let outcome = self.on(&database, &ring).await;
        let closed = database.close().await.context("the private server did not stop");
        outcome?;
        closed
    }

    async fn on(&self, database: &Database, ring: &KeyRing) -> anyhow::Result<()> {
        database.migrate().await?;
        let owner = database.owner_pool().await?;
        let outcome = self.with(&owner, ring).await;
        owner.close().await;
        let report = outcome?;
        answer(&if self.json { serde_json::to_string(&report)? } else { text(&report) })?;
        if self.check && report.differences > 0 {
            bail!("the read tables do not show what the log tells; `ledger rebuild` repairs them");
        }
        Ok(())
    }

    async fn with(&self, owner: &PgPool, ring: &KeyRing) -> anyhow::Result<RebuildReport> {
        let ending = end_when_asked();
        let options = RebuildOptions { check_only: self.check, ..RebuildOptions::default() };
        tokio::select! {
            report = rebuild(owner, ring, &options) => return Ok(report?),
            () = ending.cancelled() => {}
        }
        for _ in 0..CLEARINGS_MAX {
            if clear_leftovers(owner, None).await? {
                bail!("stopped; the read tables are as they were");
            }
            sleep(CLEARING_PAUSE).await;
        }
        bail!("stopped; the read tables are as they were, and the next rebuild clears up");
    }
}

/// The report for people.
fn text(report: &RebuildReport) -> String {
    let mut lines = vec![format!(
        "{} orders, {} events in {:.2} s: {:.0} events a second",
        report.streams, report.events, report.seconds, report.events_per_second
    )];
    if report.caught_up > 0 {
        lines.push(format!("{} times an order moved on meanwhile and was folded again", report.caught_up));
    }
    lines.push(match report.differences {
        0 => "every row shows what the log tells".to_owned(),
        count => format!("rows that do not show what the log tells: {count}"),
    });
    lines.extend(report.differing_rows.iter().map(line));
    lines.push(if report.swapped {
        format!("the rebuilt tables are in place; appends waited {} ms for it", report.appends_held_ms)
    } else {
        "nothing was changed".to_owned()
    });
    lines.join("\n")
}

fn line(found: &Difference) -> String {
    let what = match found.kind {
        DifferenceKind::Missing => "missing".to_owned(),
        DifferenceKind::Surplus => "not in the log".to_owned(),
        DifferenceKind::Altered => format!("differs in {}", found.columns.join(", ")),
    };
    format!("  {} of order {}, row {}: {what}", found.table, found.order, found.row)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_report_names_what_differs_and_says_what_was_done() {
        let mut report = RebuildReport {
            streams: 2,
            events: 20,
            seconds: 0.5,
            events_per_second: 40.0,
            caught_up: 0,
            differences: 1,
            differing_rows: vec![Difference {
                table: "logistics_orders",
                order: Uuid::nil(),
                row: Uuid::nil(),
                kind: DifferenceKind::Altered,
                columns: vec!["status".into(), "weight".into()],
            }],
            appends_held_ms: 0,
            swapped: false,
        };
        let told = text(&report);
        assert!(told.starts_with("2 orders, 20 events in 0.50 s: 40 events a second\n"), "{told}");
        assert!(told.contains("what the log tells: 1\n"), "{told}");
        assert!(told.contains("differs in status, weight\nnothing was changed"), "{told}");

        report.differing_rows.clear();
        (report.differences, report.swapped, report.appends_held_ms) = (0, true, 12);
        assert!(text(&report).ends_with(
            "every row shows what the log tells\nthe rebuilt tables are in place; appends waited 12 ms for it"
        ));
    }
}
