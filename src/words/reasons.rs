//! Reasons that the ledger itself wrote down as English sentences, in the reader's words. What is not among them was said by
//! somebody else, the warehouse above all, and is shown as it was said.

use super::Words;

/// What is shown of a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The reason.
    pub text: String,
    /// Whether it is in the warehouse's language, and not in the reader's.
    pub is_foreign: bool,
    /// The reason word for word, for those who look into what went wrong.
    pub raw: Option<String>,
}

/// The sentences by the names that they have in the catalogues.
const KNOWN: [(&str, &str); 33] = [
    ("not_there", "The warehouse has no order with this number yet."),
    ("not_tied", "The warehouse order of this number fulfils another shop order."),
    (
        "set_aside",
        "The warehouse order of this number is set aside; the platform's staff decide about it first.",
    ),
    ("not_unique", "Several warehouse orders carry this number, so none was chosen."),
    ("vanished", "The warehouse order that fulfilled it vanished; its survivor is looked for."),
    (
        "unlinked",
        "The warehouse order that fulfilled it was linked to another shop order; it is looked for again.",
    ),
    ("link_undone", "The link was undone."),
    (
        "undone_open",
        "The link was undone; say which warehouse order fulfils it, or have it looked for again.",
    ),
    ("asked_again", "a person asked to look again"),
    ("withheld", "What upstream shows of the order names another owner than its history does."),
    ("removed", "The warehouse removed the personal data while whose order it is was in doubt."),
    ("overruled", "A person said meanwhile which order fulfils it, or that none does."),
    ("replaced", "Replaced by a link that the host or a person made."),
    ("gone", "The order is no longer in the warehouse's system."),
    ("dispatched", "The order left the warehouse and can no longer be cancelled."),
    ("undecided", "It is not settled whose order this is; an operator decides that first."),
    ("person_erased", "The personal data of this order was erased; nothing can be asked of it any more."),
    (
        "not_reached",
        "The warehouse's system could not be reached in time; nothing was done. Ask again later.",
    ),
    (
        "answer_lost",
        "The warehouse's answer was lost, and it cannot be read what was done. An operator looks after it.",
    ),
    (
        "answer_erased",
        "The answer was lost, and the words were erased: it cannot be told whether they were written.",
    ),
    (
        "asked_in_vain",
        "The warehouse's system was asked 2 times and did not do it; its answers were lost. Ask the warehouse.",
    ),
    ("not_done", "upstream did not do it in as many calls as are made; a person decides"),
    ("no_reason", "it gives no reason."),
    ("no_object", "The body is JSON, but no object."),
    ("no_id", "The order has no id that could be read."),
    ("no_name", "The order has neither a name nor an order number that could be read."),
    ("database_away", "the sources' own tables could not be reached in the database"),
    ("database_away", "the account's state could not be reached in the database"),
    (
        "configured_anew",
        "the account was configured anew while it was read; it is read again from the beginning",
    ),
    (
        "switched_off",
        "no brand of the account is switched on any more; what was not read yet is read once one is",
    ),
    ("worker_gone", "the worker vanished before it finished"),
    ("no_attempt", "no attempt is left"),
    ("too_slow", "the attempt took longer than its limit"),
];

/// How reasons begin that go on with what was answered, or with what to do.
const BEGINNINGS: [(&str, &str); 23] = [
    ("not_asked", "The warehouse could not be asked:"),
    ("not_tied", "The order already fulfils shop order "),
    ("copied", "The order is a copy ("),
    ("undone", "The link to shop order "),
    ("note_not_shown", "The answer was lost, and internal notes are not shown to this user:"),
    ("not_json", "The body is not JSON:"),
    ("given_up", "The work on it was given up:"),
    ("panicked", "the handler panicked;"),
    ("not_permitted", "Mintsoft does not permit this call;"),
    ("wrong_login", "Mintsoft refuses the user name or the password;"),
    ("out_of_calls", "the account has used up its calls to Mintsoft;"),
    ("throttled", "Mintsoft asks to wait;"),
    ("out_of_reach", "Mintsoft is out of reach"),
    ("no_answer", "Mintsoft did not answer in time;"),
    ("silent", "Mintsoft has not answered of late;"),
    ("login_pending", "the login at Mintsoft is still under way;"),
    ("too_large", "Mintsoft's answer is longer than "),
    ("unknown_there", "Mintsoft knows no such thing;"),
    ("broken_answer", "Mintsoft broke its contract:"),
    ("broken_list", "Mintsoft's list of "),
    ("bad_address", "the address of Mintsoft cannot be used:"),
    ("no_tls", "no TLS can be set up on this machine"),
    ("unknown_account", "the account is not configured any more;"),
];

