//! Permits to export: few at once, since each holds a connection; one for each caller and two for each tenant, so that nobody takes
//! them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderValue, StatusCode, header};
use logistics_domain::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::api::problem::Problem;

/// Exports at one time; each holds a connection.
const EXPORTS_MAX: usize = 4;

/// How many of these are one tenant's.
const OF_TENANT: usize = 2;

/// The permits. Cloning shares them.
#[derive(Clone)]
pub struct ExportPermits {
    all: Arc<Semaphore>,
    holders: Holders,
}

/// Whose exports are under way, by caller.
type Holders = Arc<Mutex<HashMap<Uuid, TenantId>>>;

impl Default for ExportPermits {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(EXPORTS_MAX)), holders: Arc::default() }
    }
}

/// A permit; dropping it gives it back.
pub(in crate::api) struct ExportPermit {
    caller: Uuid,
    holders: Holders,
    of_all: Option<OwnedSemaphorePermit>,
}

impl ExportPermits {
    /// A permit of the caller for the tenant's list, if there is one to be had now.
    pub(in crate::api) fn take(&self, caller: Uuid, tenant: TenantId) -> Result<ExportPermit, Problem> {
        let told = |status, code, detail: &str| {
            Problem::of(status, code, detail).header(header::RETRY_AFTER, HeaderValue::from_static("10"))
        };
        let busy = || {
            let detail = "several exports are under way; try again in some seconds";
            told(StatusCode::SERVICE_UNAVAILABLE, "exports_busy", detail)
        };
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if holders.contains_key(&caller) {
            let detail = "an export of yours is under way; take it to its end, or end it, and ask again then";
            return Err(told(StatusCode::TOO_MANY_REQUESTS, "export_under_way", detail));
        }
        if holders.values().filter(|holder| **holder == tenant).count() >= OF_TENANT {
            return Err(busy());
        }
        let of_all = Arc::clone(&self.all).try_acquire_owned().map_err(|_| busy())?;
        holders.insert(caller, tenant);
        Ok(ExportPermit { caller, holders: Arc::clone(&self.holders), of_all: Some(of_all) })
    }
}

impl Drop for ExportPermit {
    fn drop(&mut self) {
        self.of_all = None;
        self.holders.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_one_permit_a_tenant_two_and_all_together_have_few() {
        let permits = ExportPermits::default();
        let take = |caller, tenant| permits.take(Uuid::from_u128(caller), TenantId(tenant));
        let first = take(1, 7).unwrap();
        let refused = |caller, tenant| take(caller, tenant).err().map(|problem| problem.status());
        assert_eq!(refused(1, 8), Some(StatusCode::TOO_MANY_REQUESTS));
        let _second = take(2, 7).unwrap();
        assert_eq!(refused(3, 7), Some(StatusCode::SERVICE_UNAVAILABLE), "two are the tenant's");
        let _others = [take(3, 8).unwrap(), take(4, 9).unwrap()];
        assert_eq!(refused(5, 10), Some(StatusCode::SERVICE_UNAVAILABLE));
        drop(first);
        assert_eq!(refused(5, 10), None, "who was turned away is not held to have a permit");
        assert_eq!(refused(1, 7), None);
    }
}
