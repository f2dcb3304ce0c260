//! Facets at hand: what a tenant's orders are by all that lists are filtered by, and how many are so, as the counters told it for a
//! list of this second. While the tenant's ledger stands where it stood, other lists are chosen of them too, and their statements
//! ask no counters.
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

/// So many lists that only tell how many orders there are in all ask the counters for that, before the facets are worth being asked for.
const SUMS: u32 = 10;

/// What an entry takes besides its facets, in bytes.
const ENTRY_OVERHEAD_BYTES: u64 = 128;

/// The facets that lists were chosen of last, a tenant each. Cloning shares them.
#[derive(Clone)]
pub struct FacetsAtHand(Arc<Cache<TenantId, Held, Bytes>>);

/// What was asked of a tenant in a second.
#[derive(Clone)]
struct Held {
    /// How far its ledger reached before.
    position: i64,
    second: i64,
    told: Told,
}

#[derive(Clone)]
enum Told {
    /// Nothing: so many lists asked the counters themselves.
    Nothing(u32),
    /// That there are none or too many, or that they do not hold for long; or they are being asked for.
    NoneOfUse,
    These(Arc<Facets>),
}

#[derive(Clone)]
struct Bytes;

impl Weighter<TenantId, Held> for Bytes {
    fn weight(&self, _tenant: &TenantId, held: &Held) -> u64 {
        let bytes = if let Told::These(facets) = &held.told { facets.bytes() } else { 0 };
        ENTRY_OVERHEAD_BYTES + bytes as u64
    }
}

impl Default for FacetsAtHand {
    fn default() -> Self {
        let tenants = usize::try_from(BYTES_MAX / TENANT_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(tenants, BYTES_MAX, Bytes)))
    }
}

impl FacetsAtHand {
    /// The facets for a list of a tenant whose ledger reached so far: those at hand, or those that the counters tell now, where others
    /// were asked for before; else none, and the list asks itself.
    pub(super) async fn of(
        &self,
        connection: &mut PgConnection,
        scope: &TenantScope,
        list: &OrderList,
        (position, second): (i64, i64),
    ) -> sqlx::Result<Option<Arc<Facets>>> {
        let mut asked = 1;
        if let Some(held) = self.0.get(&scope.tenant()) {
            let is_now = held.second == second;
            match held.told {
                Told::NoneOfUse if is_now => return Ok(None),
                Told::These(facets) if is_now && held.position == position => return Ok(Some(facets)),
                Told::Nothing(others) if is_now && held.position == position => {
                    if list.is_by_facet() || others >= SUMS {
                        return self.read(connection, scope, second).await;
                    }
                    asked += others;
                }
                // Of those who ask at the same moment, some proved their key before an event and some after it.
                _ if (held.second, held.position) > (second, position) => return Ok(None),
                _ => {}
            }
        }
        self.0.insert(scope.tenant(), Held { position, second, told: Told::Nothing(asked) });
        Ok(None)
    }

    /// They did not hold: so much happens that they are not worth it in this second.
    pub(super) fn pass_over(&self, scope: TenantScope, second: i64) {
        self.0.insert(scope.tenant(), Held { position: 0, second, told: Told::NoneOfUse });
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
            let told = Told::These(Arc::clone(facets));
            self.0.insert(scope.tenant(), Held { position: facets.position, second, told });
        }
        Ok(facets)
    }
}
