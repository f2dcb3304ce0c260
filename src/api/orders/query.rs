//! The query of a list: its conditions are the same for the page, the counts and the export of it. Each of them is
//! checked here, and days become instants by the tenant's zone.

use chrono::NaiveDate;
use chrono_tz::Tz;
use logistics_projections::orders::{DateField, Day, DayRange, DayRanges, OrderFilter, Terms};
use sqlx::PgConnection;

use crate::access::AccessError;
use crate::api::extract::{refused_beside, refused_parameter, searched};
use crate::api::gate::Scope;
use crate::api::input_errors::{Expected, quoted};
use crate::api::problem::Problem;
use crate::tenancy::days::{end_of_day, start_of_day};
use crate::tenancy::find_tenant;

/// The tabs that there are.
const TABS: [&str; 4] = ["in_warehouse", "on_the_way", "delivered", "closed"];

/// The most terms of a condition.
const TERMS_MAX: usize = 100;

/// What a query says about which orders are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) search: Option<String>,
    pub(super) status: String,
    pub(super) courier: String,
    pub(super) linked: Option<bool>,
    pub(super) tab: String,
    pub(super) attention: Option<bool>,
    pub(super) date_field: DateField,
    /// First and last day of `date_field`, and then of each [`DateField`] by its own name.
    pub(super) days: [(Option<NaiveDate>, Option<NaiveDate>); 5],
}

/// A query with the conditions of a list and fields of its own.
macro_rules! query_with_conditions {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            /// Part of an order number, shop order name, tracking number, SKU, or the recipient's name or e-mail, whatever their case and accents.
            #[param(max_length = 200)]
            search: Option<String>,
            /// Upstream's names or numbers of statuses, up to 100 by comma. A name that holds a comma, or is only digits, is given
            /// in double quotes.
            #[serde(default)]
            #[param(required = false)]
            status: String,
            /// Upstream's names or numbers of courier services, up to 100 by comma. A name that holds a comma, or is only digits, is
            /// given in double quotes, as `"Tracked 24, Signed"`.
            #[serde(default)]
            #[param(required = false)]
            courier: String,
            /// Only orders that are linked to a shop order, or only those that are not.
            linked: Option<bool>,
            /// `in_warehouse`, `on_the_way`, `delivered` or `closed`, several by comma.
            #[serde(default)]
            #[param(required = false)]
            tab: String,
            /// Only orders that need attention, or only those that do not.
            attention: Option<bool>,
            /// What `date_from` and `date_to` are days of; `ordered_at`, when the order was placed, where nothing is said.
            #[serde(default)]
            #[param(required = false, inline)]
            date_field: logistics_projections::orders::DateField,
            /// The first day of `date_field`, in the tenant's zone.
            date_from: Option<chrono::NaiveDate>,
            /// The last day of `date_field`, in the tenant's zone.
            date_to: Option<chrono::NaiveDate>,
            /// Orders placed on this day or later.
            ordered_from: Option<chrono::NaiveDate>,
            /// Orders placed on this day or earlier.
            ordered_to: Option<chrono::NaiveDate>,
            /// Orders dispatched on this day or later.
            dispatched_from: Option<chrono::NaiveDate>,
            /// Orders dispatched on this day or earlier.
            dispatched_to: Option<chrono::NaiveDate>,
            /// Orders first seen on this day or later.
            created_from: Option<chrono::NaiveDate>,
            /// Orders first seen on this day or earlier.
            created_to: Option<chrono::NaiveDate>,
            /// Orders last changed on this day or later.
            updated_from: Option<chrono::NaiveDate>,
            /// Orders last changed on this day or earlier.
            updated_to: Option<chrono::NaiveDate>,
            $($(#[$doc])* $field: $kind,)*
        }

        impl $name {
            /// Which orders are meant.
            fn conditions(&mut self) -> $crate::api::orders::query::Conditions {
                $crate::api::orders::query::Conditions {
                    search: self.search.take(),
                    status: std::mem::take(&mut self.status),
                    courier: std::mem::take(&mut self.courier),
                    linked: self.linked,
                    tab: std::mem::take(&mut self.tab),
                    attention: self.attention,
                    date_field: self.date_field,
                    days: [
                        (self.date_from, self.date_to),
                        (self.ordered_from, self.ordered_to),
                        (self.dispatched_from, self.dispatched_to),
                        (self.created_from, self.created_to),
                        (self.updated_from, self.updated_to),
                    ],
                }
            }
        }
    };
}
pub(super) use query_with_conditions;

impl Conditions {
    /// The filter that they make, in the zone of the tenant, which is asked for where it is not known.
    pub(super) async fn filter(
        self,
        reading: &mut PgConnection,
        scope: Scope,
        known: Option<Tz>,
    ) -> Result<OrderFilter, Problem> {
        let has_days = self.days.iter().any(|(from, to)| from.is_some() || to.is_some());
        let zone = match known {
            _ if !has_days => Tz::UTC,
            Some(zone) => zone,
            None => find_tenant(reading, scope.tenant()).await?.ok_or(AccessError::NoSuchTenant)?.timezone,
        };
        self.in_zone(zone)
    }

    fn in_zone(self, zone: Tz) -> Result<OrderFilter, Problem> {
        let search = searched(self.search)?;
        for (name, terms) in [("status", &self.status), ("courier", &self.courier)] {
            if Terms::count_in(terms) > TERMS_MAX {
                return Err(refused_parameter(name, Expected::Terms(TERMS_MAX)));
            }
        }
        let mut days = DayRanges::default();
        let named = std::iter::once(self.date_field).chain(DateField::ALL);
        for (place, (field, (from, to))) in named.zip(self.days).enumerate() {
            let name = if place == 0 { "date" } else { field.name().trim_end_matches("_at") };
            let range = range(name, from, to, zone)?;
            if range.is_open() {
                continue;
            }
            if !days.of(field).is_open() {
                let (own, whole) = (first_given(name, from), self.days[0].0);
                let other = format!("{} (date_field={})", first_given("date", whole), field.name());
                return Err(refused_beside(&own, other));
            }
            days.set(field, range);
        }
        let (Ok(statuses), Ok(couriers)) = (self.status.parse(), self.courier.parse());
        let Ok(tabs) = self.tab.parse::<Terms>();
        if !tabs.ids.is_empty() || tabs.names.iter().any(|name| !TABS.contains(&name.as_str())) {
            return Err(refused_parameter("tab", Expected::SomeOf(quoted(&TABS))));
        }
        let (linked, attention) = (self.linked, self.attention);
        Ok(OrderFilter { search, statuses, couriers, linked, tabs, attention, days })
    }
}

fn range(name: &str, from: Option<NaiveDate>, to: Option<NaiveDate>, zone: Tz) -> Result<DayRange, Problem> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        let last = Expected::NoLater(format!("{name}_to"));
        return Err(refused_parameter(&format!("{name}_from"), last));
    }
    let day = |end: &str,
               date: Option<NaiveDate>,
               instant_of: fn(NaiveDate, Tz) -> Option<chrono::DateTime<chrono::Utc>>| {
        let beyond = || refused_parameter(&format!("{name}_{end}"), Expected::CalendarDay);
        date.map(|date| instant_of(date, zone).map(|instant| Day { date, instant }).ok_or_else(beyond))
            .transpose()
    };
    Ok(DayRange { from: day("from", from, start_of_day)?, to: day("to", to, end_of_day)? })
}

/// The parameter that gives days under this name: that of the first one, where it is given.
fn first_given(name: &str, from: Option<NaiveDate>) -> String {
    format!("{name}_{}", if from.is_some() { "from" } else { "to" })
}
