//! Lists of orders: what is asked, by which access path its orders are found, and the SQL of a page.
//!
//! `filter` and `sorting` say what is asked. `access_path` chooses how the orders are found: by walking an index (`index_scan`,
//! `facet_scan`, `walk`; `places` where the list is sorted by status), by days or hours (`days`, `daily`, `hours`), by reading and
//! sorting all (`full_sort`), or by the index of texts (`search`, beside this). `page` writes the statement, from conditions
//! (`conditions`) and selected columns (`selection`); `page_finder` runs it, falls back to another path where the first found too few
//! orders, and makes the page; `list` is the entry. `couriers` has the services that a filter may name.

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
