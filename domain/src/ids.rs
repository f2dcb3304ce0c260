//! Typed ids, so that a tenant is never taken for an account, nor an upstream number for a stream.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A brand. The number is the host platform's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub i64);

/// A Mintsoft account: what configurations with the same address, login (or key) and client id share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

/// The stream of one order. Two sources that discover the same order at once derive the same id and meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderStreamId(pub Uuid);

impl OrderStreamId {
    /// UUID version 5 of the order's Mintsoft id (as decimal text) in the namespace of its account.
    pub fn derive(account: AccountId, mintsoft_order_id: i64) -> Self {
        Self(Uuid::new_v5(&account.0, mintsoft_order_id.to_string().as_bytes()))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for OrderStreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sources_that_discover_the_same_order_meet_in_one_stream() {
        let account = AccountId(Uuid::from_u128(7));
        assert_eq!(OrderStreamId::derive(account, 2207), OrderStreamId::derive(account, 2207));
        assert_ne!(OrderStreamId::derive(account, 2207), OrderStreamId::derive(account, 2208));
        assert_ne!(
            OrderStreamId::derive(account, 2207),
            OrderStreamId::derive(AccountId(Uuid::from_u128(8)), 2207)
        );
    }
}
