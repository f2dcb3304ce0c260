//! Filling the shadow tables: one task reads the log and folds it, on a connection of its own, while the rows that it
//! made are written on another. Neither holds more than a portion.

use futures_util::stream::{BoxStream, Fuse};
use futures_util::{StreamExt, TryStreamExt};
use logistics_domain::status::Mapping;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::error::RebuildError;
use super::fold::{Folded, Folding};
use super::log::{self, Extents, Heads, RecordedEvent};
use super::write::write;
use crate::secrets::KeyRing;

/// The most streams, and about the most scans, that are written by one statement.
const PORTION_STREAMS_MAX: usize = 1000;
const PORTION_SCANS_MAX: usize = 8000;

/// How many portions may wait to be written.
const PORTIONS_WAITING_MAX: usize = 2;

/// What was filled in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) streams: u64,
    pub(super) events: u64,
}

/// Fills the shadow tables from the whole log, and tells up to where it went and what the log held up to there.
pub(super) async fn fill(
    reading: PgConnection,
    writing: &mut PgConnection,
    ring: &KeyRing,
    mapping: &'static Mapping,
) -> Result<(Heads, Extents, Tally), RebuildError> {
    let (give, mut given) = mpsc::channel(PORTIONS_WAITING_MAX);
    // Dropped with this future, so nothing goes on reading for a rebuild that was given up.
    let reader = AbortOnDropHandle::new(tokio::spawn(read(reading, mapping, give)));
    let mut tally = Tally::default();
    while let Some(portion) = given.recv().await {
        tally.count(&portion);
        write(writing, ring, &portion).await?;
    }
    match reader.await {
        Ok(read) => read.map(|(heads, extents)| (heads, extents, tally)),
        Err(ended) => Err(RebuildError::Database(sqlx::Error::Io(std::io::Error::other(ended)))),
    }
}

impl Tally {
    fn count(&mut self, portion: &[Folded]) {
        self.streams += portion.len() as u64;
        self.events += portion.iter().map(|folded| folded.version.unsigned_abs()).sum::<u64>();
    }
}

/// Reads heads and log in one snapshot.
async fn read(
    mut connection: PgConnection,
    mapping: &'static Mapping,
    give: mpsc::Sender<Vec<Folded>>,
) -> Result<(Heads, Extents), RebuildError> {
    connection.execute("begin isolation level repeatable read read only").await?;
    // The server sorts what may be the whole log; with room it makes fewer rounds of it.
    connection.execute("set local work_mem = '64MB'").await?;
    let heads = log::heads(&mut connection).await?;
    let mut portions = Portions::of(log::whole(&mut connection), mapping);
    while let Some(portion) = portions.next().await? {
        if give.send(portion).await.is_err() {
            // Writing failed, which is told there.
            break;
        }
    }
    let extents = portions.into_extents();
    connection.close().await?;
    Ok((heads, extents))
}

/// Folds these streams and writes them.
pub(super) async fn fold_again(
    connection: &mut PgConnection,
    ring: &KeyRing,
    mapping: &'static Mapping,
    streams: &[String],
) -> Result<(), RebuildError> {
    for portion in streams.chunks(PORTION_STREAMS_MAX) {
        let mut folded = Vec::with_capacity(portion.len());
        let mut portions = Portions::of(log::of_streams(connection, portion), mapping);
        while let Some(more) = portions.next().await? {
            folded.extend(more);
        }
        drop(portions);
        write(connection, ring, &folded).await?;
    }
    Ok(())
}

/// Folded streams, a portion at a time.
struct Portions<'c> {
    events: Fuse<BoxStream<'c, sqlx::Result<RecordedEvent>>>,
    folding: Folding,
}

impl<'c> Portions<'c> {
    fn of(events: BoxStream<'c, sqlx::Result<RecordedEvent>>, mapping: &'static Mapping) -> Self {
        Self { events: events.fuse(), folding: Folding::by(mapping) }
    }

    /// What was read, tenant by tenant.
    fn into_extents(self) -> Extents {
        self.folding.into_extents()
    }

    /// The next portion; none at the end.
    async fn next(&mut self) -> Result<Option<Vec<Folded>>, RebuildError> {
        let (mut portion, mut scans) = (Vec::new(), 0);
        while portion.len() < PORTION_STREAMS_MAX && scans < PORTION_SCANS_MAX {
            let folded = match self.events.try_next().await? {
                Some(event) => self.folding.take(&event)?,
                None => match self.folding.finish() {
                    Some(last) => Some(last),
                    None => break,
                },
            };
            if let Some(folded) = folded {
                scans += folded.tracking.rows().len();
                portion.push(folded);
            }
        }
        Ok(Some(portion).filter(|portion| !portion.is_empty()))
    }
}
