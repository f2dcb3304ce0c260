//! What was wrong with a query or a body, in our own words and in the caller's language: which field, and what is expected
//! there. Made from what the parser says, so that its words reach nobody. No text of the sender is repeated but the name of
//! a field that is not known, which is cut short.

use crate::words::Words;

/// The longest name of an unknown field that is repeated, in letters.
const NAME_MAX: usize = 60;

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misread {
    /// A field that is not known, and those that are.
    Unknown { field: String, known: String },
    /// A field that must be there.
    Missing { field: String },
    /// A field that stands there twice.
    Repeated { field: String },
    /// A field whose value is not what is expected.
    Value { field: String, expected: Expected },
    /// A field whose value cannot be used.
    Field { field: String },
    /// A field that does not go together with another one.
    Beside { field: String, other: String },
    /// More parameters than are read.
    Parameters { most: usize },
    /// JSON, but no object.
    NoObject,
    /// No JSON from there on.
    Syntax { line: String, column: String },
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// A whole number.
    Whole,
    /// A whole number of these, both included.
    Between(i64, i64),
    /// A whole number from there on.
    AtLeast(i64),
    /// One of these names.
    OneOf(String),
    /// One or more of these names.
    SomeOf(String),
    /// So many names or numbers.
    Terms(usize),
    /// A day.
    Day,
    /// A day that the database's calendar holds.
    CalendarDay,
    /// A day no later than that of another field.
    NoLater(String),
    /// An instant.
    Instant,
    /// An instant that the database's calendar holds.
    CalendarInstant,
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A text of so many letters.
    UpTo(usize),
    /// An id.
    Id,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Misread {
    /// What the parser says of a query or a body: `limit: invalid digit found in string`, or without a field.
    pub fn told_by_parser(told: &str) -> Option<Self> {
        if let Some(unknown) = Self::unknown(told) {
            return Some(unknown);
        }
        let (place, reason) = match told.split_once(": ") {
            Some((place, reason)) if !place.contains([' ', '`']) => (place, reason),
            _ => ("", told),
        };
        let names: Vec<&str> = reason.split('`').skip(1).step_by(2).collect();
        let whole = |name: &str| {
            let parent = place.trim_end_matches(['.', '?']);
            let inside = !parent.is_empty() && parent != name && !parent.ends_with(&format!(".{name}"));
            let name: String = name.chars().take(NAME_MAX).collect();
            if inside { format!("{parent}.{name}") } else { name }
        };
        if let Some(field) = names.first() {
            let field = whole(field);
            if reason.starts_with("missing field") {
                return Some(Self::Missing { field });
            }
            if reason.starts_with("duplicate field") {
                return Some(Self::Repeated { field });
            }
        }
        if place.is_empty()
            && (reason.starts_with("invalid type") || reason.starts_with("invalid length"))
            && expected(place, reason) == Some(Expected::Object)
        {
            return Some(Self::NoObject);
        }
        if let Some((line, column)) = position(reason)
            && place.is_empty()
        {
            return Some(Self::Syntax { line, column });
        }
        if place.is_empty() || place == "." {
            return None;
        }
        let field = place.to_owned();
        if reason.starts_with("unknown variant") {
            return Some(Self::Value { field, expected: Expected::OneOf(quoted(&names[1..])) });
        }
        Some(match expected(place, reason) {
            Some(expected) => Self::Value { field, expected },
            None => Self::Field { field },
        })
    }

    /// A field that is not known. Its name is the sender's, and may hold whatever the parser's words are set apart by.
    fn unknown(told: &str) -> Option<Self> {
        let (place, rest) = told.split_once("unknown field `")?;
        let end = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no fields"))?;
        let (name, known) = rest.split_at(end);
        // Where the parser stands at an unknown field, its place is the field itself.
        let is_named = |place: &str| place == name || place.ends_with(&format!(".{name}"));
        // A value that is no field's name is never repeated.
        if place.contains('`') && !place.strip_suffix(": ").is_some_and(is_named) {
            return None;
        }
        let known: Vec<&str> = known.split('`').skip(2).step_by(2).collect();
        Some(Self::Unknown { field: name.chars().take(NAME_MAX).collect(), known: quoted(&known) })
    }

    /// The field, where there is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Unknown { field, .. }
            | Self::Missing { field }
            | Self::Repeated { field }
            | Self::Value { field, .. }
            | Self::Field { field }
            | Self::Beside { field, .. } => Some(field),
            Self::Parameters { .. } | Self::NoObject | Self::Syntax { .. } => None,
        }
    }

    /// The sentence.
    pub fn said(&self, words: Words) -> String {
        match self {
            Self::Unknown { field, known } if known.is_empty() => words.misread_unknown_none(field),
            Self::Unknown { field, known } => words.misread_unknown(field, known),
            Self::Missing { field } => words.misread_missing(field),
            Self::Repeated { field } => words.misread_repeated(field),
            Self::Value { field, expected } => words.misread_value(expected.said(words), field),
            Self::Field { field } => words.misread_field(field),
            Self::Beside { field, other } => words.misread_beside(field, other),
            Self::Parameters { most } => words.misread_parameters(most),
            Self::NoObject => words.misread_no_object(Expected::Object.said(words)),
            Self::Syntax { line, column } => words.misread_syntax(column, line),
        }
    }
}

