//! Facets: what an order is by all that lists are filtered by and has few values. Orders of one facet are alike to every
//! such filter, so that counters are kept and indexes are walked by facet.

use std::fmt::Write as _;

use logistics_domain::status::Attention;
use sha2::{Digest, Sha256};

use crate::columns::Binder;
use crate::orders::rows::row::OrderRow;

/// Stands for a text that there is none of, which is not an empty one.
const NONE: &str = "\u{1e}";

/// How many parameters [`facets_sql`] takes.
pub const FACET_PARAMS: usize = 9;

impl OrderRow {
    /// The order's facet: the first eight bytes of the SHA-256 of what makes it, as the function `logistics_facet` of the
    /// database computes it too.
    pub fn facet(&self) -> i64 {
        let mut text = String::with_capacity(96);
        text.push_str(self.status.as_deref().unwrap_or(NONE));
        text.push('\u{1f}');
        push_number(&mut text, self.status_id.map(i64::from));
        text.push_str(self.courier_service.as_deref().unwrap_or(NONE));
        text.push('\u{1f}');
        push_number(&mut text, self.courier_service_id);
        text.push(if self.order_id.is_some() { '1' } else { '0' });
        text.push('\u{1f}');
        text.push_str(self.standing.tab.as_str());
        text.push('\u{1f}');
        text.push_str(self.standing.attention.map_or("", Attention::as_str));
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        i64::from_be_bytes(first)
    }
}

fn push_number(text: &mut String, number: Option<i64>) {
    if let Some(number) = number {
        let _infallible = write!(text, "{number}");
    }
    text.push('\u{1f}');
}

/// The insert of what facets stand for, its parameters numbered from `first_param`. One that is there already stays.
pub fn facets_sql(first_param: usize) -> String {
    let types = ["bigint", "bigint", "text", "int", "text", "bigint", "boolean", "text", "text"];
    let arrays: Vec<String> =
        (first_param..).zip(types).map(|(at, kind)| format!("${at}::{kind}[]")).collect();
    format!(
        "insert into logistics_order_facets \
           (tenant_id, facet, status, status_id, courier_service, courier_service_id, linked, tab, attention) \
         select * from unnest({}) as given on conflict do nothing",
        arrays.join(", ")
    )
}

/// What some facets stand for, a column an array.
#[derive(Default)]
pub struct FacetColumns<'a> {
    tenant_id: Vec<i64>,
    facet: Vec<i64>,
    status: Vec<Option<&'a str>>,
    status_id: Vec<Option<i32>>,
    courier_service: Vec<Option<&'a str>>,
    courier_service_id: Vec<Option<i64>>,
    linked: Vec<bool>,
    tab: Vec<&'static str>,
    attention: Vec<Option<&'static str>>,
}

impl<'a> FacetColumns<'a> {
    /// Adds the facet of an order.
    pub fn push(&mut self, facet: i64, row: &'a OrderRow) {
        self.tenant_id.push(row.tenant_id.0);
        self.facet.push(facet);
        self.status.push(row.status.as_deref());
        self.status_id.push(row.status_id);
        self.courier_service.push(row.courier_service.as_deref());
        self.courier_service_id.push(row.courier_service_id);
        self.linked.push(row.order_id.is_some());
        self.tab.push(row.standing.tab.as_str());
        self.attention.push(row.standing.attention.map(Attention::as_str));
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.facet.is_empty()
    }

    /// How many it has.
    pub fn len(&self) -> usize {
        self.facet.len()
    }

    /// Each with its tenant, the tenant first.
    pub fn names(&self) -> impl Iterator<Item = (i64, i64)> {
        self.tenant_id.iter().copied().zip(self.facet.iter().copied())
    }

    /// Binds the parameters of [`facets_sql`], [`FACET_PARAMS`] of them.
    pub fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.tenant_id)
            .bind(&self.facet)
            .bind(&self.status)
            .bind(&self.status_id)
            .bind(&self.courier_service)
            .bind(&self.courier_service_id)
            .bind(&self.linked)
            .bind(&self.tab)
            .bind(&self.attention)
    }
}
