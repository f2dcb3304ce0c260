//! The read model of orders: one row an order, with what lists, pages and badges show of it.

mod answers;
mod counters;
mod link_queries;
mod listing;
mod mapped;
mod named;
mod overdue;
mod rows;
mod search;
mod source_queries;

pub use answers::freshness::{Freshness, ReadAt};
pub use answers::line::{ORDER_JSON_BYTES, OrderLine, OrderText, OrderTextCache, begin_object, end_object};
pub use answers::lines::list_lines;
pub use answers::parts::{OrderPart, ids_of_parts, parts_among};
pub use answers::query::{account_of, find_order, version_and_parts_of};
pub use answers::view::{OrderView, web_address};
pub use answers::whole::{WholeOrder, find_whole};
pub use counters::counted::{TAKEN_UP_MAX, take_up_counts};
pub use counters::counts::{OrderCounts, StatusCount, TabCount, count_orders};
pub use counters::facet::{FACET_PARAMS, FacetColumns, facets_sql};
pub use counters::facets::Facets;
pub use link_queries::{ChosenOrder, TiedOrder, carrying_number, chosen_by_id, tied_to};
pub use listing::couriers::couriers_of;
pub use listing::filter::{DateField, Day, DayRange, DayRanges, OrderFilter, Terms};
pub use listing::list::{LIMIT_DEFAULT, LIMIT_MAX, OrderList, Page, list_orders, list_portion};
pub use listing::sorting::{Key, Position, SortBy, SortOrder};
pub use mapped::are_read_by_another_mapping;
pub use named::{NamedOrder, find_named};
pub use overdue::{OverdueOrder, OverduePlace, overdue, tenants_with_overdue};
pub use rows::apply::{apply, apply_by};
pub use rows::row::{AlsoFulfilled, Cancellation, CancellationState, OrderData, OrderRow};
pub use rows::scans::{LastScan, ScansSeen};
pub use rows::write::{OrderColumns, PARAMS, commit_sql, upsert_sql};
pub(crate) use search::folded::folded;
pub use search::portions::BEGIN_SNAPSHOT;
pub use search::texts::{SEARCH_PARAMS, SearchColumns, note_common_pieces, searches_sql};
pub use source_queries::{
    LoosePart, NumberedOrder, StillOpen, has_consignments, is_fulfilled, loose_parts, number_of, to_recheck,
    with_numbers, withheld_among,
};
