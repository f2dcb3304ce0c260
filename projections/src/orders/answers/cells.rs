//! The values of a row, taken one after the other by their places.

use std::array::TryFromSliceError;

use chrono::{DateTime, Utc};
use sqlx::error::UnexpectedNullError;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Decode, Row, Type, ValueRef as _};

/// The instant from which the server counts, in microseconds from the one from which we do.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The cells of a row, from a place on.
pub(in crate::orders) struct Cells<'r> {
    row: &'r PgRow,
    place: usize,
}

impl<'r> Cells<'r> {
    /// Those from this place on.
    pub(in crate::orders) const fn of(row: &'r PgRow, place: usize) -> Self {
        Self { row, place }
    }

    /// The next value.
    ///
    /// That its type is the table's is looked at by every test, and not for each value of each order of a page, which took longer
    /// than taking the values.
    pub(in crate::orders) fn next<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> sqlx::Result<T> {
        let place = self.skip();
        if cfg!(debug_assertions) { self.row.try_get(place) } else { self.row.try_get_unchecked(place) }
    }

    /// The next instant: what [`next`](Self::next) takes, without going through dates and times of day on the way, which took a
    /// fifteenth of writing a page.
    pub(in crate::orders) fn instant(&mut self) -> sqlx::Result<Option<DateTime<Utc>>> {
        let place = self.skip();
        let value = self.row.try_get_raw(place)?;
        if value.is_null() {
            return Ok(None);
        }
        let unreadable = |source| sqlx::Error::ColumnDecode { index: place.to_string(), source };
        let micros = i64::from_be_bytes(
            value
                .as_bytes()
                .map_err(unreadable)?
                .try_into()
                .map_err(|error: TryFromSliceError| unreadable(error.into()))?,
        );
        let at = micros.checked_add(EPOCH_MICROS).and_then(DateTime::from_timestamp_micros);
        debug_assert_eq!(self.row.try_get(place).ok(), Some(at), "as it is taken elsewhere");
        at.map(Some).ok_or_else(|| unreadable("the instant is beyond the calendar".into()))
    }

    /// The next instant, of a column that is never null.
    pub(in crate::orders) fn given_instant(&mut self) -> sqlx::Result<DateTime<Utc>> {
        let place = self.place;
        let unexpected =
            || sqlx::Error::ColumnDecode { index: place.to_string(), source: UnexpectedNullError.into() };
        self.instant()?.ok_or_else(unexpected)
    }

    /// The place of the next column, which is read in another way.
    pub(in crate::orders) const fn skip(&mut self) -> usize {
        self.place += 1;
        self.place - 1
    }
}
