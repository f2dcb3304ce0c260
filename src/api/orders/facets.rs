//! A cache of each tenant's facets and their order counts, valid for one second and one ledger position. While it holds, lists
//! choose their facets from it, and their statements do not read the counters.
//!
//! Each page's own statement tells whether they still hold, so that they are believed for no longer than that. The first list of a second
//! and of a position asks the counters itself, since it may be the only one, and so do all for the rest of a second in which they did not hold.

use std::sync::Arc;

use logistics_domain::TenantId;
use logistics_projections::TenantScope;
use logistics_projections::orders::{Facets, OrderList};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sqlx::PgConnection;

/// How much they may take, in bytes.
const BYTES_MAX: u64 = 8 * 1024 * 1024;

/// About what those of a tenant with very many take, in bytes. The cache divides its room by so many: what does not fit into a part is not
/// kept.
const TENANT_BYTES: u64 = 256 * 1024;

/// After this many lists that need only the total (not `is_by_facet`), the facets are read and cached.
const SUMS: u32 = 10;

/// What an entry takes besides its facets, in bytes.
const ENTRY_OVERHEAD_BYTES: u64 = 128;

/// The facets that were read last, a tenant each. Cloning shares them.
#[derive(Clone)]
pub struct FacetCache(Arc<Cache<TenantId, Entry, Bytes>>);

/// What is known of a tenant's facets in a second.
#[derive(Clone)]
struct Entry {
    /// How far its ledger reached before.
    position: i64,
    second: i64,
    state: FacetState,
}

#[derive(Clone)]
enum FacetState {
    /// Not read yet: this many lists read the counters themselves.
    Unread {
        lists: u32,
    },
    /// None or too many, or they do not hold for long; or they are being read.
    Unusable,
    Cached(Arc<Facets>),
}

#[derive(Clone)]
struct Bytes;

impl Weighter<TenantId, Entry> for Bytes {
    fn weight(&self, _tenant: &TenantId, entry: &Entry) -> u64 {
        let bytes = if let FacetState::Cached(facets) = &entry.state { facets.bytes() } else { 0 };
        ENTRY_OVERHEAD_BYTES + bytes as u64
    }
}

impl Default for FacetCache {
    fn default() -> Self {
        let tenants = usize::try_from(BYTES_MAX / TENANT_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(tenants, BYTES_MAX, Bytes)))
    }
}

impl FacetCache {
    /// The facets for a list of a tenant whose ledger reached so far: the cached ones, or those that are read now, where other lists
    /// asked before; else none, and the list reads the counters itself.
    pub(super) async fn of(
        &self,
        connection: &mut PgConnection,
        scope: &TenantScope,
        list: &OrderList,
        (position, second): (i64, i64),
    ) -> sqlx::Result<Option<Arc<Facets>>> {
        let mut lists = 1;
        if let Some(entry) = self.0.get(&scope.tenant()) {
            let is_now = entry.second == second;
            match entry.state {
                FacetState::Unusable if is_now => return Ok(None),
                FacetState::Cached(facets) if is_now && entry.position == position => {
                    return Ok(Some(facets));
                }
                FacetState::Unread { lists: others } if is_now && entry.position == position => {
                    if list.is_by_facet() || others >= SUMS {
                        return self.read(connection, scope, second).await;
                    }
                    lists += others;
                }
                // Of those who ask at the same moment, some proved their key before an event and some after it.
                _ if (entry.second, entry.position) > (second, position) => return Ok(None),
                _ => {}
            }
        }
        self.0.insert(scope.tenant(), Entry { position, second, state: FacetState::Unread { lists } });
        Ok(None)
    }

    /// They did not hold: so much happens that they are not worth it in this second.
    pub(super) fn pass_over(&self, scope: TenantScope, second: i64) {
        self.0.insert(scope.tenant(), Entry { position: 0, second, state: FacetState::Unusable });
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        scope: &TenantScope,
        second: i64,
    ) -> sqlx::Result<Option<Arc<Facets>>> {
        // Others do without, and do not ask for the same at the same moment.
        self.pass_over(*scope, second);
        let facets = Facets::read(connection, scope).await?.map(Arc::new);
        if let Some(facets) = &facets {
            let state = FacetState::Cached(Arc::clone(facets));
            self.0.insert(scope.tenant(), Entry { position: facets.position, second, state });
        }
        Ok(facets)
    }
}
