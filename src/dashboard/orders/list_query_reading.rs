//! How the address of the list is read: fields of one name joined, and what means nothing left out.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use logistics_projections::orders::{DateField, SortBy, SortOrder};

use super::list_query::{Asked, named};

/// The years that a calendar has in every zone.
const YEARS: RangeInclusive<i32> = 2..=9998;

/// The fields that an address may have. Others, such as those that a mail or an advertisement adds, say nothing here.
const FIELDS: [&str; 15] = [
    "tab",
    "search",
    "status",
    "courier",
    "date_field",
    "date_from",
    "date_to",
    "sort_by",
    "sort_order",
    "cursor",
    "before",
    "skip",
    "looking",
    "deed",
    "tenant_id",
];

impl Asked {
    /// What a query asks for, with the several fields of one name that forms send joined into one.
    pub(super) fn read(query: &str) -> Self {
        let mut joined: Vec<(String, String)> = Vec::new();
        let known = |(name, _): &(Cow<'_, str>, Cow<'_, str>)| FIELDS.contains(&name.as_ref());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).filter(known) {
            match joined.iter_mut().find(|(known, _)| *known == name) {
                Some((_, held)) if name == "status" && !value.is_empty() => {
                    held.push_str(if held.is_empty() { "" } else { "," });
                    held.push_str(&value);
                }
                Some((_, held)) => value.into_owned().clone_into(held),
                None => joined.push((name.into_owned(), value.into_owned())),
            }
        }
        let fields = joined.into_iter().map(|(name, value)| (name, value.into()));
        let fields: serde_json::Map<_, _> = fields.collect();
        // Every field is a text, so this reads them all.
        let mut asked: Self = serde_json::from_value(fields.into()).unwrap_or_default();
        asked.search = asked.search.trim().to_owned();
        asked.clear_unreadable();
        asked
    }

    /// Leaves out what means nothing, so that the page, its chips and its file say the same; and days that were given the wrong
    /// way round are turned.
    fn clear_unreadable(&mut self) {
        let (mut from, mut to) = (day(&self.date_from), day(&self.date_to));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            std::mem::swap(&mut from, &mut to);
        }
        let written = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        (self.date_from, self.date_to) = (written(from), written(to));
        if named::<DateField>(&self.date_field).is_none() {
            self.date_field.clear();
        }
        if named::<SortBy>(&self.sort_by).is_none() {
            self.sort_by.clear();
        }
        if named::<SortOrder>(&self.sort_order).is_none() {
            self.sort_order.clear();
        }
    }
}

/// The day that a field says, if every zone has it.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().filter(|day: &NaiveDate| YEARS.contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use logistics_domain::TenantId;

    use super::*;

    #[test]
    fn what_means_nothing_is_left_out_and_days_are_put_in_their_order() {
        let turned = Asked::read("date_from=2026-11-09&date_to=2026-11-01&date_field=updated_at");
        let address = "?date_field=updated_at&date_from=2026-11-01&date_to=2026-11-09";
        assert_eq!(turned.address(), format!("/dashboard/orders{address}"));
        assert!(turned.export("csv", TenantId(7)).contains(address));
        for nothing in [
            "date_from=2026-02-30",
            "date_to=soon",
            "date_from=%2B12345-01-01",
            "date_to=0001-01-01",
            "date_field=shipped_at",
            "sort_by=colour",
            "sort_order=sideways",
        ] {
            assert_eq!(Asked::read(nothing), Asked::default(), "{nothing}");
        }
        let half = Asked::read("date_from=2026-11-01&date_to=2026-02-30");
        assert_eq!(half.address(), "/dashboard/orders?date_from=2026-11-01");
    }

    #[test]
    fn blanks_around_a_search_are_no_part_of_it() {
        for blank in ["search=+ladore+", "search=ladore%20", "search=ladore"] {
            assert_eq!(
                Asked::read(blank).list(Tz::UTC),
                Asked::read("search=ladore").list(Tz::UTC),
                "{blank}"
            );
        }
        let nothing = Asked::read("search=+");
        assert_eq!((nothing.list(Tz::UTC), nothing.is_narrowed()), (Asked::read("").list(Tz::UTC), false));
    }
}
