//! Reading what carriers write: words without case, accents and points; rules over sequences of words; and whether a
//! text denies a delivery.

use std::collections::HashMap;

use super::mapping::TextRule;

/// Between the pieces of a pattern, at most so many words are passed over.
const GAP_WORDS_MAX: usize = 4;

/// Longer texts are cut: what a carrier means stands in the first words.
const WORDS_MAX: usize = 64;

/// A text as words in small letters, without accents, apostrophes and points.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    for letter in text.chars() {
        match plain(letter) {
            Some(letter) => word.push(letter),
            None if matches!(letter, '\'' | '’' | '\u{301}') => {}
            None if word.is_empty() => {}
            None if words.len() == WORDS_MAX => return words,
            None => words.push(std::mem::take(&mut word)),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A text as one word: `Out for Delivery`, `OUT_FOR_DELIVERY` and `OutForDelivery` are one name.
pub(super) fn squashed(text: &str) -> String {
    text.chars().filter_map(plain).collect()
}

/// A letter in its plain small form; none for what is no letter and no digit.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'a'..='z' | '0'..='9' => letter,
        'A'..='Z' => letter.to_ascii_lowercase(),
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'Á' | 'À' | 'Â' | 'Ã' | 'Ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        _ if letter.is_alphanumeric() => letter.to_lowercase().next()?,
        _ => return None,
    })
}

/// Rules by the first word of their pattern, so that a text is compared with the few that could fit.
#[derive(Debug, Default)]
pub(super) struct TextIndex(HashMap<&'static str, Vec<(usize, Vec<&'static str>)>>);

impl TextIndex {
    pub(super) fn of(rules: &'static [TextRule]) -> Self {
        let mut index: HashMap<&'static str, Vec<(usize, Vec<&'static str>)>> = HashMap::new();
        for (place, rule) in rules.iter().enumerate() {
            for alternative in rule.patterns.split(" | ") {
                let pattern: Vec<&str> = alternative.split(' ').collect();
                index.entry(pattern[0]).or_default().push((place, pattern));
            }
        }
        Self(index)
    }

    /// The place of the first rule that fits the text and that `admits` lets through.
    pub(super) fn first(&self, words: &[String], admits: impl Fn(usize) -> bool) -> Option<usize> {
        let mut first: Option<usize> = None;
        for (start, word) in words.iter().enumerate() {
            for (place, pattern) in self.0.get(word.as_str()).into_iter().flatten() {
                let earlier = first.is_none_or(|first| *place < first);
                if earlier && admits(*place) && fits(&words[start + 1..], &pattern[1..]) {
                    first = Some(*place);
                }
            }
        }
        first
    }
}

/// Whether the words begin as the pattern says; a star passes over a few words.
fn fits(words: &[String], pattern: &[&str]) -> bool {
    match pattern {
        [] => true,
        ["*", rest @ ..] => (0..=GAP_WORDS_MAX.min(words.len())).any(|passed| fits(&words[passed..], rest)),
        [wanted, rest @ ..] => words.first().is_some_and(|word| word == wanted) && fits(&words[1..], rest),
    }
}

/// What denies the verb that follows.
const DENYING: [&str; 22] = [
    "not",
    "no",
    "never",
    "cannot",
    "cant",
    "couldnt",
    "wasnt",
    "isnt",
    "hasnt",
    "havent",
    "didnt",
    "unable",
    "failed",
    "fail",
    "nao",
    "sin",
    "nunca",
    "tampoco",
    "imposible",
    "impossible",
    "without",
    "pendiente",
];

/// What may stand between the denial and its verb.
const BETWEEN: [&str; 58] = [
    "be",
    "been",
    "being",
    "yet",
    "able",
    "possible",
    "to",
    "was",
    "were",
    "is",
    "has",
    "have",
    "had",
    "successfully",
    "could",
    "can",
    "we",
    "get",
    "got",
    "the",
    "your",
    "this",
    "parcel",
    "item",
    "package",
    "shipment",
    "order",
    "it",
    "es",
    "fue",
    "ha",
    "han",
    "hemos",
    "sido",
    "pudo",
    "pudimos",
    "podido",
    "puede",
    "pueda",
    "posible",
    "ser",
    "se",
    "le",
    "lo",
    "el",
    "la",
    "los",
    "su",
    "pedido",
    "paquete",
    "envio",
    "de",
    "aun",
    "todavia",
    "logro",
    "logrado",
    "esta",
    "foi",
];

/// Whether the text says that there was no delivery, whatever else it says.
pub(super) fn denies_delivery(words: &[String]) -> bool {
    let is_delivery = |word: &str| word.starts_with("deliver") || word.starts_with("entreg");
    let mut denied = false;
    for word in words.iter().map(String::as_str) {
        if word.starts_with("undeliver") || word == "nondelivery" {
            return true;
        }
        if denied && is_delivery(word) {
            return true;
        }
        denied = DENYING.contains(&word) || (denied && BETWEEN.contains(&word));
    }
    // `Delivered: no`
    matches!(words, [.., verb, no] if is_delivery(verb) && no == "no")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_apostrophes_and_points_make_no_difference() {
        assert_eq!(words("Ausente: DIRECCIÓN  incorrecta"), ["ausente", "direccion", "incorrecta"]);
        assert_eq!(words("Couldn't / couldn’t_deliver"), ["couldnt", "couldnt", "deliver"]);
        assert_eq!(squashed("OUT_FOR_DELIVERY"), squashed("OutForDelivery"));
        assert_eq!(words(&"a ".repeat(1000)).len(), WORDS_MAX);
    }

    #[test]
    fn a_denied_delivery_is_known_in_both_languages() {
        for denied in [
            "Not delivered",
            "We have not been able to deliver your parcel",
            "UNDELIVERED",
            "Undeliverable as addressed",
            "could not deliver",
            "couldn't be delivered",
            "The shipment could not be successfully delivered",
            "No entregado",
            "NO FUE ENTREGADO",
            "El pedido no ha podido ser entregado",
            "No se pudo entregar el paquete",
            "sin entregar",
            "aún no se ha entregado",
            "Delivered: NO",
            "pendiente de entrega",
        ] {
            assert!(denies_delivery(&words(denied)), "{denied}");
        }
    }

    #[test]
    fn a_no_that_denies_something_else_denies_no_delivery() {
        for told in [
            "Delivered, no signature required",
            "Signature not required. Delivered to porch",
            "Nobody in: delivered to neighbour",
            "Entregado al vecino, no había nadie",
            "No longer at the depot: delivered",
        ] {
            assert!(!denies_delivery(&words(told)), "{told}");
        }
    }
}
