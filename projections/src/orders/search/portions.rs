//! A text that many orders hold, searched for in a list of some facets or days, or of another sorting: the list is read a portion at a
//! time, as if nothing were searched for, and each of its orders compared with the text, until a page is met. So what makes lists
//! fast makes these searches fast, and no more than a portion is compared that stands behind the page.
//!
//! What turns out to be rare in the list is looked up instead, by pieces that other orders have too. All is read from one snapshot, so
//! that no order is missed or met twice that is changed meanwhile.

use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::candidates::{THOROUGH_MAX, has_pieces};
use super::searched_page::{looked_up, walk_of};
use crate::orders::listing::filter::OrderFilter;
use crate::orders::listing::index_scan::sort_by;
use crate::orders::listing::list::{OrderList, Page, SORTED_MAX};
use crate::orders::listing::page::AccessPath;
use crate::orders::listing::page_finder::{FoundRows, has_order, listed_page, place, put_together, rows_of};
use crate::orders::listing::selection::Selection;
use crate::scope::TenantScope;

/// Begins a transaction that sees nothing but what is committed when it first asks.
pub const BEGIN_SNAPSHOT: &str = "begin isolation level repeatable read, read only";

/// The orders of the first portion, for each that the page needs: of what a quarter of all hold it has a page. Of a page of fifty it is
/// within what lists of days are read fastest for.
const FIRST_EACH: i64 = 4;

/// The fewest orders of a portion.
const PORTION_MIN: i64 = 100;

/// And the most, all of whose marks are in memory at one time: some megabytes.
const PORTION_MAX: i64 = 10_000;

/// How many orders may be expected to be compared for each of the page. Where it is more, looking the text up takes less, if not too many
/// other orders hold it.
const COMPARED_EACH: i64 = 200;

/// How many orders are looked up at most, for each that would be compared: to look one up takes a fifth of comparing one, but what is found
/// is read, too.
const LOOKED_UP_EACH: i64 = 4;

/// Where none was met and more orders than this are ahead, they are walked along in one statement, and not in portions, each of which
/// walks along all facets as far as it reaches.
const IN_PORTIONS_MAX: i64 = 50_000;

/// The same of lists of days, whose walks meet the orders of all other days, too.
const OF_DAYS_IN_PORTIONS_MAX: i64 = 200_000;

/// The page, and what its rows have of each order. Its total is exact only where the list was read to its end, or the text looked up.
pub(super) async fn page_in_portions(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, selection): (&str, Selection),
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    // The facets at hand may be of another moment.
    let list = OrderList { facets: None, ..list.clone() };
    if connection.is_in_transaction() {
        // An export reads from a snapshot of its own.
        return page_of_snapshot(connection, scope, &list, (text, selection)).await;
    }
    let mut snapshot = connection.begin_with(BEGIN_SNAPSHOT).await?;
    let page = page_of_snapshot(&mut snapshot, scope, &list, (text, selection)).await?;
    snapshot.commit().await?;
    Ok(page)
}

