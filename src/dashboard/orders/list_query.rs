//! What the list is asked for, as its address says it: the whole state of the page stands there, so that it can be sent to
//! somebody, come back to, and gone on from.

use std::borrow::Cow;

use chrono_tz::Tz;
use logistics_domain::TenantId;
use logistics_projections::orders::{
    DateField, Day, DayRange, DayRanges, OrderFilter, OrderList, SortBy, SortOrder, Terms,
};
use serde::Deserialize;

use super::list_query_reading::day;
use crate::tenancy::days::{end_of_day, start_of_day};

/// The orders of one page.
pub(super) const PAGE: i64 = 50;

/// The views that are a place where orders stand.
const IN_TABLE: [&str; 4] = ["in_warehouse", "on_the_way", "delivered", "closed"];

/// The views, in the order of their tabs.
pub(super) const TABS: [&str; 7] =
    ["all", "in_warehouse", "on_the_way", "delivered", "attention", "missing", "closed"];

/// The query of the list. Fields that forms send empty are the same as absent ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) tab: String,
    /// Without blanks around it: a cursor is of one search, letter by letter.
    pub(super) search: String,
    /// Names as [`Terms`] reads them, set apart by commas; a form sends one field each.
    #[serde(rename = "status")]
    pub(super) statuses: String,
    pub(super) courier: String,
    pub(super) date_field: String,
    pub(super) date_from: String,
    pub(super) date_to: String,
    pub(super) sort_by: String,
    pub(super) sort_order: String,
    /// Where the page begins, after the one before.
    pub(super) cursor: String,
    /// Where the page ends, before the one after.
    pub(super) before: String,
    /// How many links are passed over in the view of what is missing.
    pub(super) skip: String,
    /// The paid order that somebody just had something done with: looked for again, unless `deed` says what else.
    pub(super) looking: String,
    pub(super) deed: String,
    /// The brand, where addresses name it.
    pub(super) tenant_id: String,
}

impl Asked {
    /// The view.
    pub(super) fn tab(&self) -> &str {
        TABS.into_iter().find(|tab| *tab == self.tab).unwrap_or("all")
    }

    pub(super) fn skip(&self) -> i64 {
        self.skip.parse().ok().filter(|skip| *skip > 0).unwrap_or(0)
    }

    pub(super) fn sort_by(&self) -> SortBy {
        named(&self.sort_by).unwrap_or_default()
    }

    pub(super) fn sort_order(&self) -> SortOrder {
        named(&self.sort_order).unwrap_or_default()
    }

    fn date_field(&self) -> DateField {
        named(&self.date_field).unwrap_or_default()
    }

