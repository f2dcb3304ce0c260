//! Lists: what is asked, how its orders are found, and the statement of a page.
//!
//! `ways` chooses among walks along indexes (`straight`, `along`, `walk`, `places`), walks along days (`days`, `daily`, `hours`) and sorting (`few`); `page`
//! puts the statement together, of conditions (`chosen`) and of what is selected (`selection`); `list` runs it and makes a page of the rows.

pub(super) mod access_path;
pub(super) mod conditions;
pub(super) mod couriers;
pub(super) mod daily;
pub(super) mod days;
pub(super) mod facet_scan;
pub(super) mod filter;
pub(super) mod full_sort;
pub(super) mod hours;
pub(super) mod index_scan;
pub(super) mod list;
pub(super) mod page;
pub(in crate::orders) mod page_finder;
pub(super) mod places;
pub(super) mod selection;
pub(super) mod sorting;
pub(super) mod walk;
