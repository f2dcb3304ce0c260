//! What the statement of a page selects of each order: all that is shown of it, or no more than which row it is, for those who hold
//! the rest or only want to know whether it holds a text.

use chrono::{DateTime, Utc};
use logistics_domain::OrderStreamId;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::conditions::{Sql, push_holds_text, push_shown};
use super::filter::OrderFilter;
use super::places::WITHIN;
use super::sorting::SortBy;
use crate::orders::answers::cells::Cells;
use crate::orders::answers::seen::{BESIDE, BESIDE_AT, SELECTED};
use crate::scope::TenantScope;

/// What is selected of an order `o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::orders) enum Selection {
    /// All that is shown.
    Whole,
    /// Only what identifies the row, what was heard outside its history, and the sort key.
    Marks(SortBy),
    /// A mark without what was heard, and with whether the order holds the text that is searched for, as `is_met`: all do where none is.
    Compared(SortBy),
}

/// Identifies one version of a read row, so that a cached text is used only for the row that it was rendered from. The number of the
/// last event is not enough, since a rebuild may write another row of the same events; `written_by` is the transaction (`xmin`) that
/// wrote it. A standby promoted without the last commits may reuse both, but not the instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::orders) struct Stamp {
    version: i64,
    written_by: [u8; 4],
    observed_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The columns of a [`Stamp`] besides the instants. `o.stamp` is `xmin`, named in the subquery, since subqueries have no system columns.
const STAMP: &str = "o.version, o.stamp";

/// Where it stands: behind what is [`SELECTED`], and in a mark behind the id, with the instants behind it.
const STAMP_AT: usize = BESIDE_AT + 3;
const INSTANTS_AT: [usize; 2] = [BESIDE_AT - 2, BESIDE_AT - 3];
const STAMP_OF_MARK_AT: usize = 1;
const INSTANTS_OF_MARK_AT: [usize; 2] = [3, 4];
const BESIDE_MARK_AT: usize = 5;

/// Where nothing is asked of what was heard beside the histories of orders.
const NOTHING_BESIDE: &str = "cross join (values (null::timestamptz, null::text)) c(answered_at, via) \
     cross join (values (null::timestamptz)) m(last_synced_at)";

/// All of a row of the table `logistics_orders o`, for a subquery.
pub(in crate::orders) const OF_ROW: &str = "select o.*, o.xmin as stamp from logistics_orders o";

/// What a mark and its joins need of it besides the id, but for what the list is sorted by. To carry all of a row takes its fifty
/// columns apart, which is a quarter of the statement.
const OF_MARK: &str = ", o.tenant_id, o.account_id, o.version, o.xmin as stamp, o.observed_at, o.updated_at, \
     o.vanished_at";

impl Selection {
    /// What is answered of an order, up to where the total is told.
    pub(in crate::orders) fn push(self, sql: &mut Sql, filter: &OrderFilter) {
        sql.push("select ");
        match self {
            Self::Whole => sql.push(SELECTED).push(", ").push(STAMP).push(", o.number_key"),
            Self::Marks(sort_by) => {
                sql.push("o.id, ").push(STAMP).push(", o.observed_at, o.updated_at, ").push(BESIDE);
                push_sorted_by(sql, sort_by)
            }
            Self::Compared(sort_by) => {
                sql.push("o.id, ").push(STAMP).push(", o.observed_at, o.updated_at, ");
                push_holds_text(sql, &filter.searched().unwrap_or_default());
                push_sorted_by(sql.push(" as is_met"), sort_by)
            }
        };
    }

    /// The subquery of a row of the table `logistics_orders o` with what is answered of it, up to where it is chosen.
    pub(in crate::orders) fn push_row(self, sql: &mut Sql) -> &mut Sql {
        match self {
            Self::Whole => sql.push(OF_ROW),
            Self::Marks(sort_by) => {
                push_mark(sql.push("select o.id"), sort_by).push(" from logistics_orders o")
            }
            Self::Compared(sort_by) => {
                push_mark(sql.push("select o.id, o.search_text"), sort_by).push(" from logistics_orders o")
            }
        }
    }

    /// Where the columns of what was heard beside an order's history stand.
    pub(in crate::orders) const fn beside_at(self) -> usize {
        match self {
            Self::Whole => BESIDE_AT,
            Self::Marks(_) | Self::Compared(_) => BESIDE_MARK_AT,
        }
    }

    /// When what is shown of it last changed (UTC); none in a row without an order.
    pub(in crate::orders) fn changed_at(self, row: &PgRow) -> sqlx::Result<Option<DateTime<Utc>>> {
        Cells::of(row, self.instants_at()[1]).instant()
    }

    /// Where the instants of a stamp stand.
    const fn instants_at(self) -> [usize; 2] {
        match self {
            Self::Whole => INSTANTS_AT,
            Self::Marks(_) | Self::Compared(_) => INSTANTS_OF_MARK_AT,
        }
    }

    /// Which row it is.
    pub(in crate::orders) fn stamp_of(self, row: &PgRow) -> sqlx::Result<Stamp> {
        let place = match self {
            Self::Whole => STAMP_AT,
            Self::Marks(_) | Self::Compared(_) => STAMP_OF_MARK_AT,
        };
        let [observed_at, updated_at] = self.instants_at().map(|at| Cells::of(row, at).given_instant());
        // Numbers of transactions have a type that no value of ours is of.
        let written_by = row.try_get_raw(place + 1)?.as_bytes().ok().and_then(|bytes| bytes.try_into().ok());
        let unreadable = || sqlx::Error::Decode("the number of a transaction has four bytes".into());
        Ok(Stamp {
            version: row.try_get(place)?,
            written_by: written_by.ok_or_else(unreadable)?,
            observed_at: observed_at?,
            updated_at: updated_at?,
        })
    }
}

/// What follows the id of an order `o` where its row is carried up to a mark.
pub(in crate::orders) fn push_mark(sql: &mut Sql, sort_by: SortBy) -> &mut Sql {
    push_sorted_by(sql.push(OF_MARK), sort_by)
}

/// What a list is sorted by, where a mark does not have it anyway.
fn push_sorted_by(sql: &mut Sql, sort_by: SortBy) -> &mut Sql {
    match (sort_by, sort_by.column()) {
        (SortBy::UpdatedAt, _) => sql,
        (_, Some(column)) => sql.push(", o.").push(column),
        (_, None) => sql.push(", o.status, o.status_id, o.").push(WITHIN),
    }
}

/// These orders whole, as far as the tenant is shown them, but for what was heard beside their histories.
pub(in crate::orders) async fn whole_rows(
    connection: &mut PgConnection,
    scope: TenantScope,
    ids: Vec<OrderStreamId>,
) -> sqlx::Result<Vec<PgRow>> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut sql = Sql::new("");
    Selection::Whole.push(&mut sql, &OrderFilter::default());
    sql.push(" from (").push(OF_ROW).push(" where o.id = any(").push_bind(ids).push(") and ");
    push_shown(&mut sql, scope);
    sql.push(") o ").push(NOTHING_BESIDE);
    sql.build().fetch_all(connection).await
}