/// The reason in the reader's words, if it is one of the ledger's own.
pub fn said(w: Words, reason: &str) -> Said {
    let known = KNOWN.iter().find(|(_, sentence)| *sentence == reason);
    let known = known.or_else(|| BEGINNINGS.iter().find(|(_, beginning)| reason.starts_with(beginning)));
    match known {
        Some((name, _)) => Said { text: w.reason(*name), is_foreign: false, raw: None },
        None => Said { text: reason.to_owned(), is_foreign: true, raw: None },
    }
}

/// The reason in the reader's words, and beside it word for word, for those who look after the platform.
pub fn with_its_words(w: Words, reason: &str) -> Said {
    let said = said(w, reason);
    Said { raw: (!said.is_foreign).then(|| reason.to_owned()), ..said }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    #[test]
    fn every_known_sentence_is_written_by_the_ledger_and_said_in_spanish() {
        let sources = [
            include_str!("../sync/link_job.rs"),
            include_str!("../sync/link_making.rs"),
            include_str!("../sync/link_undoing.rs"),
            include_str!("../sync/reactions.rs"),
            include_str!("../sync/intake.rs"),
            include_str!("../dashboard/orders/missing.rs"),
            include_str!("../../domain/src/order/decide.rs"),
            include_str!("../../domain/src/order/refusal.rs"),
            include_str!("../actions/reasons.rs"),
            include_str!("../actions/saga.rs"),
            include_str!("../inbox/process.rs"),
            include_str!("../jobs/run.rs"),
            include_str!("../mintsoft/actions.rs"),
            include_str!("../mintsoft/error.rs"),
            include_str!("../shops/fields.rs"),
            include_str!("../shops/shopify.rs"),
            include_str!("../sync/error.rs"),
            include_str!("../sync/runs.rs"),
        ];
        let w = Words::of(Language::Spanish);
        for (name, sentence) in KNOWN {
            assert!(sources.iter().any(|source| source.contains(sentence)), "{name} is written nowhere");
            let told = said(w, sentence);
            assert!(!told.is_foreign && told.text != sentence && told.text != w.reason("anything"), "{name}");
        }
        for (name, beginning) in BEGINNINGS {
            assert!(sources.iter().any(|source| source.contains(beginning)), "{name} is written nowhere");
            let whole = format!("{beginning} x");
            let told = with_its_words(w, &whole);
            assert!(!told.is_foreign && told.text != w.reason("anything"), "{name}");
            assert_eq!(told.raw, Some(whole));
        }
    }

    /// What stands in the text between the marks, each time, up to the first part that is filled in.
    fn written<'a>(source: &'a str, before: &str, after: char) -> Vec<&'a str> {
        let whole = source.split(before).skip(1).filter_map(|rest| rest.split(after).next());
        whole.map(|whole| whole.split('{').next().unwrap_or_default()).collect()
    }

    #[test]
    fn every_sentence_that_tells_how_a_reading_or_a_job_ended_is_known() {
        // They go on with what the warehouse said.
        let foreign = ["Mintsoft refuses: ", "Mintsoft rejects the request with "];
        let mut sentences = Vec::new();
        for errors in [include_str!("../mintsoft/error.rs"), include_str!("../sync/error.rs")] {
            sentences.extend(written(errors, "#[error(\"", '"'));
        }
        for statements in [include_str!("../sync/runs.rs"), include_str!("../jobs/lease.rs")] {
            sentences.extend(written(statements, "error = '", '\''));
        }
        let run = include_str!("../jobs/run.rs");
        sentences.extend(written(run, "&str = \"", '"'));
        sentences.extend(written(run, "JobError::retry(\"", '"'));
        assert!(sentences.len() > 18, "it was a trial: {sentences:?}");
        let w = Words::of(Language::Spanish);
        for sentence in sentences.into_iter().filter(|sentence| !foreign.contains(sentence)) {
            assert!(!said(w, sentence).is_foreign, "it has no words: {sentence}");
        }
    }

    #[test]
    fn what_the_warehouse_says_is_shown_as_it_was_said() {
        let told = said(Words::of(Language::Spanish), "Order is already picked");
        assert_eq!(told, Said { text: "Order is already picked".to_owned(), is_foreign: true, raw: None });
    }
}
