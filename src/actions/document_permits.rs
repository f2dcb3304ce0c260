//! Permits to hand documents on: few at once, since each holds some megabytes, and fewer for each tenant, so that readers of
//! one who take their time leave permits to the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use logistics_domain::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many documents one instance has in its hands at once; each may be some megabytes.
const AT_ONCE: usize = 4;

/// How many of these are one tenant's.
const OF_TENANT: usize = 2;

/// The permits. Cloning shares them.
#[derive(Clone)]
pub(super) struct DocumentPermits {
    all: Arc<Semaphore>,
    tenants: Arc<Mutex<HashMap<TenantId, Arc<Semaphore>>>>,
}

/// A permit; dropping it gives it back.
#[derive(Debug)]
pub struct DocumentPermit {
    _of_tenant: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for DocumentPermits {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), tenants: Arc::default() }
    }
}

impl DocumentPermits {
    /// A permit of the tenant, if there is one to be had in this time.
    pub async fn take(&self, tenant: TenantId, within: Duration) -> Option<DocumentPermit> {
        let taking = async {
            // First of its own, so that who waits for that holds nothing that others wait for.
            let of_tenant = self.permits_of(tenant).acquire_owned().await.ok()?;
            let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
            Some(DocumentPermit { _of_tenant: of_tenant, _of_all: of_all })
        };
        timeout(within, taking).await.ok().flatten()
    }

    /// There are no more of these than tenants.
    fn permits_of(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(OF_TENANT))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tenant_has_two_permits_and_all_together_have_four() {
        let permits = DocumentPermits::default();
        let take = async |tenant| permits.take(TenantId(tenant), Duration::ZERO).await;
        let held = [take(7).await.unwrap(), take(7).await.unwrap()];
        assert!(take(7).await.is_none());
        let _others = [take(8).await.unwrap(), take(9).await.unwrap()];
        assert!(take(8).await.is_none(), "there are four in all");
        drop(held);
        assert!(take(8).await.is_some(), "who waited in vain holds nothing");
        assert!(take(7).await.is_some());
    }
}
