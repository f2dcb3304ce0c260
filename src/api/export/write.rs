//! Writing the list as pieces of a file: portions of one snapshot, each written out and handed over before the next is read.

use std::iter;

use axum::body::Bytes;
use logistics_projections::orders::BEGIN_SNAPSHOT;
use sqlx::{Connection as _, PgConnection, Postgres, Transaction};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::body_stream::Piece;
use super::table::plain_throughout;
use super::{Cell, Export, Format, Listed, STALLED_AFTER, sheet};

/// How much of a file is handed over at a time, in bytes. Little: whoever takes it slowly shows with each that it is taken.
pub(super) const PIECE: usize = 64 * 1024;

/// What tells a spreadsheet that a text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a file is not finished.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfinished {
    /// Nobody takes it any more.
    #[error("the caller went away or took nothing for too long")]
    NobodyTakes,
    /// It cannot be read or written.
    #[error("the list could not be exported to its end")]
    Failed(#[from] sqlx::Error),
}

/// Hands over the whole file, or as much of it as is taken.
pub(super) async fn write_list<L: Listed>(
    reading: &mut PgConnection,
    export: &Export,
    list: L,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Unfinished> {
    match export.format {
        Format::Csv | Format::Jsonl => texts(reading, export, list, sender).await,
        Format::Xlsx => sheet::workbook(reading, export, list, sender).await,
    }
}

async fn texts<L: Listed>(
    reading: &mut PgConnection,
    export: &Export,
    list: L,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Unfinished> {
    let (mut portions, mut begun) = (Portions::of(reading, list).await?, false);
    while let Some(rows) = portions.next().await? {
        let bytes = match export.format {
            Format::Jsonl => json_lines::<L>(&rows),
            Format::Csv | Format::Xlsx => csv_lines::<L>(&rows, export, begun),
        };
        begun = true;
        for piece in pieces(bytes.map_err(unwritable)?.into()) {
            hand_over(sender, Ok(piece)).await?;
            portions.hold().await?;
        }
    }
    Ok(())
}

/// The list portion by portion, at least one, all in one snapshot.
pub(super) struct Portions<'a, L> {
    snapshot: Transaction<'a, Postgres>,
    list: L,
}

impl<'a, L: Listed> Portions<'a, L> {
    /// Those of the list. Dropping them ends the snapshot.
    pub(super) async fn of(reading: &'a mut PgConnection, list: L) -> sqlx::Result<Self> {
        let snapshot = reading.begin_with(BEGIN_SNAPSHOT).await?;
        Ok(Self { snapshot, list })
    }

    /// The next portion; none at the end.
    pub(super) async fn next(&mut self) -> sqlx::Result<Option<Vec<L::Row>>> {
        self.list.next(&mut self.snapshot).await
    }

    /// Shows the database that the snapshot is in use: a slow taker may be longer over a portion than a transaction may lie idle.
    async fn hold(&mut self) -> sqlx::Result<()> {
        self.snapshot.ping().await
    }

    /// Ends the snapshot now, since what follows needs no database and may take long.
    pub(super) async fn end(self) -> sqlx::Result<()> {
        self.snapshot.rollback().await
    }
}

/// What is cut into pieces; one where there is nothing.
pub(super) fn pieces(mut whole: Bytes) -> impl Iterator<Item = Bytes> {
    let first = whole.split_to(whole.len().min(PIECE));
    let rest = iter::from_fn(move || (!whole.is_empty()).then(|| whole.split_to(whole.len().min(PIECE))));
    iter::once(first).chain(rest)
}

/// Waits until the piece can be handed over, but not for ever.
pub(super) async fn hand_over(sender: &mpsc::Sender<Piece>, piece: Piece) -> Result<(), Unfinished> {
    match timeout(STALLED_AFTER, sender.send(piece)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Unfinished::NobodyTakes),
    }
}

/// A failure that is none of the database's, told as one so that there is one way to break off.
pub(in crate::api) fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(error))
}

fn json_lines<L: Listed>(rows: &[L::Row]) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row)
            .map_err(|error| csv::Error::from(std::io::Error::from(error)))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn csv_lines<L: Listed>(rows: &[L::Row], export: &Export, begun: bool) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = Vec::new();
    if !begun {
        bytes.extend(BYTE_ORDER_MARK.as_bytes());
    }
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
    if !begun {
        lines.write_record(L::heads(export.words))?;
    }
    for row in rows {
        lines.write_record(L::cells(row, export.zone, export.words).iter().map(told))?;
    }
    lines.flush()?;
    drop(lines);
    Ok(bytes)
}

fn told(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => plain_throughout(text),
        Cell::Number(number) => number.to_string(),
        Cell::Instant(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_handed_over_in_small_pieces() {
        for (bytes, lengths) in
            [(0, &[0][..]), (5, &[5]), (PIECE, &[PIECE]), (2 * PIECE + 1, &[PIECE, PIECE, 1])]
        {
            let whole: Vec<u8> = (0..=u8::MAX).cycle().take(bytes).collect();
            let pieces: Vec<Bytes> = pieces(whole.clone().into()).collect();
            assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), lengths);
            assert_eq!(pieces.concat(), whole);
        }
    }
}
