//! Facets and counters: what lists are filtered by, how many orders each has, and how many a list has.

pub(super) mod counted;
pub(super) mod counts;
pub(super) mod facet;
pub(super) mod facets;
