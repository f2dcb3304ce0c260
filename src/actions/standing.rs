//! What has come between a wish and its call: an order may leave, vanish or come into doubt while the call waits or is
//! tried again, and upstream may do what it is asked all the same.

use logistics_domain::order::Possible;
use logistics_domain::{Order, Refusal};

use super::requests::Kind;

/// Why the call may not be made any more, as the order stands.
pub(super) fn stands_against(kind: Kind, order: &Order) -> Option<Refusal> {
    let standing = Possible::of(order);
    if standing.withheld {
        return Some(Refusal::Withheld);
    }
    if standing.vanished {
        return Some(Refusal::Vanished);
    }
    match kind {
        // The pending one is the wish itself; an order that is cancelled is what was wanted, never a reason to refuse; and the call holds
        // no personal data that may have been erased meanwhile.
        Kind::Cancel => {
            let wish = Possible { cancellation_pending: false, cancelled: false, erased: false, ..standing };
            wish.may_cancel().err()
        }
        // Whether the words were erased is looked at where they are to be sent.
        Kind::Comment => None,
    }
}

#[cfg(test)]
mod tests {
    use logistics_domain::order::facts::Status;
    use logistics_domain::order::status;

    use super::*;
    use crate::words::{Language, Words, said};

    fn of_status(id: i32) -> Order {
        let mut order = Order::default();
        order.facts.status = Some(Status { id, name: String::new(), external_name: None });
        order
    }

    #[test]
    fn what_left_is_not_cancelled_and_may_be_written_about() {
        let left = of_status(status::DISPATCHED[0]);
        assert_eq!(stands_against(Kind::Cancel, &left), Some(Refusal::AlreadyDispatched));
        assert_eq!(stands_against(Kind::Comment, &left), None);
    }

    #[test]
    fn what_is_in_doubt_or_gone_is_left_alone() {
        let doubtful = Order { withheld: Some("whose?".to_owned()), ..of_status(1) };
        let gone = Order { vanished: true, ..of_status(1) };
        for kind in [Kind::Cancel, Kind::Comment] {
            assert_eq!(stands_against(kind, &doubtful), Some(Refusal::Withheld));
            assert_eq!(stands_against(kind, &gone), Some(Refusal::Vanished));
        }
    }

    #[test]
    fn whatever_stands_against_a_call_is_said_in_the_readers_words() {
        let mut reasons = vec![Refusal::Erased];
        for (bits, kind) in (0..16).flat_map(|bits| [(bits, Kind::Cancel), (bits, Kind::Comment)]) {
            let has = |bit: i32| bits & bit != 0;
            let status = if has(1) { status::DISPATCHED[0] } else { status::CANCELLED };
            let withheld = has(2).then(|| "whose?".to_owned());
            let order = Order { withheld, vanished: has(4), erased: has(8), ..of_status(status) };
            reasons.extend(stands_against(kind, &order));
        }
        for reason in [Refusal::Withheld, Refusal::Vanished, Refusal::AlreadyDispatched] {
            assert!(reasons.contains(&reason), "{reason}");
        }
        for reason in reasons {
            let said = said(Words::of(Language::Spanish), &reason.to_string());
            assert!(!said.is_foreign, "{reason}");
        }
    }

    #[test]
    fn an_order_that_is_cancelled_already_is_no_reason_to_refuse_a_cancellation() {
        assert_eq!(stands_against(Kind::Cancel, &of_status(status::CANCELLED)), None);
    }
}
