//! What a list of orders is asked for: which orders, in which order, which page.

use std::convert::Infallible;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

/// The most orders on one page.
pub const LIMIT_MAX: i64 = 200;

/// The orders on a page when nothing is said.
pub const LIMIT_DEFAULT: i64 = 50;

/// Longer searches are cut: no number, name or address is as long.
const SEARCH_CHARS_MAX: usize = 200;

/// More statuses than upstream has are not looked at.
const STATUSES_MAX: usize = 100;

/// Which orders, in which order, which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderFilter {
    /// How many to pass over.
    pub skip: i64,
    /// How many to answer, from 1 to [`LIMIT_MAX`]; what is beyond is brought back into that range.
    pub limit: i64,
    /// Part of a number, shop order name, tracking number, SKU, recipient's name or e-mail, in any case.
    pub search: Option<String>,
    /// The statuses to show; all when none is named.
    pub statuses: Statuses,
    /// What the dates are compared with.
    pub date_field: DateField,
    /// From this instant on (UTC).
    pub date_from: Option<DateTime<Utc>>,
    /// Before this instant (UTC): the start of the day after the last one wanted.
    pub date_before: Option<DateTime<Utc>>,
    /// What the list is sorted by.
    pub sort_by: SortBy,
    /// In which direction.
    pub sort_order: SortOrder,
}

impl Default for OrderFilter {
    fn default() -> Self {
        Self {
            skip: 0,
            limit: LIMIT_DEFAULT,
            search: None,
            statuses: Statuses::default(),
            date_field: DateField::default(),
            date_from: None,
            date_before: None,
            sort_by: SortBy::default(),
            sort_order: SortOrder::default(),
        }
    }
}

impl OrderFilter {
    /// The pattern that the search makes for `like`, in lower case and with its wildcards escaped.
    pub(crate) fn search_pattern(&self) -> Option<String> {
        let search = self.search.as_deref()?.trim();
        if search.is_empty() {
            return None;
        }
        let mut pattern = String::from("%");
        for letter in search.chars().take(SEARCH_CHARS_MAX).flat_map(char::to_lowercase) {
            match letter {
                '%' | '_' | '\\' => pattern.extend(['\\', letter]),
                // Nothing that is searched has control characters, and PostgreSQL refuses zero in a text.
                letter if letter.is_control() => pattern.push('\u{1}'),
                _ => pattern.push(letter),
            }
        }
        pattern.push('%');
        Some(pattern)
    }
}

/// Statuses by upstream's names, in any case, or numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses {
    /// The numbers.
    pub ids: Vec<i32>,
    /// The names.
    pub names: Vec<String>,
}

impl Statuses {
    /// Whether none is named, so that all are meant.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.names.is_empty()
    }
}

impl FromStr for Statuses {
    type Err = Infallible;

    /// Reads names and numbers set apart by commas, such as `DESPATCHED,5`.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let mut statuses = Self::default();
        let terms = text.split(',').map(str::trim).filter(|term| !term.is_empty() && !term.contains('\0'));
        for term in terms.take(STATUSES_MAX) {
            match term.parse() {
                Ok(id) => statuses.ids.push(id),
                Err(_) => statuses.names.push(term.to_owned()),
            }
        }
        Ok(statuses)
    }
}

/// What the dates of a filter are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateField {
    /// Upstream's order date.
    #[default]
    OrderedAt,
    /// When it left the warehouse.
    DispatchedAt,
    /// When what is shown of it last changed.
    UpdatedAt,
}

impl DateField {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::OrderedAt => "o.ordered_at",
            Self::DispatchedAt => "o.dispatched_at",
            Self::UpdatedAt => "o.updated_at",
        }
    }
}

/// What a list is sorted by. Orders that are equal in it are sorted by their ids; those without come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// When what is shown of it last changed.
    #[default]
    UpdatedAt,
    /// When it was first observed.
    CreatedAt,
    /// Upstream's order date.
    OrderedAt,
    /// When it left the warehouse.
    DispatchedAt,
    /// The number people know it by.
    MintsoftOrderNumber,
    /// Upstream's name of the status.
    Status,
}

impl SortBy {
    /// The expressions to sort by; an index has them in this order.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::UpdatedAt => &["o.updated_at"],
            Self::CreatedAt => &["o.created_at"],
            Self::OrderedAt => &["o.ordered_at"],
            Self::DispatchedAt => &["o.dispatched_at"],
            Self::MintsoftOrderNumber => &["lower(o.mintsoft_order_number)"],
            Self::Status => &["o.status", "o.status_id"],
        }
    }

    /// Whether an order can be without it.
    pub(crate) const fn is_optional(self) -> bool {
        match self {
            Self::UpdatedAt | Self::CreatedAt | Self::MintsoftOrderNumber => false,
            Self::OrderedAt | Self::DispatchedAt | Self::Status => true,
        }
    }
}

/// The direction of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SortOrder {
    /// Smallest or earliest first.
    Asc,
    /// Largest or latest first.
    #[default]
    Desc,
}

impl SortOrder {
    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::Asc => " asc",
            Self::Desc => " desc",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_stand_for_themselves() {
        let filter = OrderFilter { search: Some(r" 50%_\ X ".into()), ..OrderFilter::default() };
        assert_eq!(filter.search_pattern().as_deref(), Some(r"%50\%\_\\ x%"));
    }

    #[test]
    fn a_blank_search_is_none() {
        let filter = OrderFilter { search: Some("  ".into()), ..OrderFilter::default() };
        assert_eq!(filter.search_pattern(), None);
    }

    #[test]
    fn statuses_are_read_as_numbers_or_names() {
        let Ok(statuses) = "DESPATCHED, 5,, on hold".parse::<Statuses>();
        assert_eq!(statuses, Statuses { ids: vec![5], names: vec!["DESPATCHED".into(), "on hold".into()] });
    }
}