    /// The filters that the view of what is missing has no use for and keeps for the others: those that say something.
    pub(super) fn kept(&self) -> Vec<(&'static str, &str)> {
        let kept = [
            ("status", &self.statuses),
            ("courier", &self.courier),
            ("date_field", &self.date_field),
            ("date_from", &self.date_from),
            ("date_to", &self.date_to),
        ];
        kept.into_iter()
            .map(|(name, value)| (name, value.as_str()))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    pub(super) fn has_status(&self, name: &str) -> bool {
        self.statuses().any(|(asked, _)| asked.eq_ignore_ascii_case(name))
    }

    /// The statuses by name, each with how a list has it.
    pub(super) fn statuses(&self) -> impl Iterator<Item = (Cow<'_, str>, String)> {
        Terms::each_in(&self.statuses).map(|(name, is_quoted)| {
            let written = if is_quoted { Terms::written(&name) } else { name.clone().into_owned() };
            (name, written)
        })
    }

    pub(super) fn is_dated_by(&self, field: &str) -> bool {
        self.date_field == field
    }

    /// Whether it is narrower than its view.
    pub(super) fn is_narrowed(&self) -> bool {
        [&self.search, &self.statuses, &self.courier, &self.date_from, &self.date_to]
            .into_iter()
            .any(|field| !field.trim().is_empty())
    }

    /// As the list of orders takes it, from its beginning, with days in the brand's zone.
    pub(super) fn list(&self, zone: Tz) -> OrderList {
        let (sort_by, sort_order) = (self.sort_by(), self.sort_order());
        OrderList { filter: self.filter(zone), sort_by, sort_order, limit: PAGE, ..OrderList::default() }
    }

    fn filter(&self, zone: Tz) -> OrderFilter {
        let Ok(statuses) = self.statuses.parse();
        // One is chosen, by its whole name.
        let couriers = Terms::named(&self.courier);
        let (from, to) = (day(&self.date_from), day(&self.date_to));
        let range = DayRange {
            from: from.and_then(|date| Some(Day { date, instant: start_of_day(date, zone)? })),
            to: to.and_then(|date| Some(Day { date, instant: end_of_day(date, zone)? })),
        };
        let mut days = DayRanges::default();
        days.set(self.date_field(), range);
        let tab = Some(self.tab()).filter(|tab| IN_TABLE.contains(tab));
        let tabs = Terms { names: tab.map(str::to_owned).into_iter().collect(), ..Terms::default() };
        let attention = (self.tab() == "attention").then_some(true);
        OrderFilter {
            search: Some(self.search.clone()),
            statuses,
            couriers,
            tabs,
            attention,
            days,
            linked: None,
        }
    }

    /// The conditions that all views share, so that each tab says how many it has.
    pub(super) fn of_all_tabs(&self, zone: Tz) -> OrderFilter {
        OrderFilter { tabs: Terms::default(), attention: None, ..self.filter(zone) }
    }

    /// The conditions that all views share, whatever the status, so that the menu of statuses says how many each of them has.
    pub(super) fn of_all_statuses(&self, zone: Tz) -> OrderFilter {
        OrderFilter { statuses: Terms::default(), ..self.of_all_tabs(zone) }
    }

    /// Its address, with the fields that say something.
    pub(super) fn address(&self) -> String {
        let (looking, deed) = (String::new(), String::new());
        Self { looking, deed, ..self.clone() }.address_telling()
    }

    /// Its address with what was just done as well, so that the page goes on telling it when it is read anew.
    pub(super) fn address_telling(&self) -> String {
        self.address_at("/dashboard/orders")
    }

    fn address_at(&self, path: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let tab = if self.tab() == "all" { "" } else { self.tab() };
        let date_field =
            if self.date_from.is_empty() && self.date_to.is_empty() { "" } else { &self.date_field };
        let fields = [
            ("tab", tab),
            ("search", &self.search),
            ("status", &self.statuses),
            ("courier", &self.courier),
            ("date_field", date_field),
            ("date_from", &self.date_from),
            ("date_to", &self.date_to),
            ("sort_by", &self.sort_by),
            ("sort_order", &self.sort_order),
            ("cursor", &self.cursor),
            ("before", &self.before),
            ("skip", &self.skip),
            ("looking", &self.looking),
            ("deed", &self.deed),
            ("tenant_id", &self.tenant_id),
        ];
        let mut said = false;
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
            said = true;
        }
        if said { format!("{path}?{}", query.finish()) } else { path.to_owned() }
    }

    /// The list with a change, from its beginning.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self {
            cursor: String::new(),
            before: String::new(),
            skip: String::new(),
            looking: String::new(),
            deed: String::new(),
            ..self.clone()
        };
        change(&mut changed);
        changed
    }

    /// The address of the same view without any filter.
    pub(super) fn unfiltered(&self) -> String {
        let (tab, tenant_id) = (self.tab.clone(), self.tenant_id.clone());
        Self { tab, tenant_id, ..Self::default() }.address()
    }

    /// Whether it begins anywhere but at the beginning.
    pub(super) fn is_further_on(&self) -> bool {
        !self.cursor.is_empty() || !self.before.is_empty() || self.skip() > 0
    }

    /// Whether the other one is the same search with more or fewer letters, as while one types.
    pub(super) fn is_typed_on_from(&self, other: &Self) -> bool {
        let bare = |asked: &Self| asked.with(|asked| asked.search.clear());
        !self.search.is_empty() && !other.search.is_empty() && bare(self) == bare(other)
    }

    /// The address of another view with the same filters.
    pub(super) fn in_tab(&self, tab: &str) -> String {
        self.with(|asked| tab.clone_into(&mut asked.tab)).address()
    }

    /// The address of the file of this view, which the API makes.
    pub(super) fn export(&self, format: &str, tenant: TenantId) -> String {
        if self.tab() == "missing" {
            // Other filters are about warehouse orders, which these have none of.
            let searched = Self { search: self.search.clone(), ..Self::default() };
            let address = searched.address_at("/api/v1/logistics/links/export");
            let joint = if address.contains('?') { '&' } else { '?' };
            return format!("{address}{joint}state=not_linked&format={format}&tenant_id={tenant}");
        }
        let whole = self.with(|asked| {
            if !IN_TABLE.contains(&asked.tab()) {
                asked.tab.clear();
            }
            asked.courier = Terms::written(&asked.courier);
            asked.tenant_id.clear();
        });
        let address = whole.address_at("/api/v1/logistics/orders/export");
        let joint = if address.contains('?') { '&' } else { '?' };
        let attention = if self.tab() == "attention" { "&attention=true" } else { "" };
        format!("{address}{joint}format={format}&tenant_id={tenant}{attention}")
    }
}

