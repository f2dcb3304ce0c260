//! What Mintsoft does not let an account's user see, remembered for a while: every call that is forbidden costs a login,
//! and each login kills the key that others are calling with. One instance's memory; a restart costs one login.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::AccountId;

/// For how long nothing is asked for after a refusal. Short, since it may have been meant for one order alone.
const REST: TimeDelta = TimeDelta::hours(1);

/// What may be forbidden to a user who sees orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Forbidden {
    /// The shipments of orders.
    Shipments,
    /// The list of the couriers' scans.
    Scans,
}

impl Forbidden {
    const fn name(self) -> &'static str {
        match self {
            Self::Shipments => "the shipments of orders",
            Self::Scans => "the list of tracking events",
        }
    }
}

type Until = HashMap<(AccountId, Forbidden), DateTime<Utc>>;

/// The accounts whose user may not see something, and until when it is not asked for. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Until>>);

impl Refusals {
    /// Whether the account was refused of late.
    pub(super) fn rests(&self, account: AccountId, what: Forbidden, now: DateTime<Utc>) -> bool {
        self.held().get(&(account, what)).is_some_and(|until| now < *until)
    }

    /// Notes a refusal.
    pub(super) fn note(&self, account: AccountId, what: Forbidden, now: DateTime<Utc>) {
        let name = what.name();
        tracing::warn!(%account, "Mintsoft does not permit this account's user to see {name}");
        self.held().insert((account, what), now + REST);
    }

    fn held(&self) -> MutexGuard<'_, Until> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
