//! What the brands are called, for pages whose rows know them by their numbers.

use std::collections::BTreeMap;

use super::Admin;
use crate::api::Problem;
use crate::tenancy::list_tenants;

/// The most brands whose names are known to a page; any other is called by its number.
const NAMES_MAX: i64 = 1000;

/// The most brands that one chooses among by name.
const CHOICES_MAX: usize = 200;

/// The names by the numbers.
pub(super) struct Brands(BTreeMap<i64, String>);

impl Brands {
    /// Those that there are, active or not.
    pub(super) async fn known(admin: &Admin) -> Result<Self, Problem> {
        let (_, tenants) = list_tenants(&admin.gate.pool, None, None, 0, NAMES_MAX).await?;
        Ok(Self(tenants.into_iter().map(|tenant| (tenant.id, tenant.name)).collect()))
    }

    /// What a brand is called.
    pub(super) fn name(&self, id: i64) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// The brands to choose among; none where they are too many for that, and one gives the number.
    pub(super) fn choices(&self) -> Option<Vec<(i64, String)>> {
        let choices = || self.0.iter().map(|(id, name)| (*id, name.clone())).collect();
        (self.0.len() <= CHOICES_MAX).then(choices)
    }
}
