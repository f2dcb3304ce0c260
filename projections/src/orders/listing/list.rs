//! Lists of orders: a page at a time, by number of orders passed over or from a place on, with how many there are in all.
//!
//! The total is exact wherever counters tell it, or where few orders can be in the list, so that all are looked at. Else
//! it is what is known to be there at least, and the page says so.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{PgConnection, Row};

use super::access_path::{walk_of, ways};
use super::filter::OrderFilter;
use super::index_scan::{sort_by, sort_by_change, walked_straight};
use super::page::{Way, page_query};
use super::selection::Selection;
use super::sorting::{Key, Position, SortBy, SortOrder};
use super::walk::is_one_walk;
use crate::orders::answers::freshness::ReadAt;
use crate::orders::answers::view::OrderView;
use crate::orders::counters::facets::Facets;
use crate::orders::search::result_page::sought_rows;
use crate::scope::TenantScope;

/// The most orders on one page.
pub const LIMIT_MAX: i64 = 200;

/// The orders of a portion of a whole list.
const PORTION: i64 = 1000;

/// The orders on a page when nothing is said.
pub const LIMIT_DEFAULT: i64 = 50;

/// As many orders are looked at and sorted without asking what a walk would cost. Both cost about the same where a page of fifty is
/// found by walking as many rows out of a million. Days of more orders are weighed ([`ways_by_days`](super::days::ways_by_days)).
pub(in crate::orders) const SORTED_MAX: i32 = 5000;

/// So many orders are looked at along an index of all, before they are found in another way at a higher price.
pub(in crate::orders) const WALKED_FIRST: i64 = 2000;

/// The most orders that are walked on over, by how often the first of them hold the text, rather than looking it up.
const WALKED_ON_MAX: i64 = 20_000;

/// Which orders, in which order, which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderList {
    /// Which orders.
    pub filter: OrderFilter,
    /// What the list is sorted by.
    pub sort_by: SortBy,
    /// In which direction.
    pub sort_order: SortOrder,
    /// Whether orders without what it is sorted by come first, as they do where a list is read from its end.
    pub absent_first: bool,
    /// How many to pass over; what is negative passes over none.
    pub skip: i64,
    /// How many to answer, from 1 to [`LIMIT_MAX`]; what is beyond is brought back into that range.
    pub limit: i64,
    /// The place after which to begin. Its key fits `sort_by`.
    pub after: Option<Position>,
    /// The tenant's facets as they were counted a moment ago; where there are none, they are counted for the list.
    pub facets: Option<Arc<Facets>>,
    /// Whether the text that is searched for was too common to be looked up a moment ago, so that the list is walked at once.
    pub has_common_text: bool,
}

impl Default for OrderList {
    fn default() -> Self {
        Self {
            filter: OrderFilter::default(),
            sort_by: SortBy::default(),
            sort_order: SortOrder::default(),
            absent_first: false,
            skip: 0,
            limit: LIMIT_DEFAULT,
            after: None,
            facets: None,
            has_common_text: false,
        }
    }
}

impl OrderList {
    /// One more than is answered tells whether there are more.
    pub(in crate::orders) const fn reading(&self) -> i64 {
        self.limit + 1
    }

