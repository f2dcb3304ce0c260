//! Permits to export: few at once, since each holds a connection, and one for each caller, so that nobody takes them all.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderValue, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::api::problem::Problem;

/// Exports at one time; each holds a connection.
const EXPORTS_MAX: usize = 4;

/// The permits. Cloning shares them.
#[derive(Clone)]
pub struct ExportPermits {
    all: Arc<Semaphore>,
    callers: Arc<Mutex<HashSet<Uuid>>>,
}

impl Default for ExportPermits {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(EXPORTS_MAX)), callers: Arc::default() }
    }
}

/// A permit; dropping it gives it back.
pub(in crate::api) struct ExportPermit {
    caller: Uuid,
    callers: Arc<Mutex<HashSet<Uuid>>>,
    of_all: Option<OwnedSemaphorePermit>,
}

impl ExportPermits {
    /// A permit of the caller, if there is one to be had now.
    pub(in crate::api) fn take(&self, caller: Uuid) -> Result<ExportPermit, Problem> {
        let told = |status, code, detail: &str| {
            Problem::of(status, code, detail).header(header::RETRY_AFTER, HeaderValue::from_static("10"))
        };
        if !self.callers.lock().unwrap_or_else(PoisonError::into_inner).insert(caller) {
            let detail = "an export of yours is under way; take it to its end, or end it, and ask again then";
            return Err(told(StatusCode::TOO_MANY_REQUESTS, "export_under_way", detail));
        }
        let mut permit = ExportPermit { caller, callers: Arc::clone(&self.callers), of_all: None };
        let Ok(of_all) = Arc::clone(&self.all).try_acquire_owned() else {
            let detail = "several exports are under way; try again in some seconds";
            return Err(told(StatusCode::SERVICE_UNAVAILABLE, "exports_busy", detail));
        };
        permit.of_all = Some(of_all);
        Ok(permit)
    }
}

impl Drop for ExportPermit {
    fn drop(&mut self) {
        self.of_all = None;
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_one_permit_and_all_together_have_few() {
        let (permits, id) = (ExportPermits::default(), Uuid::from_u128);
        let first = permits.take(id(1)).unwrap();
        let refused = |caller| permits.take(id(caller)).err().map(|problem| problem.status());
        assert_eq!(refused(1), Some(StatusCode::TOO_MANY_REQUESTS));
        let _others = [permits.take(id(2)), permits.take(id(3)), permits.take(id(4))];
        assert_eq!(refused(5), Some(StatusCode::SERVICE_UNAVAILABLE));
        drop(first);
        assert_eq!(refused(5), None, "who was turned away is not held to have a permit");
        assert_eq!(refused(1), None);
    }
}
