//! The facets of a tenant as counters told them at one moment. Whoever has them at hand chooses those of a list here, and the statement
//! of the list asks no counters for them, which takes a third of it.
//!
//! An order that came to be of another facet since would be missing in such a page. So the page's own statement tells whether they hold:
//! whether the tenant's ledger still stands where it stood, and the same counters are read. Where not, the page is asked for anew
//! without them.

use logistics_domain::TenantId;
use sqlx::{FromRow, PgConnection};

use crate::orders::listing::conditions::{GENERATION, Sql, push_facets_told, push_position};
use crate::orders::listing::filter::{OrderFilter, Terms};
use crate::scope::TenantScope;

/// Of more facets than this none are told.
const FACETS_MAX: usize = 1000;

/// What a text takes besides its letters, in bytes.
const TEXT_BYTES: usize = 16;

/// The facets that have orders, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facets {
    tenant: TenantId,
    /// How far the tenant's ledger reached when they were counted.
    pub position: i64,
    /// Which counters were read.
    generation: i32,
    counted: Vec<CountedFacet>,
}

/// A facet, with its names in lower case as the database has it, since it compares them so.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub(in crate::orders) struct CountedFacet {
    facet: i64,
    orders: i64,
    status: Option<String>,
    status_id: Option<i32>,
    status_name: Option<String>,
    courier_service_id: Option<i64>,
    courier_name: Option<String>,
    linked: bool,
    tab: String,
    attention: Option<String>,
    position: i64,
    generation: i32,
}

impl Facets {
    /// Asks the counters; none where the tenant has no facets, or very many.
    pub async fn read(connection: &mut PgConnection, scope: &TenantScope) -> sqlx::Result<Option<Self>> {
        let mut sql = Sql::new("");
        push_facets_told(&mut sql, *scope);
        sql.push(" limit ").push_bind(i64::try_from(FACETS_MAX + 1).unwrap_or(i64::MAX));
        let mut counted: Vec<CountedFacet> = sql.build_query_as().fetch_all(connection).await?;
        counted.shrink_to_fit();
        let Some(first) = counted.first().filter(|_| counted.len() <= FACETS_MAX) else { return Ok(None) };
        let (position, generation) = (first.position, first.generation);
        Ok(Some(Self { tenant: scope.tenant(), position, generation, counted }))
    }

    /// About how many bytes they take.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.counted.iter().map(CountedFacet::bytes).sum::<usize>()
    }

    /// Whether they are as they were counted, for a statement of the same tenant: an expression.
    pub(in crate::orders) fn push_holds(&self, sql: &mut Sql, scope: TenantScope) {
        push_position(sql, scope);
        sql.push(" = ").push_bind(self.position).push(" and ").push(GENERATION);
        sql.push(" = ").push_bind(self.generation);
    }

    /// Whether they are this tenant's.
    pub(in crate::orders) fn are_of(&self, scope: TenantScope) -> bool {
        self.tenant == scope.tenant()
    }

    /// How many orders they have in all.
    pub(in crate::orders) fn orders(&self) -> i64 {
        self.counted.iter().map(|facet| facet.orders).sum()
    }

    /// Those that the filter chooses.
    pub(in crate::orders) fn chosen(&self, filter: &OrderFilter) -> impl Iterator<Item = &CountedFacet> {
        self.counted.iter().filter(|facet| facet.meets(filter))
    }

    /// The facets that the filter chooses: a query, in the columns of
    /// [`push_facets_now`](crate::orders::listing::conditions::push_facets_now), to which conditions on the facet `c` may be added.
    pub(in crate::orders) fn push_chosen(&self, sql: &mut Sql, filter: &OrderFilter) {
        let chosen: Vec<_> = self.chosen(filter).collect();
        let names = |of: fn(&CountedFacet) -> Option<&str>| -> Vec<Option<String>> {
            chosen.iter().map(|facet| of(facet).map(str::to_owned)).collect()
        };
        sql.push("select c.facet, c.orders, c.status, c.status_id, c.tab, c.attention from unnest(");
        sql.push_bind(chosen.iter().map(|facet| facet.facet).collect::<Vec<_>>());
        sql.push(", ").push_bind(chosen.iter().map(|facet| facet.orders).collect::<Vec<_>>());
        sql.push(", ").push_bind(names(|facet| facet.status.as_deref()));
        sql.push(", ").push_bind(chosen.iter().map(|facet| facet.status_id).collect::<Vec<_>>());
        sql.push(", ").push_bind(names(|facet| Some(&facet.tab)));
        sql.push(", ").push_bind(names(|facet| facet.attention.as_deref()));
        sql.push(") as c(facet, orders, status, status_id, tab, attention) where true");
    }
}

impl CountedFacet {
    fn bytes(&self) -> usize {
        let texts =
            [&self.status, &self.status_name, &self.courier_name, &self.attention].into_iter().flatten();
        let texts = texts.chain([&self.tab]).map(|text| TEXT_BYTES + text.capacity());
        size_of::<Self>() + texts.sum::<usize>()
    }

    /// Whether the filter chooses it, by the conditions of [`push_facets_now`](crate::orders::listing::conditions::push_facets_now).
    fn meets(&self, filter: &OrderFilter) -> bool {
        let is_named = |terms: &Terms, id: Option<i64>, name: Option<&String>| {
            terms.is_empty()
                || id.is_some_and(|id| terms.ids.contains(&id))
                || name.is_some_and(|name| terms.names.contains(name))
        };
        is_named(&filter.statuses, self.status_id.map(i64::from), self.status_name.as_ref())
            && is_named(&filter.couriers, self.courier_service_id, self.courier_name.as_ref())
            && filter.linked.is_none_or(|linked| linked == self.linked)
            && (filter.tabs.is_empty() || filter.tabs.names.contains(&self.tab))
            && filter.attention.is_none_or(|attention| attention == self.attention.is_some())
    }
}

#[cfg(test)]
impl Facets {
    /// One of each of these statuses, with an order each.
    pub(in crate::orders) fn of_statuses(tenant: TenantId, statuses: &[&str]) -> Self {
        let facet = |status: &&str| CountedFacet {
            facet: 1,
            orders: 1,
            status: Some((*status).to_owned()),
            status_id: None,
            status_name: Some((*status).to_owned()),
            courier_service_id: None,
            courier_name: None,
            linked: false,
            tab: "in_warehouse".to_owned(),
            attention: None,
            position: 1,
            generation: 1,
        };
        Self { tenant, position: 1, generation: 1, counted: statuses.iter().map(facet).collect() }
    }
}
