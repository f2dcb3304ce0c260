//! Which orders a list is asked for: the conditions, all of which an order must meet.

use std::borrow::Cow;
use std::convert::Infallible;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::orders::folded;

/// Longer searches are cut: no number, name or address is as long.
const SEARCH_CHARS_MAX: usize = 200;

/// More names and numbers than upstream has statuses or courier services are not looked at.
const TERMS_MAX: usize = 100;

/// The conditions; an order must meet all that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Part of a number, shop order name, tracking number, SKU, recipient's name or e-mail, whatever their case and accents.
    pub search: Option<String>,
    /// The statuses to show; all when none is named.
    pub statuses: Terms,
    /// The courier services to show; all when none is named.
    pub couriers: Terms,
    /// Only orders that are linked to a shop order, or only those that are not.
    pub linked: Option<bool>,
    /// The tabs to show, by their names; all when none is named.
    pub tabs: Terms,
    /// Only orders that need attention, or only those that do not.
    pub attention: Option<bool>,
    /// Between which days, for each instant of an order.
    pub days: DayRanges,
}

impl OrderFilter {
    /// The text searched for, as searches compare letters; none when it is blank.
    pub fn searched(&self) -> Option<String> {
        let search = self.search.as_deref()?.trim();
        // Nothing that is searched has control characters, and PostgreSQL refuses zero in a text.
        let plain = |letter: char| if letter.is_control() { '\u{1}' } else { letter };
        let text: String = search.chars().take(SEARCH_CHARS_MAX).map(plain).collect();
        // A mark alone is nothing to look for.
        Some(folded(&text).trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Whether every facet is meant.
    pub(crate) const fn is_of_all_facets(&self) -> bool {
        self.statuses.is_empty()
            && self.couriers.is_empty()
            && self.linked.is_none()
            && self.tabs.is_empty()
            && self.attention.is_none()
    }
}

/// The pattern for `like` that finds a text anywhere, with the wildcards in it standing for themselves.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Statuses or courier services, by upstream's names, in any case, or by its numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The numbers.
    pub ids: Vec<i64>,
    /// The names, in lower case.
    pub names: Vec<String>,
}

impl Terms {
    /// Whether none is named, so that all are meant.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.names.is_empty()
    }

    /// This one name, whatever stands in it.
    pub fn named(name: &str) -> Self {
        let says_something = !name.trim().is_empty() && !name.contains('\0');
        Self { ids: vec![], names: says_something.then(|| name.to_lowercase()).into_iter().collect() }
    }

    /// A name as a list has it: in double quotes where it would be read as something else without.
    pub fn written(name: &str) -> String {
        let Ok(read) = name.parse::<Self>();
        if read == Self::named(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
    }

    /// The terms of a list in their own letters, without their quotes, and whether each stands in some.
    pub fn each_in(list: &str) -> impl Iterator<Item = (Cow<'_, str>, bool)> {
        terms(list).filter(|(term, _)| !term.trim().is_empty() && !term.contains('\0')).take(TERMS_MAX)
    }

    /// How many terms a list has, those included that are left empty.
    pub fn count_in(list: &str) -> usize {
        terms(list).count()
    }
}

impl FromStr for Terms {
    type Err = Infallible;

    /// Reads names and numbers set apart by commas, such as `DESPATCHED,5`. What stands in double quotes is a name as it is, with
    /// its commas and digits; a double quote in it is written twice.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let mut read = Self::default();
        for (term, is_quoted) in Self::each_in(text) {
            match term.parse() {
                Ok(id) if !is_quoted => read.ids.push(id),
                _ => read.names.push(term.to_lowercase()),
            }
        }
        Ok(read)
    }
}

/// The terms of a list, and whether each stands in quotes.
fn terms(list: &str) -> impl Iterator<Item = (Cow<'_, str>, bool)> {
    let mut ahead = Some(list);
    std::iter::from_fn(move || {
        let list = ahead?.trim_start();
        if let Some((name, rest)) = quoted(list) {
            ahead = rest;
            return Some((Cow::Owned(name), true));
        }
        let (term, rest) = list.split_once(',').map_or((list, None), |(term, rest)| (term, Some(rest)));
        ahead = rest;
        Some((Cow::Borrowed(term.trim_end()), false))
    })
}

