//! Letters as searches compare them, on both sides: what is looked in, and what is looked for.

use unicode_normalization::UnicodeNormalization as _;

/// A text in small letters, without accents and other marks, and in one form of Unicode: `José`, `JOSE` and a `José` whose accent
/// stands apart are one. Migration 20261127040000 made the texts that were kept before alike.
pub(crate) fn folded(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).filter(|letter| !is_mark(*letter)).map(one_sigma).collect()
}

/// The marks that letters are taken apart into.
const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// At the end of a word the letter is written otherwise.
const fn one_sigma(letter: char) -> char {
    if letter == 'ς' { 'σ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_compared_without_case_and_marks_in_whatever_form_they_come() {
        for (text, as_compared) in [
            ("José PÉREZ", "jose perez"),
            ("Jose\u{301}", "jose"),
            ("Ñandú, Çelik, ÅNGSTRÖM", "nandu, celik, angstrom"),
            ("ΓΙΏΡΓΟΣ γιωργος", "γιωργοσ γιωργοσ"),
            ("İstanbul", "istanbul"),
            ("Ａ１\u{a0}ﬁn", "a1 fin"),
            ("田中 #AB-12", "田中 #ab-12"),
        ] {
            assert_eq!(folded(text), as_compared);
            assert_eq!(folded(as_compared), as_compared);
        }
    }
}
