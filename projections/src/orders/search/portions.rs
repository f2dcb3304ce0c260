//! A text that many orders hold, searched for in a list of some facets or days, or of another sorting: the list is read a portion at a
//! time, as if nothing were searched for, and each of its orders compared with the text, until a page is met. So whatever makes lists
//! fast makes these searches fast, and no order is compared that does not stand before the end of the page.
//!
//! All is read from one snapshot, so that no order is missed or met twice that is changed meanwhile.

use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Connection as _, PgConnection, Row as _};

use super::candidates::has_pieces;
use super::searched_page::looked_up;
use crate::orders::listing::filter::OrderFilter;
use crate::orders::listing::index_scan::sort_by;
use crate::orders::listing::list::{OrderList, Page};
use crate::orders::listing::page::AccessPath;
use crate::orders::listing::page_finder::{has_order, listed_page, place, put_together, rows_of};
use crate::orders::listing::selection::Selection;
use crate::scope::TenantScope;

/// Of nothing but what is committed when it begins.
const SNAPSHOT: &str = "begin isolation level repeatable read, read only";

/// How many orders the first portion has. Of what one order in twenty holds, it holds a page.
const PORTION_FIRST: i64 = 500;

/// The most orders of a portion, all of whose marks are in memory at one time: some megabytes.
const PORTION_MAX: i64 = 10_000;

/// The most orders that are expected to be compared until the page is full. Where more are, the text is looked up by its pieces, which
/// takes about as long in a list of a million orders.
const COMPARED_MAX: i64 = 10_000;

/// The page, and what its rows have of each order. Its total is exact only where the list was read to its end, or the text looked up.
pub(super) async fn page_in_portions(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    (text, selection): (&str, Selection),
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    let mut snapshot = connection.begin_with(SNAPSHOT).await?;
    // The facets at hand may be of another moment.
    let list = OrderList { facets: None, ..list.clone() };
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
    let mut ahead = OrderList { skip: 0, limit: PORTION_FIRST, ..list.clone() };
    let mut met = Met::default();
    let mut is_looked_up = !has_pieces(text);
    loop {
        let portion = listed_page(snapshot, scope, &ahead, Selection::Compared(list.sort_by)).await?;
        met.add(list, portion.items)?;
        let Some(next) = portion.next.filter(|_| met.is_short(list)) else { break };
        let told = portion.total_is_exact.then_some(portion.total);
        let far = met.expected(list, told.filter(|_| list.after.is_none()));
        if far > COMPARED_MAX && !is_looked_up {
            is_looked_up = true;
            if let Some(found) = looked_up(snapshot, scope, list, (text, true), selection).await? {
                let selected = found.selected;
                return Ok((put_together(found, scope, list)?, selected));
            }
        }
        // A little further than is expected, so that another portion is seldom needed for the last of them.
        ahead.limit = far.saturating_add(far / 4).clamp(PORTION_FIRST, PORTION_MAX);
        ahead.after = Some(next);
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

    /// How many more orders must be compared, if they hold the text as often as those that were; no more than there are, where that is
    /// told.
    fn expected(&self, list: &OrderList, in_all: Option<i64>) -> i64 {
        let evenly = self.compared.saturating_mul(list.reach()) / self.found().max(1);
        evenly.min(in_all.unwrap_or(i64::MAX)).saturating_sub(self.compared)
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
