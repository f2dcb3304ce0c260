//! The filters of the list that are on: each is shown, and taken away by itself.

use super::badge::phase_named;
use super::list_query::Asked;
use super::list_query_reading::day;
use crate::words::Words;

/// A filter that is on, and the address without it.
pub(super) struct Chip {
    pub(super) text: String,
    pub(super) without: String,
}

impl Asked {
    /// The filters that are on.
    pub(super) fn chips(&self, w: Words) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut chip = |text: String, change: &dyn Fn(&mut Self)| {
            chips.push(Chip { text, without: self.with(change).address() });
        };
        if !self.search.is_empty() {
            chip(w.filter_chip_search(&self.search), &|asked| asked.search.clear());
        }
        if self.tab() == "missing" {
            // The others narrow nothing here; they wait for the views that they are about.
            return chips;
        }
        for (status, written) in self.statuses() {
            let told = phase_named(w, &status);
            let told = told.map_or_else(|| status.to_string(), |told| format!("{told} ({status})"));
            chip(w.filter_chip_status(told), &|asked| {
                let rest = self.statuses().map(|(_, other)| other).filter(|other| *other != written);
                asked.statuses = rest.collect::<Vec<_>>().join(",");
            });
        }
        if !self.courier.is_empty() {
            chip(w.filter_chip_courier(&self.courier), &|asked| asked.courier.clear());
        }
        let field = w.filter_date_field_name(&self.date_field);
        let (from, to) =
            (day(&self.date_from).map(|day| w.day(day)), day(&self.date_to).map(|day| w.day(day)));
        let dates = match (from, to) {
            (Some(from), Some(to)) => Some(w.filter_chip_dates(field, from, to)),
            (Some(from), None) => Some(w.filter_chip_from(field, from)),
            (None, Some(to)) => Some(w.filter_chip_to(field, to)),
            (None, None) => None,
        };
        if let Some(text) = dates {
            chip(text, &|asked| {
                asked.date_from.clear();
                asked.date_to.clear();
                asked.date_field.clear();
            });
        }
        chips
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_chip_takes_away_its_own_filter_only() {
        let asked = Asked::read("status=NEW,PACKED&date_from=2026-11-01&date_field=dispatched_at&skip=50");
        let chips = asked.chips(Words::of(Language::Spanish));
        assert_eq!(chips[0].text, "Estado: Recibido (NEW)");
        assert_eq!(
            chips[0].without,
            "/dashboard/orders?status=PACKED&date_field=dispatched_at&date_from=2026-11-01"
        );
        assert_eq!(chips[2].text, "Fecha de despacho: desde 1 nov 2026");
        assert_eq!(chips[2].without, "/dashboard/orders?status=NEW%2CPACKED");
    }

    #[test]
    fn a_status_is_taken_away_alone_whatever_its_name_holds() {
        let asked = Asked::read("status=NEW&status=%22Held%2C+waiting%22&status=%2224%22&status=5");
        let chips = asked.chips(Words::of(Language::English));
        assert_eq!(chips[1].text, "Status: Held, waiting");
        assert_eq!(chips[1].without, "/dashboard/orders?status=NEW%2C%2224%22%2C5");
    }

    #[test]
    fn the_view_of_what_is_missing_has_chips_of_its_own_filters_only() {
        let chips = Asked::read("tab=missing&search=%231001&status=NEW").chips(Words::of(Language::English));
        assert_eq!(chips.len(), 1);
        assert_eq!(chips[0].without, "/dashboard/orders?tab=missing&status=NEW");
    }
}