    /// The same orders from the last one to the first.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { sort_order: self.sort_order.reversed(), absent_first: !self.absent_first, after: None, ..self }
    }

    /// The number of the part that holds the orders without a key, whose orders with one are part 0.
    pub(in crate::orders) const fn part_without_key(&self) -> i8 {
        if self.absent_first { -1 } else { 1 }
    }

    /// How far from where it begins the list is read.
    pub(in crate::orders) const fn reach(&self) -> i64 {
        self.skip.saturating_add(self.reading())
    }

    /// The facets that are at hand, if they are those of this tenant.
    pub(in crate::orders) fn facets_of(&self, scope: TenantScope) -> Option<&Facets> {
        self.facets.as_deref().filter(|facets| facets.are_of(scope))
    }

    /// Whether it is found by facet, and does not only tell how many orders they have in all.
    pub fn is_by_facet(&self) -> bool {
        !self.filter.is_of_all_facets()
            || !matches!(self.sort_by, SortBy::UpdatedAt | SortBy::MintsoftOrderNumber)
    }

    pub(in crate::orders) fn within_bounds(&self, limit: i64) -> Self {
        let mut list = self.clone();
        (list.skip, list.limit) = (self.skip.max(0), limit);
        list.after = list.after.filter(|place| place.key.fits(self.sort_by));
        list
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// How many there are in all, or at least.
    pub total: i64,
    /// Whether that is exact.
    pub total_is_exact: bool,
    /// Those of this page.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end of the list.
    pub next: Option<Position>,
    /// Whether the text that is searched for was found to be too common to be looked up.
    pub has_common_text: bool,
    /// Whether the facets that were at hand did not hold any more, so that it was asked for anew.
    pub had_stale_facets: bool,
}

impl<T> Page<T> {
    pub(in crate::orders) fn try_map<U>(self, of: impl FnMut(T) -> sqlx::Result<U>) -> sqlx::Result<Page<U>> {
        let Self { total, total_is_exact, items, next, has_common_text, had_stale_facets } = self;
        let items = items.into_iter().map(of).collect::<sqlx::Result<_>>()?;
        Ok(Page { total, total_is_exact, items, next, has_common_text, had_stale_facets })
    }
}

/// The page of the tenant's orders that the list asks for.
pub async fn list_orders(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    read: ReadAt,
) -> sqlx::Result<Page<OrderView>> {
    page_of(connection, scope, list.within_bounds(list.limit.clamp(1, LIMIT_MAX)), read).await
}

/// The next portion of a whole list, larger than a page; the list's own limit is not looked at.
pub async fn list_portion(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    read: ReadAt,
) -> sqlx::Result<Page<OrderView>> {
    page_of(connection, scope, list.within_bounds(PORTION), read).await
}

async fn page_of(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: OrderList,
    read: ReadAt,
) -> sqlx::Result<Page<OrderView>> {
    let (page, _) = rows_page(connection, scope, &list, Selection::Whole).await?;
    page.try_map(|row| OrderView::read(&row, read))
}

/// The rows of the page, and what they have of each order: few that are looked up by a text are read whole at once.
pub(in crate::orders) async fn rows_page(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    selection: Selection,
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    let (page, selected) = found_page(connection, scope, list, selection).await?;
    if !page.had_stale_facets {
        return Ok((page, selected));
    }
    // Something happened since its facets were told.
    let anew = OrderList { facets: None, ..list.clone() };
    let (page, selected) = found_page(connection, scope, &anew, selection).await?;
    Ok((Page { had_stale_facets: true, ..page }, selected))
}

