//! The recipient of an order, as the query of the [whole order](crate::orders::WholeOrder) selects it.

use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::row::Recipient;

/// What a query selects for a [`Recipient`], of the table `r`.
pub(crate) const SELECTED: &str = "r.name, r.company, r.address_lines, r.town, r.county, r.post_code, r.country, r.phone, \
     r.mobile, r.email, r.delivery_notes, r.comments";

impl FromRow<'_, PgRow> for Recipient {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: row.try_get("name")?,
            company: row.try_get("company")?,
            address_lines: row.try_get("address_lines")?,
            town: row.try_get("town")?,
            county: row.try_get("county")?,
            post_code: row.try_get("post_code")?,
            country: row.try_get("country")?,
            phone: row.try_get("phone")?,
            mobile: row.try_get("mobile")?,
            email: row.try_get("email")?,
            delivery_notes: row.try_get("delivery_notes")?,
            comments: row.try_get("comments")?,
        })
    }
}
