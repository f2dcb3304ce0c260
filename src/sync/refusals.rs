//! What Mintsoft does not let an account's user see, remembered for a while: every call that is forbidden costs a login,
//! and each login kills the key that others are calling with. One instance's memory; a restart costs one login.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;

/// For how long nothing is asked for after a refusal. Short, since it may have been meant for one order alone.
const REST: TimeDelta = TimeDelta::hours(1);

/// The accounts whose user may not see shipments. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<HashMap<AccountId, DateTime<Utc>>>>);

impl Refusals {
    /// Whether the account was refused of late.
    pub(super) fn rests(&self, account: AccountId, now: DateTime<Utc>) -> bool {
        self.held().get(&account).is_some_and(|until| now < *until)
    }

    /// Notes a refusal.
    pub(super) fn note(&self, account: AccountId, now: DateTime<Utc>) {
        tracing::warn!(%account, "Mintsoft does not permit this account's user to see the shipments of orders");
        self.held().insert(account, now + REST);
    }

    fn held(&self) -> MutexGuard<'_, HashMap<AccountId, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
