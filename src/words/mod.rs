//! What a person reads, in Spanish (of Peru, first) and English: sentences with their plurals, numbers, days and ages.
//!
//! The sentences stand in `es.ftl` and `en.ftl`. The build compares them, fails where one lacks a message or an argument
//! of the other, and makes a method of each message: `count-orders` becomes
//! [`Words::count_orders`], its arguments in the order of their names. So a page that names
//! a message which is not there does not compile. To add one: write it in both files, and call it.
//!
//! Absent: what is said to programs only, such as codes and names of fields; and any choice of what to say.

mod count;
mod language;
mod moment;
mod reasons;

use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

pub use count::Count;
use count::grouped;
pub use language::Language;
pub use reasons::{Said, said, with_its_words};

include!(concat!(env!("OUT_DIR"), "/words.rs"));

type Bundle = FluentBundle<FluentResource>;

static SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle("es-PE", include_str!("es.ftl")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", include_str!("en.ftl")));

/// The sentences of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// The sentences of this language.
    pub const fn of(language: Language) -> Self {
        Self { language }
    }

    /// The language.
    pub const fn language(self) -> Language {
        self.language
    }

    /// What the problem with this `code` is, and what to do: the message `problem-<code>`, if it is there.
    pub fn problem(self, code: &str, arguments: &[(&str, &str)]) -> Option<String> {
        let key = format!("problem-{code}");
        if !self.bundle().has_message(&key) {
            return None;
        }
        Some(self.say_with(&key, arguments.iter().map(|(name, value)| (*name, FluentValue::from(*value)))))
    }

    /// A whole number with its thousands apart.
    pub fn number(self, count: impl Into<Count>) -> String {
        grouped(count.into().0)
    }

    fn say<const N: usize>(self, key: &str, arguments: [(&'static str, FluentValue<'static>); N]) -> String {
        self.say_with(key, arguments)
    }

    fn say_with<'a>(
        self,
        key: &str,
        arguments: impl IntoIterator<Item = (&'a str, FluentValue<'a>)>,
    ) -> String {
        let bundle = self.bundle();
        let message = bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.expect("the build has compared the catalogues");
        let arguments: FluentArgs<'_> = arguments.into_iter().collect();
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    fn text_of(value: impl fmt::Display) -> FluentValue<'static> {
        FluentValue::from(value.to_string())
    }

    fn number_of(value: impl Into<Count>) -> FluentValue<'static> {
        FluentValue::from(value.into().0)
    }

    fn bundle(self) -> &'static Bundle {
        match self.language {
            Language::Spanish => &SPANISH,
            Language::English => &ENGLISH,
        }
    }
}

fn bundle(locale: &str, text: &str) -> Bundle {
    let locale = locale.parse().expect("the locale is written here");
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    // Marks for mixed directions of writing would only be in the way of copying a number; both languages run one way.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(whole(number.value))),
        _ => None,
    }));
    let resource = FluentResource::try_new(text.to_owned()).expect("the build has read the catalogue");
    bundle.add_resource(resource).expect("the build has found each message once");
    bundle
}

#[expect(clippy::cast_possible_truncation, reason = "it was made of a whole number")]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES: Words = Words::of(Language::Spanish);
    const EN: Words = Words::of(Language::English);

    #[test]
    fn plurals_follow_the_language_and_thousands_stand_apart() {
        assert_eq!(ES.count_orders(1), "1 pedido");
        assert_eq!(ES.count_orders(0), "0 pedidos");
        assert_eq!(EN.count_orders(1), "1 order");
        assert_eq!(EN.count_orders(12_345), "12,345 orders");
    }

    #[test]
    fn every_message_is_said_in_every_language_without_a_gap() {
        for key in KEYS {
            for words in [ES, EN] {
                let said = words.say_with(key, []);
                assert!(!said.trim().is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn a_problem_is_told_by_its_code() {
        assert!(ES.problem("not_found", &[]).is_some_and(|said| said.contains("No hay nada")));
        assert_eq!(ES.problem("no_such_code", &[]), None);
    }
}
