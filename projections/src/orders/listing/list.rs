//! Lists of orders: a page at a time, by number of orders passed over or from a place on, with how many there are in all.
//!
//! The total is exact wherever counters tell it, or where few orders can be in the list, so that all are looked at. Else
//! it is what is known to be there at least, and the page says so.

use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::filter::OrderFilter;
use super::page_finder::found_page;
use super::selection::Selection;
use super::sorting::{Position, SortBy, SortOrder};
use crate::orders::answers::freshness::ReadAt;
use crate::orders::answers::view::OrderView;
use crate::orders::counters::facets::Facets;
use crate::scope::TenantScope;

/// The most orders on one page.
pub const LIMIT_MAX: i64 = 200;

/// The orders of a portion of a whole list.
const PORTION: i64 = 1000;

/// The orders on a page when nothing is said.
pub const LIMIT_DEFAULT: i64 = 50;

/// The most orders that are read and sorted without asking what a walk would cost. Both cost about the same where a page of fifty is
/// found by walking as many rows out of a million. Days of more orders are weighed
/// ([`access_paths_by_days`](super::days::access_paths_by_days)).
pub(in crate::orders) const SORTED_MAX: i32 = 5000;

/// The most orders read along an index of all orders before a dearer access path is taken.
pub(in crate::orders) const WALKED_FIRST: i64 = 2000;

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
    /// Whether the text that is searched for was too common to be looked up a moment ago, so that it is looked for along the list at once.
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

    /// This list read backwards, from its last order to its first.
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
