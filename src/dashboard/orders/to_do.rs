//! What the brand can do about an order whose next move is its own.

use logistics_domain::status::{Attention, MustAct};
use logistics_projections::orders::OrderRow;

use super::shown::possible;
use crate::words::Words;

/// What to do, by the means that the page offers: none where it is another's move, or where nothing can be written.
pub(super) fn to_do(w: Words, row: &OrderRow, erased: bool) -> Option<String> {
    let possible = possible(row, erased);
    if row.standing.must_act != MustAct::Brand || possible.may_comment().is_err() {
        return None;
    }
    // Some reasons advise to cancel it; where that cannot be asked for, or was, the warehouse is written to.
    let why = row.standing.attention.filter(|_| possible.may_cancel().is_ok());
    Some(w.attention_do(why.map(Attention::as_str).unwrap_or_default()))
}
