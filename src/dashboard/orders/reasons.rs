//! Reasons that the ledger itself wrote down as English sentences, in the reader's words. What is not among them was said by
//! somebody else, the warehouse above all, and is shown as it was said.

use crate::words::Words;

/// What is shown of a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    /// Whether it is in the warehouse's language, and not in the reader's.
    pub(super) is_foreign: bool,
}

/// The sentences by the names that they have in the catalogues.
const KNOWN: [(&str, &str); 8] = [
    ("not_there", "The warehouse has no order with this number yet."),
    ("not_tied", "The warehouse order of this number fulfils another shop order."),
    ("not_unique", "Several warehouse orders carry this number, so none was chosen."),
    ("vanished", "The warehouse order that fulfilled it vanished; its survivor is looked for."),
    ("asked_again", super::missing::ASKED_AGAIN),
    ("withheld", "What upstream shows of the order names another owner than its history does."),
    ("replaced", "Replaced by a link that the host or a person made."),
    ("gone", "The order is no longer in the warehouse's system."),
];

/// How a reason begins that goes on with what the warehouse's system answered.
const NOT_ASKED: &str = "The warehouse could not be asked:";

/// The reason in the reader's words, if it is one of the ledger's own.
pub(super) fn said(w: Words, reason: &str) -> Said {
    let known = KNOWN.iter().find(|(_, sentence)| *sentence == reason).map(|(name, _)| *name);
    let known = known.or_else(|| reason.starts_with(NOT_ASKED).then_some("not_asked"));
    match known {
        Some(name) => Said { text: w.reason(name), is_foreign: false },
        None => Said { text: reason.to_owned(), is_foreign: true },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn every_known_sentence_is_written_by_the_ledger_and_said_in_spanish() {
        let sources = [
            include_str!("../../sync/link_job.rs"),
            include_str!("../../sync/reactions.rs"),
            include_str!("../../sync/intake.rs"),
            include_str!("missing.rs"),
            include_str!("../../../domain/src/order/decide.rs"),
            include_str!("../../../domain/src/order/refusal.rs"),
        ];
        let w = Words::of(Language::Spanish);
        for (name, sentence) in KNOWN {
            assert!(sources.iter().any(|source| source.contains(sentence)), "{name} is written nowhere");
            let told = said(w, sentence);
            assert!(!told.is_foreign && told.text != sentence && told.text != w.reason("anything"), "{name}");
        }
        assert!(
            sources[0].contains(NOT_ASKED) && !said(w, "The warehouse could not be asked: x.").is_foreign
        );
    }

    #[test]
    fn what_the_warehouse_says_is_shown_as_it_was_said() {
        let told = said(Words::of(Language::Spanish), "Order is already picked");
        assert_eq!(told, Said { text: "Order is already picked".to_owned(), is_foreign: true });
    }
}
