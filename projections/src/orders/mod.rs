//! The read model of orders: one row an order, with what lists, pages and badges show of it.

mod along;
mod apply;
#[cfg(test)]
mod apply_tests;
mod cells;
mod chosen;
mod counted;
mod counts;
mod couriers;
mod daily;
mod days;
mod facet;
mod facets;
mod few;
mod filter;
mod for_sources;
mod found;
mod freshness;
mod hours;
mod line;
mod lines;
mod list;
mod mapped;
mod named;
mod overdue;
mod page;
mod parts;
mod places;
mod query;
mod row;
mod scans;
mod searched;
mod seen;
mod selection;
mod sorting;
mod sought;
mod straight;
mod view;
mod walk;
mod ways;
mod whole;
mod write;

pub use apply::{apply, apply_by};
pub use counted::{TAKEN_UP_MAX, take_up_counts};
pub use counts::{OrderCounts, StatusCount, TabCount, count_orders};
pub use couriers::couriers_of;
pub use facet::{FACET_PARAMS, FacetColumns, facets_sql};
pub use facets::Facets;
pub use filter::{DateField, Day, DayRange, DayRanges, OrderFilter, Terms};
pub use for_sources::{
    LoosePart, NumberedOrder, StillOpen, has_consignments, is_fulfilled, loose_parts, number_of, to_recheck,
    with_numbers, withheld_among,
};
pub use freshness::{Freshness, ReadAt};
pub use line::{OrderLine, OrderText, TextsAtHand, begin_object, end_object};
pub use lines::list_lines;
pub use list::{LIMIT_DEFAULT, LIMIT_MAX, OrderList, Page, list_orders, list_portion};
pub use mapped::are_read_by_another_mapping;
pub use named::{NamedOrder, find_named};
pub use overdue::{OverdueOrder, OverduePlace, overdue, tenants_with_overdue};
pub use parts::{OrderPart, ids_of_parts, parts_among};
pub use query::{account_of, find_order, version_and_parts_of};
pub use row::{AlsoFulfilled, Cancellation, CancellationState, OrderData, OrderRow};
pub use scans::{LastScan, ScansSeen};
pub use searched::{SEARCH_PARAMS, SearchColumns, note_common_pieces, searches_sql};
pub use sorting::{Key, Position, SortBy, SortOrder};
pub use view::{OrderView, web_address};
pub use whole::{WholeOrder, find_whole};
pub use write::{OrderColumns, PARAMS, commit_sql, upsert_sql};
