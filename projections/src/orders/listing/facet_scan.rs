//! The statement of a page that is walked along a few facets, of which only marks are asked: they are read where the walks meet their
//! orders. Some are read in vain, since each facet gives as many as the page has; to look up a page by the ids of its orders takes as
//! long as to read five where a walk meets them.

use super::conditions::Sql;
use super::list::OrderList;
use super::page::{AccessPath, Found, TotalSource, push_sorting, push_told_of};
use super::selection::Selection;
use super::sorting::SortBy;
use super::walk::{Walked, is_one_walk, parts_ahead, passes_over, push_walk};
use crate::orders::answers::seen::JOINED;
use crate::scope::TenantScope;

/// How many times as many orders as the page has are read at most.
const TIMES_MAX: i64 = 4;

/// A list that is read along the index of each of a few facets.
#[derive(Clone, Copy)]
pub(in crate::orders) struct FacetScan {
    total: TotalSource,
    /// The column that is walked by.
    column: &'static str,
    sort_by: SortBy,
}

/// The facet scan for this list; `None` where it does not apply, or where the facets are not cached, since their number is unknown then.
pub(in crate::orders) fn as_facet_scan(
    scope: TenantScope,
    list: &OrderList,
    path: &AccessPath<'_>,
    selection: Selection,
) -> Option<FacetScan> {
    let AccessPath::Walk { searched: None, total, at_most: None } = *path else { return None };
    let Selection::Marks(sort_by) = selection else { return None };
    let column = list.sort_by.column().filter(|column| !is_one_walk(list) && !passes_over(list, column))?;
    let walks = list.facets_of(scope)?.chosen(&list.filter).count() * parts_ahead(list).len();
    let read = i64::try_from(walks).ok()?.saturating_mul(list.reach());
    (read <= list.reading().saturating_mul(TIMES_MAX)).then_some(FacetScan { total, column, sort_by })
}

/// The page, in the columns of [`page_query`](super::page::page_query).
pub(in crate::orders) fn facet_scan_query(scope: TenantScope, list: &OrderList, scan: FacetScan) -> Sql {
    let FacetScan { total, column, sort_by } = scan;
    let mut sql = Sql::new("");
    push_told_of(&mut sql, scope, list, total, (Found::AlongFacets, Selection::Marks(sort_by)));
    sql.push(") told left join lateral (select p.*, row_number() over (");
    push_sorting(&mut sql, list, "p.");
    sql.push(") as place from (");
    push_walk(&mut sql, scope, list, None, Walked { column, at_most: None, mark: Some(sort_by) });
    push_sorting(&mut sql, list, "");
    sql.push(" limit ").push_bind(list.reading());
    if list.skip > 0 {
        sql.push(" offset ").push_bind(list.skip);
    }
    sql.push(") p) o on true ").push(JOINED);
    sql
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use logistics_domain::TenantId;

    use super::super::filter::{DateField, Day, DayRange, OrderFilter};
    use super::*;
    use crate::orders::counters::facets::Facets;

    const SCOPE: TenantScope = TenantScope::granted(TenantId(7));
    const WALK: AccessPath<'static> =
        AccessPath::Walk { searched: None, total: TotalSource::InAll, at_most: None };

    /// Of a tenant with four facets of one status and one of another.
    fn list(statuses: &str, sort_by: SortBy) -> OrderList {
        let filter = OrderFilter { statuses: statuses.parse().unwrap(), ..OrderFilter::default() };
        let facets = Facets::of_statuses(TenantId(7), &["new", "new", "new", "new", "picked"]);
        OrderList { filter, sort_by, facets: Some(Arc::new(facets)), ..OrderList::default() }
    }

    fn is_facet_scan(list: &OrderList) -> bool {
        as_facet_scan(SCOPE, list, &WALK, Selection::Marks(list.sort_by)).is_some()
    }

    #[test]
    fn a_page_of_few_facets_is_a_facet_scan() {
        assert!(is_facet_scan(&list("picked", SortBy::UpdatedAt)));
        assert!(is_facet_scan(&list("new", SortBy::CreatedAt)));
        assert!(!is_facet_scan(&list("new,picked", SortBy::CreatedAt)), "five facets");
        assert!(!is_facet_scan(&list("new", SortBy::DispatchedAt)), "each is walked twice");
        assert!(
            !is_facet_scan(&OrderList { skip: 200, ..list("new", SortBy::CreatedAt) }),
            "they are passed over"
        );
        assert!(is_facet_scan(&OrderList { skip: 51, ..list("picked", SortBy::CreatedAt) }));
    }

    #[test]
    fn what_is_asked_whole_or_compared_with_more_is_looked_up() {
        let few = list("picked", SortBy::UpdatedAt);
        assert!(as_facet_scan(SCOPE, &few, &WALK, Selection::Whole).is_none());
        let searched =
            AccessPath::Walk { searched: Some("ro"), total: TotalSource::NotCounted, at_most: None };
        assert!(as_facet_scan(SCOPE, &few, &searched, Selection::Marks(few.sort_by)).is_none());
        assert!(!is_facet_scan(&OrderList { facets: None, ..few.clone() }), "nobody knows how few they are");
        assert!(!is_facet_scan(&list("", SortBy::UpdatedAt)), "an index has all of them");
        let mut of_days = few;
        let day = Day { date: DateTime::<Utc>::UNIX_EPOCH.date_naive(), instant: DateTime::UNIX_EPOCH };
        of_days.filter.days.set(DateField::CreatedAt, DayRange { from: Some(day), to: None });
        assert!(!is_facet_scan(&of_days));
    }
}