/// The name in double quotes that a list begins with, and what follows its comma; none where it begins otherwise.
fn quoted(list: &str) -> Option<(String, Option<&str>)> {
    let (mut name, mut rest) = (String::new(), list.strip_prefix('"')?);
    loop {
        let (piece, after) = rest.split_once('"')?;
        name.push_str(piece);
        let Some(further) = after.strip_prefix('"') else {
            let after = after.trim_start();
            let ends = after.is_empty().then_some(None);
            return after.strip_prefix(',').map(Some).or(ends).map(|rest| (name, rest));
        };
        name.push('"');
        rest = further;
    }
}

/// An instant of an order that days can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(default = "ordered_at")]
pub enum DateField {
    /// Upstream's order date.
    #[default]
    OrderedAt,
    /// When it left the warehouse.
    DispatchedAt,
    /// When it was first observed.
    CreatedAt,
    /// When what is shown of it last changed.
    UpdatedAt,
}

impl DateField {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OrderedAt, Self::DispatchedAt, Self::CreatedAt, Self::UpdatedAt];

    /// The column, and the name of its counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderedAt => "ordered_at",
            Self::DispatchedAt => "dispatched_at",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

/// A day in the tenant's zone, and an end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day; counters are kept by it.
    pub date: NaiveDate,
    /// Its first instant, or the first one after it (UTC).
    pub instant: DateTime<Utc>,
}

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRange {
    /// The first day, with its first instant.
    pub from: Option<Day>,
    /// The last day, with the first instant after it.
    pub to: Option<Day>,
}

impl DayRange {
    /// Whether no day is named.
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// The days asked for, for each instant of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRanges([DayRange; 4]);

impl DayRanges {
    /// The days asked for of an instant.
    pub const fn of(&self, field: DateField) -> DayRange {
        self.0[field as usize]
    }

    /// Asks for days of an instant.
    pub const fn set(&mut self, field: DateField, range: DayRange) {
        self.0[field as usize] = range;
    }

    /// The instants that days are asked for of.
    pub fn given(&self) -> impl Iterator<Item = (DateField, DayRange)> {
        DateField::ALL.into_iter().map(|field| (field, self.of(field))).filter(|(_, range)| !range.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(text: &str) -> Option<String> {
        OrderFilter { search: Some(text.into()), ..OrderFilter::default() }.searched()
    }

    #[test]
    fn wildcards_in_a_search_stand_for_themselves() {
        assert_eq!(pattern(&searched(r" 50%_\ X ").unwrap()), r"%50\%\_\\ x%");
    }

    #[test]
    fn a_blank_search_is_none() {
        for blank in ["  ", "\u{301}", "\u{b4}"] {
            assert_eq!(searched(blank), None);
        }
        assert_eq!(searched("\0").as_deref(), Some("\u{1}"), "what nothing has is found in nothing");
    }

    #[test]
    fn statuses_are_read_as_numbers_or_names() {
        let Ok(statuses) = "DESPATCHED, 5,, on Hold".parse::<Terms>();
        assert_eq!(statuses, Terms { ids: vec![5], names: vec!["despatched".into(), "on hold".into()] });
    }

    #[test]
    fn what_stands_in_quotes_is_one_name() {
        let read = |list: &str| {
            let Ok(Terms { ids, names }) = list.parse();
            (ids, names)
        };
        let names = |names: &[&str]| (vec![], names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(read(r#" "Tracked 24, Signed" ,"24", "say ""hi""""#), {
            names(&["tracked 24, signed", "24", "say \"hi\""])
        });
        // Quotes that do not hold a whole term are letters as others.
        assert_eq!(read(r#"2" box,"open"#), names(&["2\" box", "\"open"]));
        assert_eq!(read(r#""a"b,"","#), names(&["\"a\"b"]));
        assert_eq!(Terms::count_in(r#""a,b",c"#), 2);
        assert_eq!(Terms::count_in("a,,"), 3);
    }

    #[test]
    fn a_name_that_is_written_is_read_back_alone() {
        for name in ["Royal Mail", "Tracked 24, Signed", "24", " padded", "\"quoted\"", "2\" box", "\"", ","]
        {
            let Ok(read) = Terms::written(name).parse::<Terms>();
            assert_eq!(read, Terms::named(name), "{name}");
        }
        assert_eq!(Terms::written("Royal Mail"), "Royal Mail");
        assert!(Terms::named(" ").is_empty() && Terms::named("a\0").is_empty());
    }
}
