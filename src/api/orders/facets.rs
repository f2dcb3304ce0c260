//! Facets at hand: what a tenant's orders are by all that lists are filtered by, and how many are so, as the counters told it for a
//! list of this second. While the tenant's ledger stands where it stood, other lists are chosen of them too, and their statements
//! ask no counters.
//!
//! Each page's own statement tells whether they still hold, so that they are believed for no longer than that. The first list of a second
//! and of a position asks the counters itself: it may be the only one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_projections::TenantScope;
use logistics_projections::orders::Facets;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sqlx::PgConnection;

/// How much they may take, in bytes.
const BYTES_MAX: u64 = 8 * 1024 * 1024;

/// About what those of a tenant with very many take, in bytes. The cache divides its room by so many: what does not fit into a part is not
/// kept.
const TENANT_BYTES: u64 = 256 * 1024;

/// What an entry takes besides, in bytes.
const ENTRY_BYTES: u64 = 128;

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
    /// Nothing: a first list was asked for.
    Nothing,
    /// That there are none, or too many.
    NoneOfUse,
    These(Arc<Facets>),
}

#[derive(Clone)]
struct Bytes;

impl Weighter<TenantId, Held> for Bytes {
    fn weight(&self, _tenant: &TenantId, held: &Held) -> u64 {
        let bytes = if let Told::These(facets) = &held.told { facets.bytes() } else { 0 };
        ENTRY_BYTES + bytes as u64
    }
}

impl Default for FacetsAtHand {
    fn default() -> Self {
        let tenants = usize::try_from(BYTES_MAX / TENANT_BYTES).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(tenants, BYTES_MAX, Bytes)))
    }
}

impl FacetsAtHand {
    /// The facets of a tenant whose ledger reached so far: those at hand, or for a second list those that the counters tell now; else
    /// none, and the list asks itself.
    pub(super) async fn of(
        &self,
        connection: &mut PgConnection,
        scope: &TenantScope,
        (position, now): (i64, DateTime<Utc>),
    ) -> sqlx::Result<Option<Arc<Facets>>> {
        let second = now.timestamp();
        if let Some(held) = self.0.get(&scope.tenant()) {
            let is_now = held.second == second;
            match held.told {
                Told::NoneOfUse if is_now => return Ok(None),
                Told::These(facets) if is_now && held.position == position => return Ok(Some(facets)),
                Told::Nothing if is_now && held.position == position => {
                    return self.read(connection, scope, second).await;
                }
                // Of those who ask at the same moment, some proved their key before an event and some after it.
                _ if (held.second, held.position) > (second, position) => return Ok(None),
                _ => {}
            }
        }
        self.0.insert(scope.tenant(), Held { position, second, told: Told::Nothing });
        Ok(None)
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        scope: &TenantScope,
        second: i64,
    ) -> sqlx::Result<Option<Arc<Facets>>> {
        let facets = Facets::read(connection, scope).await?.map(Arc::new);
        let held = match &facets {
            Some(facets) => Held { position: facets.position, second, told: Told::These(Arc::clone(facets)) },
            None => Held { position: 0, second, told: Told::NoneOfUse },
        };
        self.0.insert(scope.tenant(), held);
        Ok(facets)
    }
}
