//! The list into pieces of a file: portions of one snapshot, each written out and handed over before the next is read.

use logistics_projections::orders::{OrderList, OrderView, list_portion};
use sqlx::{Connection as _, PgConnection, Postgres, Transaction};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::columns::{Cell, cells, heads};
use super::{Export, Format, Piece, STALLED_AFTER, sheet};

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

/// Hands over the whole file, or as much of it as is taken; a failure is the last piece.
pub(super) async fn pour(reading: &mut PgConnection, export: &Export, give: &mpsc::Sender<Piece>) {
    let poured = match export.format {
        Format::Csv | Format::Jsonl => texts(reading, export, give).await,
        Format::Xlsx => sheet::workbook(reading, export, give).await,
    };
    match poured {
        Ok(()) => {}
        Err(Unfinished::NobodyTakes) => tracing::info!("an export was given up by its caller"),
        Err(Unfinished::Failed(error)) => {
            tracing::error!(%error, "an export broke off");
            // Whoever is not there any more cannot be told.
            let _told = hand_over(give, Err(error)).await;
        }
    }
}

async fn texts(
    reading: &mut PgConnection,
    export: &Export,
    give: &mpsc::Sender<Piece>,
) -> Result<(), Unfinished> {
    let (mut portions, mut begun) = (Portions::of(reading, export).await?, false);
    while let Some(orders) = portions.next().await? {
        let bytes = match export.format {
            Format::Jsonl => json_lines(&orders),
            Format::Csv | Format::Xlsx => csv_lines(&orders, export, begun),
        };
        begun = true;
        hand_over(give, Ok(bytes.map_err(unwritable)?.into())).await?;
    }
    Ok(())
}

/// The list portion by portion, at least one, all in one snapshot.
pub(super) struct Portions<'a> {
    snapshot: Transaction<'a, Postgres>,
    export: &'a Export,
    /// Where to go on; none at the end.
    ahead: Option<OrderList>,
}

impl<'a> Portions<'a> {
    /// Those of the list that is exported. Dropping them ends the snapshot.
    pub(super) async fn of(reading: &'a mut PgConnection, export: &'a Export) -> sqlx::Result<Self> {
        let snapshot = reading.begin_with("begin isolation level repeatable read, read only").await?;
        Ok(Self { snapshot, export, ahead: Some(export.list.clone()) })
    }

    /// The next portion; none at the end.
    pub(super) async fn next(&mut self) -> sqlx::Result<Option<Vec<OrderView>>> {
        let Some(mut list) = self.ahead.take() else { return Ok(None) };
        let Export { scope, read, .. } = self.export;
        let page = list_portion(&mut self.snapshot, scope, &list, *read).await?;
        if page.next.is_some() {
            list.after = page.next;
            self.ahead = Some(list);
        }
        Ok(Some(page.items))
    }

    /// Ends the snapshot now, since what follows needs no database and may take long.
    pub(super) async fn end(self) -> sqlx::Result<()> {
        self.snapshot.rollback().await
    }
}

/// Waits until the piece can be handed over, but not for ever.
pub(super) async fn hand_over(give: &mpsc::Sender<Piece>, piece: Piece) -> Result<(), Unfinished> {
    match timeout(STALLED_AFTER, give.send(piece)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Unfinished::NobodyTakes),
    }
}

/// A failure that is none of the database's, told as one so that there is one way to break off.
pub(super) fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(error))
}

fn json_lines(orders: &[OrderView]) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = Vec::new();
    for order in orders {
        serde_json::to_writer(&mut bytes, order)
            .map_err(|error| csv::Error::from(std::io::Error::from(error)))?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn csv_lines(orders: &[OrderView], export: &Export, begun: bool) -> Result<Vec<u8>, csv::Error> {
    let mut bytes = Vec::new();
    if !begun {
        bytes.extend(BYTE_ORDER_MARK.as_bytes());
    }
    let mut lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
    if !begun {
        lines.write_record(heads(export.words))?;
    }
    for order in orders {
        lines.write_record(cells(order, export.zone, export.words).iter().map(told))?;
    }
    lines.flush()?;
    drop(lines);
    Ok(bytes)
}

fn told(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Instant(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Empty => String::new(),
    }
}
