//! Orders by a text: the pieces that are looked up, what is found by them, and its page.

pub(crate) mod folded;
pub(super) mod found;
pub(super) mod searched;
pub(super) mod sought;
