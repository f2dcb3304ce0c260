//! The list as a workbook. Rows go to a temporary file of the writer as they come, and the finished file is handed over in
//! pieces, so neither is held in memory. A list that is longer than a sheet goes on in the next.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use axum::body::Bytes;
use chrono::{Datelike as _, NaiveDateTime, NaiveTime, Timelike as _};
use chrono_tz::Tz;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Workbook, Worksheet, XlsxError};
use sqlx::PgConnection;
use tokio::sync::mpsc;

use super::body_stream::Piece;
use super::write::{PIECE, Portions, Unfinished, hand_over, unwritable};
use super::{Cell, Export, Listed};
use crate::words::Words;

/// Rows of a sheet below its head; a sheet holds one more.
const ROWS_MAX: u32 = 1_048_575;

/// The most UTF-16 units of a cell; a file with a longer one is broken.
const CELL_UNITS_MAX: usize = 32_767;

/// Portions that wait to be written.
const PORTIONS_WAITING_MAX: usize = 1;

/// Hands over the whole workbook.
pub(super) async fn workbook<L: Listed>(
    reading: &mut PgConnection,
    export: &Export,
    list: L,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), Unfinished> {
    let (pass, passed) = mpsc::channel(PORTIONS_WAITING_MAX);
    let (zone, words, out, permit) = (export.zone, export.words, sender.clone(), Arc::clone(&export.permit));
    // Writing and packing take the processor for long, away from the threads that answer.
    let writing = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        write::<L>(passed, (zone, words), out)
    });
    let read = read(reading, list, sender, &pass).await;
    drop(pass);
    let written = writing.await.map_err(unwritable)?;
    read?;
    written.map_err(|error| Unfinished::Failed(unwritable(error)))
}

/// Passes every portion on, and then that this was the end.
async fn read<L: Listed>(
    reading: &mut PgConnection,
    list: L,
    sender: &mpsc::Sender<Piece>,
    pass: &mpsc::Sender<Option<Vec<L::Row>>>,
) -> Result<(), Unfinished> {
    let (mut portions, mut begun) = (Portions::of(reading, list).await?, false);
    while let Some(rows) = portions.next().await? {
        if sender.is_closed() {
            return Err(Unfinished::NobodyTakes);
        }
        if !std::mem::replace(&mut begun, true) {
            // An empty piece says that all is well so far.
            hand_over(sender, Ok(Bytes::new())).await?;
        }
        if pass.send(Some(rows)).await.is_err() {
            // The writer ended early, and tells why.
            return Ok(());
        }
    }
    portions.end().await?;
    let _writer_ended = pass.send(None).await;
    Ok(())
}

/// Writes what is passed until the end is told; where it is not, nothing is handed over.
fn write<L: Listed>(
    mut passed: mpsc::Receiver<Option<Vec<L::Row>>>,
    (zone, words): (Tz, Words),
    sender: mpsc::Sender<Piece>,
) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let looks = Looks {
        head: Look::new().set_bold(),
        instant: Look::new().set_num_format("yyyy-mm-dd hh:mm"),
        day: Look::new().set_num_format("yyyy-mm-dd"),
    };
    let mut row = 0;
    begin_sheet(workbook.add_worksheet_with_constant_memory()?, &L::heads(words), &looks)?;
    loop {
        let Some(portion) = passed.blocking_recv() else { return Ok(()) };
        let Some(rows) = portion else { break };
        for listed in &rows {
            if row == ROWS_MAX {
                row = 0;
                begin_sheet(workbook.add_worksheet_with_constant_memory()?, &L::heads(words), &looks)?;
            }
            row += 1;
            let sheet =
                workbook.worksheets_mut().last_mut().ok_or(XlsxError::ParameterError(String::new()))?;
            write_row(sheet, row, &L::cells(listed, zone, words), &looks)?;
        }
    }
    let mut pieces = io::BufWriter::with_capacity(PIECE, Pieces { sender });
    workbook.save_to_writer(&mut pieces)?;
    pieces.flush().map_err(XlsxError::from)
}

struct Looks {
    head: Look,
    instant: Look,
    day: Look,
}

fn begin_sheet(sheet: &mut Worksheet, heads: &[String], looks: &Looks) -> Result<(), XlsxError> {
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(0, column, head, &looks.head)?;
        sheet.set_column_width(column, 18)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[Cell], looks: &Looks) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(text) => sheet.write_string(row, column, fitting(text))?,
            Cell::Number(number) => sheet.write_number(row, column, *number)?,
            Cell::Instant(at) => match excel(at) {
                Some(at) => sheet.write_datetime_with_format(row, column, at, &looks.instant)?,
                // A spreadsheet's calendar begins in 1900.
                None => sheet.write_string(row, column, at.to_string())?,
            },
            Cell::Day(day) => match excel(&day.and_time(NaiveTime::MIN)) {
                Some(day) => sheet.write_datetime_with_format(row, column, day, &looks.day)?,
                None => sheet.write_string(row, column, day.to_string())?,
            },
            Cell::Empty => continue,
        };
    }
    Ok(())
}

/// As much of a text as a cell takes; what is cut off shows.
fn fitting(text: &str) -> Cow<'_, str> {
    if text.encode_utf16().count() <= CELL_UNITS_MAX {
        return Cow::Borrowed(text);
    }
    let mut units = 1;
    let kept = text.chars().take_while(|letter| {
        units += letter.len_utf16();
        units <= CELL_UNITS_MAX
    });
    Cow::Owned(kept.chain(['…']).collect())
}

fn excel(at: &NaiveDateTime) -> Option<ExcelDateTime> {
    let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
    let (hour, minute) = (u16::try_from(at.hour()).ok()?, u8::try_from(at.minute()).ok()?);
    let date = ExcelDateTime::from_ymd(u16::try_from(at.year()).ok()?, month, day).ok()?;
    date.and_hms(hour, minute, f64::from(at.second())).ok()
}

/// What is written here is handed over.
struct Pieces {
    sender: mpsc::Sender<Piece>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        tokio::runtime::Handle::current()
            .block_on(hand_over(&self.sender, Ok(piece)))
            .map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_a_cell_does_not_hold_is_cut_where_a_letter_ends() {
        let units = |text: &str| text.encode_utf16().count();
        assert_eq!(fitting("ñandú"), "ñandú");
        let whole = "x".repeat(CELL_UNITS_MAX);
        assert_eq!(fitting(&whole), whole);
        let cut = fitting(&"x".repeat(CELL_UNITS_MAX + 1)).into_owned();
        assert!(units(&cut) == CELL_UNITS_MAX && cut.ends_with("x…"));
        let wide = fitting(&"📦".repeat(CELL_UNITS_MAX)).into_owned();
        assert!(units(&wide) <= CELL_UNITS_MAX && wide.ends_with("📦…"));
    }
}