/// The same, of the facets that are at hand, whether they hold or not.
async fn found_page(
    connection: &mut PgConnection,
    scope: &TenantScope,
    list: &OrderList,
    selection: Selection,
) -> sqlx::Result<(Page<PgRow>, Selection)> {
    let searched = list.filter.searched();
    let (mut way, otherwise) = ways(connection, *scope, list, searched.as_deref()).await?;
    let (mut rows, mut selected) = match way {
        Way::Sought { .. } if list.has_common_text => (vec![], selection),
        _ => rows_of(connection, *scope, list, &way, selection).await?,
    };
    let mut has_common_text = false;
    if let Some(otherwise) = otherwise
        && is_short(list, &rows)?.is_some()
    {
        way = otherwise;
        (rows, selected) = rows_of(connection, *scope, list, &way, selection).await?;
    }
    if let Way::Sought { text, .. } = way
        && counted(&rows)?.is_none()
    {
        has_common_text = !list.has_common_text;
        way = walk_of(text, is_one_walk(list).then_some(WALKED_FIRST));
        (rows, selected) = rows_of(connection, *scope, list, &way, selection).await?;
        if let Way::Walk { at_most: Some(at_most), .. } = way
            && let Some(found) = is_short(list, &rows)?
        {
            // What is not as common as its pieces is looked up; else the rest of the page is not far away.
            let is_rare = at_most.saturating_mul(list.reading()) > found.saturating_mul(WALKED_ON_MAX);
            way = if is_rare { Way::Sought { text, thoroughly: true } } else { walk_of(text, None) };
            (rows, selected) = rows_of(connection, *scope, list, &way, selection).await?;
            if is_rare && counted(&rows)?.is_none() {
                way = walk_of(text, None);
                (rows, selected) = rows_of(connection, *scope, list, &way, selection).await?;
            }
        }
    }
    let counted = counted(&rows)?;
    let had_stale_facets = match (list.facets_of(*scope), rows.first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(_), Some(row)) => !row.try_get::<bool, _>("holds")?,
    };
    // A page without orders is one row of nothing else.
    rows.retain(has_order);
    match walked_straight(list, &way).filter(|straight| straight.is_sorted_here()) {
        Some(_) => sort_by_change(&mut rows, selected, list.sort_order)?,
        None => sort_by(&mut rows, |row| row.try_get::<Option<i64>, _>("place"))?,
    }
    let read_in_all = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let more = read_in_all > list.limit;
    rows.truncate(usize::try_from(list.limit).unwrap_or_default());
    let next = rows.last().filter(|_| more).map(|row| place(row, list.sort_by)).transpose()?;
    // The last page of a list that was read from its beginning tells how many there are.
    let ended = !more && list.after.is_none() && (read_in_all > 0 || list.skip == 0);
    let at_least = if read_in_all > 0 { list.skip.saturating_add(read_in_all) } else { 0 };
    // Counters that were asked before the page may not know yet what the page shows.
    let told = counted.filter(|told| list.after.is_some() || *told >= at_least);
    let total_is_exact = told.is_some() || ended;
    let total = told.unwrap_or(at_least);
    let page = Page { total, total_is_exact, items: rows, next, has_common_text, had_stale_facets };
    Ok((page, selected))
}

async fn rows_of(
    connection: &mut PgConnection,
    scope: TenantScope,
    list: &OrderList,
    way: &Way<'_>,
    selection: Selection,
) -> sqlx::Result<(Vec<PgRow>, Selection)> {
    if let Way::Sought { text, thoroughly } = *way {
        return sought_rows(connection, scope, list, (text, thoroughly), selection).await;
    }
    let rows = page_query(scope, list, way, selection).build().fetch_all(connection).await?;
    Ok((rows, selection))
}

/// How many orders of a page were found, where orders of it may be further away than it was looked.
pub(in crate::orders) fn is_short(list: &OrderList, rows: &[PgRow]) -> sqlx::Result<Option<i64>> {
    let found = i64::try_from(rows.iter().filter(|row| has_order(row)).count()).unwrap_or(i64::MAX);
    let is_whole =
        list.after.is_none() && counted(rows)?.is_some_and(|total| total <= list.skip.saturating_add(found));
    Ok((found < list.reading() && !is_whole).then_some(found))
}

/// How many there are in all, where the statement told it.
fn counted(rows: &[PgRow]) -> sqlx::Result<Option<i64>> {
    Ok(rows.first().map(|row| row.try_get("total")).transpose()?.flatten())
}

fn has_order(row: &PgRow) -> bool {
    row.try_get::<Option<Uuid>, _>(0).is_ok_and(|id| id.is_some())
}

/// The place of a row in a list of that sorting.
fn place(row: &PgRow, sort_by: SortBy) -> sqlx::Result<Position> {
    let key = match sort_by {
        SortBy::MintsoftOrderNumber => Key::Number(row.try_get("number_key")?),
        SortBy::Status => {
            Key::Status(row.try_get("status")?, row.try_get("status_id")?, row.try_get("created_at")?)
        }
        SortBy::UpdatedAt | SortBy::CreatedAt | SortBy::OrderedAt | SortBy::DispatchedAt => {
            Key::Instant(row.try_get(sort_by.column().unwrap_or("updated_at"))?)
        }
    };
    Ok(Position { key, id: row.try_get("id")? })
}