/// A word of the API, such as a sorting.
pub(super) fn named<T: for<'a> Deserialize<'a>>(name: &str) -> Option<T> {
    serde_json::from_value(name.into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_only_what_differs_and_reads_back() {
        let asked =
            Asked::read("tab=all&search=+ladore&status=NEW&status=ON+HOLD&date_from=&skip=&utm_source=x");
        assert_eq!(asked.address(), "/dashboard/orders?search=ladore&status=NEW%2CON+HOLD");
        assert!(asked.has_status("on hold"));
        assert_eq!(Asked::default().address(), "/dashboard/orders");
        assert_eq!(
            Asked::read("tenant_id=7&tab=closed").address(),
            "/dashboard/orders?tab=closed&tenant_id=7"
        );
    }

    #[test]
    fn typing_on_is_told_from_a_step() {
        let first = Asked::read("search=10");
        assert!(Asked::read("search=1004&cursor=x").is_typed_on_from(&first));
        assert!(!Asked::read("search=1004&tab=delivered").is_typed_on_from(&first));
        assert!(!first.is_typed_on_from(&Asked::default()));
    }

    #[test]
    fn the_view_of_what_is_missing_keeps_filters_that_it_has_no_use_for() {
        let asked = Asked::read("tab=missing&search=%231001&status=NEW&date_from=&skip=50");
        assert_eq!(asked.kept(), [("status", "NEW")]);
        assert_eq!(asked.in_tab("all"), "/dashboard/orders?search=%231001&status=NEW");
        assert_eq!(
            asked.export("csv", TenantId(7)),
            "/api/v1/logistics/links/export?search=%231001&state=not_linked&format=csv&tenant_id=7"
        );
    }

    #[test]
    fn a_courier_is_one_whatever_its_name_holds() {
        let asked = Asked::read("courier=Tracked+24%2C+Signed");
        assert_eq!(asked.filter(Tz::UTC).couriers.names, ["tracked 24, signed"]);
        assert_eq!(asked.address(), "/dashboard/orders?courier=Tracked+24%2C+Signed");
        assert_eq!(
            asked.export("csv", TenantId(7)),
            "/api/v1/logistics/orders/export?courier=%22Tracked+24%2C+Signed%22&format=csv&tenant_id=7"
        );
        let digits = Asked::read("courier=24").filter(Tz::UTC).couriers;
        assert_eq!((digits.ids, digits.names), (vec![], vec!["24".to_owned()]));
    }

    #[test]
    fn a_status_is_one_whatever_its_name_holds() {
        let asked = Asked::read("status=NEW&status=%22Held%2C+waiting%22&status=%2224%22&status=5");
        assert_eq!(asked.filter(Tz::UTC).statuses.names, ["new", "held, waiting", "24"]);
        assert_eq!(asked.filter(Tz::UTC).statuses.ids, [5]);
        assert!(asked.has_status("Held, waiting") && !asked.has_status("Held"));
        assert_eq!(Asked::read(asked.address().split_once('?').unwrap().1), asked);
    }
}
