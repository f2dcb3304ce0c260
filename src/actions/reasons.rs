//! The ledger's own words for how a request ended, or why nobody can tell. They are stored as they stand here, for ever,
//! and told in the reader's language where they are shown.

/// No attempt came through to the warehouse.
pub(super) const NOT_REACHED: &str =
    "The warehouse's system could not be reached in time; nothing was done. Ask again later.";

/// It was proven each time that nothing was done.
pub(super) const ASKED_IN_VAIN: &str =
    "The warehouse's system was asked 2 times and did not do it; its answers were lost. Ask the warehouse.";

/// A call was made, and no attempt is left to read what came of it.
pub(super) const ANSWER_LOST: &str =
    "The warehouse's answer was lost, and it cannot be read what was done. An operator looks after it.";

/// A call was made, and what it said is not known any more.
pub(super) const ANSWER_ERASED: &str =
    "The answer was lost, and the words were erased: it cannot be told whether they were written.";

/// A call was made for a note that the account's user may not see.
pub(super) const NOTE_NOT_SHOWN: &str = "The answer was lost, and internal notes are not shown to this user: look in the \
                                         warehouse's system whether it was written.";

#[cfg(test)]
mod tests {
    use super::super::call_outcome::Called;
    use super::super::saga::{CALLS_MAX, sentence};
    use super::*;
    use crate::mintsoft::{GIVES_NO_REASON, UpstreamError};
    use crate::sync::SyncError;
    use crate::words::{Language, Words, said};

    fn is_said(reason: &str) {
        for language in Language::ALL {
            let said = said(Words::of(language), reason);
            assert!(!said.is_foreign, "{language}: {reason}");
        }
    }

    #[test]
    fn each_is_said_in_the_readers_words() {
        for reason in [NOT_REACHED, ASKED_IN_VAIN, ANSWER_LOST, ANSWER_ERASED, NOTE_NOT_SHOWN] {
            is_said(reason);
        }
        assert!(ASKED_IN_VAIN.contains(&format!(" {CALLS_MAX} times ")));
        for source in [include_str!("saga.rs"), include_str!("settling.rs")] {
            assert!(!source.contains("\"The "), "sentences that are stored stand here");
        }
    }

    #[test]
    fn what_keeps_a_call_from_being_made_at_all_is_said_in_the_readers_words() {
        let never = [
            UpstreamError::NotPermitted,
            UpstreamError::NotFound,
            UpstreamError::BadUrl { why: "it names no host" },
            UpstreamError::NoTls,
            UpstreamError::Refused { message: GIVES_NO_REASON.to_owned() },
        ];
        for error in never {
            let Called::Refused { message, .. } = Called::from(error.clone()) else {
                panic!("it refuses: {error}");
            };
            is_said(&sentence(&message));
        }
        is_said(&sentence(&SyncError::UnknownAccount.to_string()));
    }

    #[test]
    fn what_the_warehouse_says_stays_its_own() {
        let said_so = UpstreamError::Refused { message: "Order is already picked".to_owned() };
        let Called::Refused { message, .. } = Called::from(said_so) else { panic!("it refuses") };
        assert!(said(Words::of(Language::Spanish), &sentence(&message)).is_foreign);
    }
}