async fn page_of_snapshot(
    snapshot: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, selection): (&str, Selection),
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    let compared = Selection::Compared(list.sort_by);
    let has_days = list.filter.days.given().next().is_some();
    let in_portions_max = if has_days { OF_DAYS_IN_PORTIONS_MAX } else { IN_PORTIONS_MAX };
    let rare = list.reading().saturating_mul(COMPARED_EACH).min(IN_PORTIONS_MAX);
    let first = list.reach().saturating_mul(FIRST_EACH).clamp(PORTION_MIN, PORTION_MAX);
    let mut ahead = OrderList { skip: 0, limit: first, ..list.clone() };
    let mut met = Met::default();
    // Up to how many orders it was looked up in vain.
    let mut sought = if has_pieces(text) { 0 } else { THOROUGH_MAX };
    loop {
        let portion = listed_page(snapshot, scope, &ahead, compared).await?;
        met.add(list, portion.items)?;
        let Some(next) = portion.next.filter(|_| met.is_short(list)) else { break };
        ahead.after = Some(next);
        let far = met.expected(list, portion.total_is_exact.then_some(portion.total));
        let at_most = far.saturating_mul(LOOKED_UP_EACH).clamp(i64::from(SORTED_MAX), THOROUGH_MAX);
        let is_new = at_most / 2 >= sought || at_most == THOROUGH_MAX && sought < THOROUGH_MAX;
        if far > rare && is_new {
            sought = at_most;
            if let Some(found) = looked_up(snapshot, scope, list, (text, Some(at_most)), selection).await? {
                let selected = found.selected;
                return Ok((put_together(found, scope, list)?, selected));
            }
        }
        if far > in_portions_max && met.found() == 0 && list.reach() <= i64::from(SORTED_MAX) {
            ahead.limit = list.reach();
            let path = walk_of(text, None);
            let rows = rows_of(snapshot, scope, &ahead, &path, compared).await?;
            let found = FoundRows { rows, selected: compared, path, has_common_text: false };
            met.add(list, put_together(found, scope, &ahead)?.items)?;
            break;
        }
        // A little further than is expected, so that another portion is seldom needed for the last of them.
        ahead.limit = far.saturating_add(far / 4).clamp(PORTION_MIN, PORTION_MAX);
    }
    Ok((met.page(snapshot, scope, list, selection).await?, selection))
}

/// What was met of a page so far.
#[derive(Default)]
struct Met {
    /// How many orders were compared.
    compared: i64,
    /// How many of those that hold the text stand before the page.
    passed: i64,
    /// Those of the page and the one after it, in their order.
    rows: Vec<PgRow>,
}

impl Met {
    /// Takes in the orders of a portion.
    fn add(&mut self, list: &OrderList, portion: Vec<PgRow>) -> sqlx::Result<()> {
        for row in portion {
            self.compared += 1;
            if !row.try_get::<Option<bool>, _>("is_met")?.unwrap_or_default() || !self.is_short(list) {
                continue;
            }
            if self.passed < list.skip {
                self.passed += 1;
            } else {
                self.rows.push(row);
            }
        }
        Ok(())
    }

    /// How many hold the text.
    fn found(&self) -> i64 {
        self.passed.saturating_add(i64::try_from(self.rows.len()).unwrap_or(i64::MAX))
    }

    /// Whether there may be more of the page, or one after it.
    fn is_short(&self, list: &OrderList) -> bool {
        self.found() < list.reach()
    }

    /// How many more orders must be compared, if they hold the text as often as those that were, and half a one where none did; no more
    /// than the whole list has, where that is told.
    fn expected(&self, list: &OrderList, in_all: Option<i64>) -> i64 {
        let halves = self.found().saturating_mul(2).max(1);
        let evenly = self.compared.saturating_mul(list.reach()).saturating_mul(2) / halves;
        evenly.min(in_all.unwrap_or(i64::MAX)).saturating_sub(self.compared).max(0)
    }

    /// The page of what was met, once it is full or the list has ended.
    async fn page(
        mut self,
        snapshot: &mut PgConnection,
        scope: TenantScope,
        list: &OrderList,
        selection: Selection,
    ) -> sqlx::Result<Page<PgRow>> {
        let (total, has_ended) = (self.found(), self.is_short(list));
        self.rows.truncate(usize::try_from(list.limit).unwrap_or_default());
        let next = self.rows.last().filter(|_| !has_ended).map(|row| place(row, list.sort_by)).transpose()?;
        let ids = self.rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<Vec<Uuid>>>()?;
        let mut items = vec![];
        if !ids.is_empty() {
            // They meet the conditions, as far as this snapshot goes.
            let these = OrderList { filter: OrderFilter::default(), skip: 0, after: None, ..list.clone() };
            items = rows_of(snapshot, scope, &these, &AccessPath::Among(ids), selection).await?;
            items.retain(has_order);
            sort_by(&mut items, |row| row.try_get::<Option<i64>, _>("place"))?;
        }
        let total_is_exact = has_ended && list.after.is_none();
        Ok(Page { total, total_is_exact, items, next, has_common_text: false, had_stale_facets: false })
    }
}
