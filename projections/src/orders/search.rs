//! Orders by a text: the pieces that are looked up, what is found by them, and its page.

pub(super) mod candidates;
pub(crate) mod folded;
pub(super) mod portions;
mod result_page;
pub(super) mod searched_page;
pub(super) mod texts;
