//! The warehouse numbers under which a shop order may be found, in order. Each is compared whole: "the digits of the
//! name" would join the wrong orders.

use logistics_domain::order::facts::{LinkBasis, comparable_name};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest warehouse number, in characters; a longer one is no candidate, since a cut one is another number.
const NUMBER_CHARS_MAX: usize = 200;

/// A number to look for, and what finding it would rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// The number in lower case; warehouse numbers are compared without regard to case.
    #[serde(rename = "number")]
    pub number_lowercase: String,
    /// What a hit rests on: `name` or `order_number`.
    #[schema(value_type = String)]
    pub basis: LinkBasis,
}

/// The numbers to look for: the whole name without `#`, then the shop's order number, each behind the tenant's prefix;
/// bare where the tenant has none.
pub fn candidates(prefix: Option<&str>, name: &str, order_number: Option<&str>) -> Vec<Candidate> {
    let prefix = prefix.map(|prefix| prefix.trim().to_lowercase()).filter(|prefix| !prefix.is_empty());
    let mut found: Vec<Candidate> = Vec::new();
    for (text, basis) in [(Some(name), LinkBasis::Name), (order_number, LinkBasis::OrderNumber)] {
        let text = comparable_name(text.unwrap_or_default());
        if text.is_empty() {
            continue;
        }
        let number_lowercase = match &prefix {
            Some(prefix) => format!("{prefix}-{text}"),
            None => text,
        };
        let too_long = number_lowercase.chars().count() > NUMBER_CHARS_MAX;
        if !too_long && found.iter().all(|earlier| earlier.number_lowercase != number_lowercase) {
            found.push(Candidate { number_lowercase, basis });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(prefix: Option<&str>, name: &str, order_number: Option<&str>) -> Vec<(String, LinkBasis)> {
        let found = candidates(prefix, name, order_number);
        found.into_iter().map(|one| (one.number_lowercase, one.basis)).collect()
    }

    fn by_name(number: &str) -> (String, LinkBasis) {
        (number.to_owned(), LinkBasis::Name)
    }

    fn by_number(number: &str) -> (String, LinkBasis) {
        (number.to_owned(), LinkBasis::OrderNumber)
    }

    #[test]
    fn the_whole_name_comes_first_and_then_the_order_number() {
        let prefix = Some("LADORE");
        assert_eq!(numbers(prefix, "#1001", Some("1001")), [by_name("ladore-1001")]);
        assert_eq!(
            numbers(prefix, "#1166X01", Some("1166")),
            [by_name("ladore-1166x01"), by_number("ladore-1166")]
        );
        assert_eq!(
            numbers(prefix, "#PE-1001", Some("1001")),
            [by_name("ladore-pe-1001"), by_number("ladore-1001")]
        );
        assert_eq!(
            numbers(prefix, "->1004", Some("1004")),
            [by_name("ladore-->1004"), by_number("ladore-1004")]
        );
        assert_eq!(numbers(prefix, "8301", None), [by_name("ladore-8301")]);
    }

    #[test]
    fn without_a_prefix_the_bare_name_is_looked_for() {
        for none in [None, Some(""), Some("  ")] {
            assert_eq!(numbers(none, " #1001 ", None), [by_name("1001")]);
        }
    }

    #[test]
    fn only_one_leading_sign_is_taken_off_and_case_does_not_matter() {
        assert_eq!(numbers(Some(" Ñandú "), "##A#1", None), [by_name("ñandú-#a#1")]);
    }

    #[test]
    fn nothing_to_compare_gives_no_candidate() {
        assert!(candidates(Some("LADORE"), "#", Some(" ")).is_empty());
        assert!(candidates(None, &"9".repeat(201), None).is_empty());
    }
}
