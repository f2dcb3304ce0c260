//! Which facets are known to be told of in `logistics_order_facets`: every order has one, and hardly any is a new one.

use std::collections::HashSet;

use logistics_projections::orders::{FacetColumns, OrderRow};

/// So many are remembered; past that they are learnt anew, since inserting a facet that is there changes nothing.
const REMEMBERED_MAX: usize = 16_384;

/// The facets, each with its tenant, that statements of one connection have committed. None is ever deleted; but a
/// connection that is opened anew may lead to a server that was restored, and begins with none.
#[derive(Default)]
pub(super) struct KnownFacets(HashSet<(i64, i64)>);

impl KnownFacets {
    /// Those of the orders that are not known, each once; `facets` are those of `rows`.
    pub(super) fn unknown_among<'a>(
        &self,
        rows: impl Iterator<Item = &'a OrderRow>,
        facets: &[i64],
    ) -> FacetColumns<'a> {
        let (mut unknown, mut given) = (FacetColumns::default(), HashSet::new());
        for (row, facet) in rows.zip(facets) {
            let named = (row.tenant_id.0, *facet);
            if !self.0.contains(&named) && given.insert(named) {
                unknown.push(*facet, row);
            }
        }
        unknown
    }

    /// Takes in what was committed.
    pub(super) fn learn(&mut self, committed: &FacetColumns<'_>) {
        if self.0.len() + committed.len() > REMEMBERED_MAX {
            self.0.clear();
        }
        self.0.extend(committed.names());
    }
}
