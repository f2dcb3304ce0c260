//! In which order a list stands, and a place in it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter::DateField;

/// What a list is sorted by. Orders that are equal in it are sorted by their ids, those of one status by when they were first observed
/// and then by their ids, in the direction of the list; those without come last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(default = "updated_at")]
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
    /// The column that orders of one facet are sorted by; none for the status, in which they are equal.
    pub(crate) const fn column(self) -> Option<&'static str> {
        match self {
            Self::UpdatedAt => Some("updated_at"),
            Self::CreatedAt => Some("created_at"),
            Self::OrderedAt => Some("ordered_at"),
            Self::DispatchedAt => Some("dispatched_at"),
            Self::MintsoftOrderNumber => Some("number_key"),
            Self::Status => None,
        }
    }

    /// Whether an order can be without that column.
    pub(crate) const fn is_optional(self) -> bool {
        matches!(self, Self::OrderedAt | Self::DispatchedAt)
    }

    /// The instant that the list is sorted by, as one whose days a filter can ask for; none where it is sorted by something else.
    pub(crate) const fn date_field(self) -> Option<DateField> {
        match self {
            Self::UpdatedAt => Some(DateField::UpdatedAt),
            Self::CreatedAt => Some(DateField::CreatedAt),
            Self::OrderedAt => Some(DateField::OrderedAt),
            Self::DispatchedAt => Some(DateField::DispatchedAt),
            Self::MintsoftOrderNumber | Self::Status => None,
        }
    }
}

/// The direction of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(default = "desc")]
pub enum SortOrder {
    /// Smallest or earliest first.
    Asc,
    /// Largest or latest first.
    #[default]
    Desc,
}

impl SortOrder {
    pub(in crate::orders) const fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }

    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::Asc => " asc",
            Self::Desc => " desc",
        }
    }

    /// What compares whatever comes after something.
    pub(crate) const fn beyond(self) -> &'static str {
        match self {
            Self::Asc => ">",
            Self::Desc => "<",
        }
    }
}

/// The place of an order in a sorted list: the list goes on after it, whether or not that order still stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What the order is sorted by; it fits the list's sorting.
    pub key: Key,
    /// The order.
    pub id: Uuid,
}

impl Position {
    /// Whether the order there has what the list is sorted by.
    pub(in crate::orders) const fn has_key(&self) -> bool {
        !matches!(self.key, Key::Instant(None))
    }
}

/// What an order is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// An instant (UTC); none for an order without.
    Instant(Option<DateTime<Utc>>),
    /// The number in lower case.
    Number(String),
    /// The status by name and number, and when the order was first observed.
    Status(Option<String>, Option<i32>, DateTime<Utc>),
}

impl Key {
    /// Whether lists of this sorting have such keys.
    pub const fn fits(&self, sort_by: SortBy) -> bool {
        match (self, sort_by) {
            (Self::Instant(None), _) => sort_by.is_optional(),
            (Self::Instant(Some(_)), _) => sort_by.date_field().is_some(),
            (Self::Number(_), SortBy::MintsoftOrderNumber) | (Self::Status(..), SortBy::Status) => true,
            (Self::Number(_) | Self::Status(..), _) => false,
        }
    }
}
