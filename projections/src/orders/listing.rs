//! Lists: what is asked, how its orders are found, and the statement of a page.
//!
//! `ways` chooses among walks along indexes (`straight`, `along`, `walk`, `places`), walks along days (`days`, `daily`, `hours`) and sorting (`few`); `page`
//! puts the statement together, of conditions (`chosen`) and of what is selected (`selection`); `list` runs it and makes a page of the rows.

pub(super) mod along;
pub(super) mod chosen;
pub(super) mod couriers;
pub(super) mod daily;
pub(super) mod days;
pub(super) mod few;
pub(super) mod filter;
pub(super) mod hours;
pub(super) mod list;
pub(super) mod page;
pub(super) mod places;
pub(super) mod selection;
pub(super) mod sorting;
pub(super) mod straight;
pub(super) mod walk;
pub(super) mod ways;
