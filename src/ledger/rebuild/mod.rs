//! The rebuild: the read tables made anew from the log while the service goes on, compared with those that people
//! read, and put in their place.
//!
//! Shadow tables are filled from one snapshot of the log. What is appended meanwhile is folded again in rounds, each of
//! them and its comparison in one snapshot too, so that a difference found is a real one. The last round runs under a
//! lock on the heads, which every append takes first: appends wait for it, and nothing can deadlock with them. Readers
//! wait for the renaming alone. Until that commits the tables that people read are untouched, whatever happens; what a
//! killed rebuild leaves behind is cleared by the next one, or by [`clear_leftovers`]. Nothing outside the read tables
//! is written, no event is made and nobody is told.
//!
//! A log that is not whole, or not what was recorded, is refused: what people read may then be all that is left of it.

mod compare;
mod error;
mod fill;
mod fold;
mod log;
mod shadow;
mod swap;
mod write;
mod zones;

use std::time::Duration;

use logistics_domain::status::{CURRENT, Mapping};
use serde::Serialize;
use sqlx::{Connection, Executor, PgConnection, PgPool};
use tokio::time::Instant;

pub use self::compare::{Difference, DifferenceKind};
use self::compare::{Differences, compare};
pub use self::error::RebuildError;
use self::fill::{Tally, fill, fold_again};
use self::log::{Heads, require_witnessed};
use self::zones::Zones;
use crate::secrets::KeyRing;

/// Begins what must see one moment.
const SNAPSHOT: &str = "begin isolation level repeatable read";

/// In how many snapshots a step is tried.
const SNAPSHOTS_MAX: u32 = 10;

/// What a rebuild is to do.
#[derive(Clone, Debug)]
pub struct RebuildOptions {
    /// Compare and tell, and leave everything as it is.
    pub check_only: bool,
    /// The most differences that are told one by one; all are counted and repaired.
    pub differences_told_max: usize,
    /// By which statuses and scans are read.
    pub mapping: &'static Mapping,
}

impl Default for RebuildOptions {
    fn default() -> Self {
        Self { check_only: false, differences_told_max: 1000, mapping: &CURRENT }
    }
}

/// What a rebuild did and found.
#[derive(Clone, Debug, Serialize)]
pub struct RebuildReport {
    /// How many orders were folded.
    pub streams: u64,
    /// How many events they have.
    pub events: u64,
    /// How long it took as a whole, in seconds.
    pub seconds: f64,
    /// Events by those seconds.
    pub events_per_second: f64,
    /// How many orders were folded again, since they moved on meanwhile.
    pub caught_up: u64,
    /// How many rows did not show what the log tells; none is what to expect.
    pub differences: u64,
    /// The first of them.
    pub differing_rows: Vec<Difference>,
    /// How long appends waited for the tables to be put in place, in milliseconds.
    pub appends_held_ms: u64,
    /// Whether the rebuilt tables are the ones that people read now.
    pub swapped: bool,
}

/// Rebuilds the read tables as their owner, or only compares them. Two connections of the pool are used.
pub async fn rebuild(
    owner: &PgPool,
    ring: &KeyRing,
    options: &RebuildOptions,
) -> Result<RebuildReport, RebuildError> {
    let started = Instant::now();
    // Taken out of the pool: a rebuild that is dropped midway takes lock and transaction with it.
    let mut connection = owner.acquire().await?.detach();
    shadow::claim_soon(&mut connection).await?;
    let reading = owner.acquire().await?.detach();

    let mut run = Run { connection, ring, options, tally: Tally::default(), progress: Progress::default() };
    let held = match run.all(reading).await {
        Ok(held) => held,
        Err(error) => {
            // What failed is what counts; the next rebuild clears what cannot be cleared now.
            let _cleared = run.leave().await;
            return Err(error);
        }
    };
    let Run { mut connection, tally, progress: Progress { caught_up, differences, .. }, .. } = run;
    shadow::clear(&mut connection).await?;
    shadow::release(&mut connection).await?;
    connection.close().await?;

    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate is told to a few digits")]
    let events_per_second = tally.events as f64 / seconds.max(f64::EPSILON);
    Ok(RebuildReport {
        streams: tally.streams,
        events: tally.events,
        seconds,
        events_per_second,
        caught_up,
        differences: differences.count(),
        differing_rows: differences.into_list(),
        appends_held_ms: held.map_or(0, |held| u64::try_from(held.as_millis()).unwrap_or(u64::MAX)),
        swapped: held.is_some(),
    })
}

/// Drops what a killed rebuild left behind: a copy of recipients among it, which no erasure reaches. Where a rebuild
/// runs just now nothing is done, and false is told.
///
/// `patience` bounds each wait for a lock, as for a backup that reads the shadows; without it, it is waited for as long as it takes.
pub async fn clear_leftovers(owner: &PgPool, patience: Option<Duration>) -> Result<bool, RebuildError> {
    let mut connection = owner.acquire().await?.detach();
    if let Some(patience) = patience {
        connection.execute(format!("set lock_timeout = {}", patience.as_millis()).as_str()).await?;
    }
    let cleared = match shadow::claim(&mut connection).await {
        Ok(()) => {
            shadow::clear(&mut connection).await?;
            shadow::release(&mut connection).await?;
            true
        }
        Err(RebuildError::AlreadyRunning) => false,
        Err(error) => return Err(error),
    };
    connection.close().await?;
    Ok(cleared)
}