impl Expected {
    fn said(&self, words: Words) -> String {
        match self {
            Self::Whole => words.expected_whole(),
            Self::Between(least, most) => words.expected_between(least, most),
            Self::AtLeast(least) => words.expected_at_least(least),
            Self::OneOf(known) => words.expected_one_of(known),
            Self::SomeOf(known) => words.expected_some_of(known),
            Self::Terms(most) => words.expected_terms(most),
            Self::Day => words.expected_day(),
            Self::CalendarDay => words.expected_calendar_day(),
            Self::NoLater(other) => words.expected_no_later(other),
            Self::Instant => words.expected_instant(),
            Self::CalendarInstant => words.expected_calendar_instant(),
            Self::Flag => words.expected_false_true(),
            Self::Number => words.expected_number(),
            Self::Text => words.expected_text(),
            Self::UpTo(most) => words.expected_up_to(most),
            Self::Id => words.expected_uuid(),
            Self::List => words.expected_list(),
            Self::Object => words.expected_object(),
        }
    }
}

/// Names as they are told of.
pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Line and column at the end of what a parser of JSON says.
fn position(told: &str) -> Option<(String, String)> {
    let (_, place) = told.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    (digits(line) && digits(column)).then(|| (line.to_owned(), column.to_owned()))
}

/// What the field takes, by what the parser missed there.
fn expected(field: &str, reason: &str) -> Option<Expected> {
    let reason = reason.split(" at line ").next().unwrap_or(reason);
    if let Some((_, wanted)) = reason.rsplit_once("expected ") {
        let kind = wanted.split(' ').next().unwrap_or_default();
        return match kind {
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => Some(Expected::Whole),
            "f32" | "f64" => Some(Expected::Number),
            "a" if wanted.starts_with("a string") || wanted.starts_with("a borrowed string") => {
                Some(Expected::Text)
            }
            "a" if wanted.starts_with("a boolean") => Some(Expected::Flag),
            "a" if wanted.starts_with("a sequence") => Some(Expected::List),
            "a" if wanted.starts_with("a map") => Some(Expected::Object),
            "struct" => Some(Expected::Object),
            _ => None,
        };
    }
    let about = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if about(&["digit found", "integer from empty", "number too large", "number too small"]) {
        return Some(Expected::Whole);
    }
    if about(&["`true` or `false`"]) {
        return Some(Expected::Flag);
    }
    if about(&["UUID"]) {
        return Some(Expected::Id);
    }
    if about(&["input contains invalid", "premature end of input", "trailing input", "input is out of range"])
    {
        let last = field.rsplit('.').next().unwrap_or(field);
        let instant = last == "as_of" || last.ends_with("_at") || last == "since" || last == "until";
        return Some(if instant { Expected::Instant } else { Expected::Day });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn said(told: &str) -> (String, String) {
        let misread = Misread::told_by_parser(told).expect(told);
        (misread.said(Words::of(Language::Spanish)), misread.said(Words::of(Language::English)))
    }

    #[test]
    fn what_the_parser_says_becomes_our_own_words_in_both_languages() {
        for (told, spanish, english) in [
            (
                "page: unknown field `page`, expected one of `skip`, `limit`",
                "page no se conoce aquí; se conocen `skip`, `limit`.",
                "page is not known here; known are `skip`, `limit`.",
            ),
            (
                "page: unknown field `page`, there are no fields",
                "page no se conoce aquí; no se acepta ninguno.",
                "page is not known here; none is taken.",
            ),
            (
                "order state: unknown field `order state`, expected `skip` or `limit`",
                "order state no se conoce aquí; se conocen `skip`, `limit`.",
                "order state is not known here; known are `skip`, `limit`.",
            ),
            (
                "a: `b`: unknown field `a: `b``, expected one of `skip`, `limit` at line 1 column 9",
                "a: `b` no se conoce aquí; se conocen `skip`, `limit`.",
                "a: `b` is not known here; known are `skip`, `limit`.",
            ),
            ("missing field `order_name` at line 1 column 2", "Falta order_name.", "order_name is missing."),
            (
                "limit: duplicate field `limit`",
                "limit está dos veces; envíalo una sola vez.",
                "limit stands there twice; send it once.",
            ),
            (
                "limit: invalid digit found in string",
                "limit: envía un número entero, como 50.",
                "limit: send a whole number, such as 50.",
            ),
            (
                "sort_order: unknown variant `up`, expected `asc` or `desc`",
                "sort_order: envía uno de `asc`, `desc`.",
                "sort_order: send one of `asc`, `desc`.",
            ),
            (
                "date_from: input contains invalid characters",
                "date_from: envía un día, como 2026-11-23.",
                "date_from: send a day, such as 2026-11-23.",
            ),
            (
                "as_of: premature end of input",
                "as_of: envía un instante, como 2026-11-23T04:24:52Z.",
                "as_of: send an instant, such as 2026-11-23T04:24:52Z.",
            ),
            (
                "order_id: invalid type: string, expected i64 at line 1 column 18",
                "order_id: envía un número entero, como 50.",
                "order_id: send a whole number, such as 50.",
            ),
            (
                "invalid length 0, expected struct CancelBody with 1 element at line 1 column 2",
                "Envía un objeto, como {}.",
                "Send an object, such as {}.",
            ),
            (
                "expected value at line 1 column 1",
                "El error está en la línea 1, columna 1.",
                "The error is at line 1, column 1.",
            ),
            ("date_field: something new", "Revisa date_field.", "Check date_field."),
        ] {
            assert_eq!(said(told), (spanish.to_owned(), english.to_owned()), "{told}");
        }
        for untold in ["it cannot be read", "unknown variant `unknown field `a`, expected ``, expected `b`"] {
            assert_eq!(Misread::told_by_parser(untold), None);
        }
    }

    #[test]
    fn a_name_of_the_sender_is_cut_short() {
        let long = "x".repeat(500);
        let misread =
            Misread::told_by_parser(&format!("unknown field `{long}`, there are no fields")).unwrap();
        assert_eq!(misread.field().map(str::len), Some(NAME_MAX));
    }
}
