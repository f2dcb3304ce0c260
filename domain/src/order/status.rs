//! What upstream's status numbers mean for decisions. Names and unknown numbers pass through untouched.

use super::facts::Status;

/// CANCELLED. An order can be un-cancelled upstream, so it is not final.
pub const CANCELLED: i32 = 3;

/// DESPATCHED, INVOICED and INVOICEFAILED: in all three the goods have left.
pub const DISPATCHED: [i32; 3] = [4, 5, 6];

/// The place of a status on the normal path NEW, PRINTED, AWAITINGPICKING, PICKINGSTARTED, PICKED, PACKED,
/// DESPATCHED, INVOICED; `None` for the statuses beside it.
const fn place_on_path(id: i32) -> Option<u8> {
    Some(match id {
        1 => 0,
        2 => 1,
        15 => 2,
        16 => 3,
        17 => 4,
        20 => 5,
        4 => 6,
        5 | 6 => 7,
        _ => return None,
    })
}

/// A status whose name upstream's list does not have (yet, or because the list could not be read).
pub fn unnamed(id: i32) -> Status {
    Status { id, name: format!("STATUS {id}"), external_name: None }
}

/// Whether the name is only the number again; such a name never replaces a real one.
pub fn is_unnamed(status: &Status) -> bool {
    *status == unnamed(status.id)
}

/// Whether a step from one status to another goes backward: against the normal path, or out of CANCELLED.
pub fn is_backward(from: i32, to: i32) -> bool {
    if from == CANCELLED {
        return to != CANCELLED;
    }
    matches!((place_on_path(from), place_on_path(to)), (Some(from), Some(to)) if to < from)
}

/// Whether the status says that the goods have left.
pub fn says_dispatched(status: &Status) -> bool {
    DISPATCHED.contains(&status.id)
        || status.external_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("DESPATCHED"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounce_and_an_uncancelled_order_go_backward_and_the_invoice_run_does_not() {
        assert!(is_backward(2, 1));
        assert!(is_backward(15, 1));
        assert!(is_backward(CANCELLED, 15));
        assert!(!is_backward(4, 5));
        assert!(!is_backward(16, 13), "a query stands beside the path");
    }

    #[test]
    fn invoiced_orders_and_renamed_statuses_count_as_dispatched() {
        let status = |id, external: Option<&str>| Status {
            id,
            name: "ANY".into(),
            external_name: external.map(str::to_owned),
        };
        assert!([4, 5, 6].into_iter().all(|id| says_dispatched(&status(id, None))));
        assert!(says_dispatched(&status(40, Some("Despatched"))));
        assert!(!says_dispatched(&status(20, None)));
    }
}