/// Whether there are shadow tables: of a rebuild that runs, or left behind by one. Whoever may read the read tables may ask.
pub async fn has_shadows(pool: &PgPool) -> sqlx::Result<bool> {
    shadow::exist(pool).await
}

/// A rebuild under way.
struct Run<'a> {
    /// The connection that holds the claim, and writes.
    connection: PgConnection,
    ring: &'a KeyRing,
    options: &'a RebuildOptions,
    tally: Tally,
    progress: Progress,
}

/// How far it is: all that a step changes which comes to nothing with its transaction, so that it is put back as one.
#[derive(Clone, Default)]
struct Progress {
    /// Up to where the shadows are right.
    heads: Heads,
    caught_up: u64,
    /// The orders that were folded again since the searches of all were repaired.
    unsearched: Vec<String>,
    /// By which zones the shadow is counted.
    zones: Zones,
    differences: Differences,
}

impl Run<'_> {
    /// Everything, and how long appends were held if the tables were swapped.
    async fn all(&mut self, reading: PgConnection) -> Result<Option<std::time::Duration>, RebuildError> {
        shadow::clear(&mut self.connection).await?;
        shadow::make(&mut self.connection).await?;
        let (heads, extents, tally) =
            fill(reading, &mut self.connection, self.ring, self.options.mapping).await?;
        (self.progress.heads, self.tally) = (heads.clone(), tally);
        shadow::finish(&mut self.connection).await?;
        self.in_snapshot(Step::Compare).await?;
        // Only now, since a row that is ahead names the order whose events are missing.
        extents.require(&heads)?;
        if self.options.check_only {
            return Ok(None);
        }
        shadow::check_shape(&mut self.connection).await?;
        self.in_snapshot(Step::Count).await?;
        self.progress.unsearched.clear();
        shadow::repair_searches(&mut self.connection, None).await?;
        self.swap().await.map(Some)
    }

    /// Does a step in one snapshot: what is shown and what the log tells are of the same moment there. Tells how many orders moved
    /// on before. Commits go on beside it, and both tell of facets: where a commit was first with a new one, the snapshot
    /// does not hold it, and the step is done in the next one.
    async fn in_snapshot(&mut self, step: Step) -> Result<usize, RebuildError> {
        for _ in 1..SNAPSHOTS_MAX {
            let before = self.progress.clone();
            match self.try_in_snapshot(step).await {
                Err(error) if error.is_conflict() => {
                    self.connection.execute("rollback").await?;
                    self.progress = before;
                }
                ended => return ended,
            }
        }
        self.try_in_snapshot(step).await
    }

    async fn try_in_snapshot(&mut self, step: Step) -> Result<usize, RebuildError> {
        self.connection.execute(SNAPSHOT).await?;
        let moved = match step {
            Step::Compare => self.catch_up(Scope::Everything).await?,
            Step::Count => {
                self.progress.zones = Zones::of(&mut self.connection).await?;
                shadow::count(&mut self.connection).await?;
                0
            }
            Step::CatchUp => {
                let moved = self.catch_up(Scope::Moved).await?;
                // Here, where nobody waits for it, and not while appends are held.
                self.count_again().await?;
                moved
            }
        };
        self.connection.execute("commit").await?;
        Ok(moved)
    }

    /// Counts the shadow of the tenants anew whose zone is another than it is counted by; in the transaction that is open.
    async fn count_again(&mut self) -> Result<(), RebuildError> {
        for tenant in self.progress.zones.changed() {
            shadow::count_again(&mut self.connection, *tenant).await?;
        }
        self.progress.zones.counted();
        Ok(())
    }

    /// Folds again what moved on since the last time, and compares; in the transaction that is open.
    async fn catch_up(&mut self, scope: Scope) -> Result<usize, RebuildError> {
        let heads = log::heads(&mut self.connection).await?;
        let moved = log::moved(&mut self.connection, &self.progress.heads, &heads).await?;
        fold_again(&mut self.connection, self.ring, self.options.mapping, &moved).await?;
        self.progress.zones.look(&mut self.connection).await?;
        self.progress.heads = heads;
        self.progress.caught_up += moved.len() as u64;
        let orders = match scope {
            Scope::Everything => None,
            Scope::Moved => Some(moved.as_slice()),
        };
        require_witnessed(&mut self.connection, orders).await?;
        let told_max = self.options.differences_told_max;
        compare(&mut self.connection, orders, &mut self.progress.differences, told_max).await?;
        self.progress.unsearched.extend_from_slice(&moved);
        Ok(moved.len())
    }

    /// Clears up after a failure.
    async fn leave(mut self) -> sqlx::Result<()> {
        self.connection.execute("rollback").await?;
        shadow::clear(&mut self.connection).await?;
        shadow::release(&mut self.connection).await?;
        self.connection.close().await
    }
}

/// What is done in one snapshot.
#[derive(Clone, Copy)]
enum Step {
    /// What moved on is folded again, and all rows are compared.
    Compare,
    /// The shadow is counted.
    Count,
    /// What moved on is folded again, compared, and counted by the present zones.
    CatchUp,
}

/// What is compared.
#[derive(Clone, Copy)]
enum Scope {
    /// All rows.
    Everything,
    /// The rows of orders that moved on.
    Moved,
}
