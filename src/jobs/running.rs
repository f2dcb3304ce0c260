//! The attempts of a lane that are under way, and whose they are: a tenant leaves one place of a lane to the others, however many
//! jobs it has waiting before theirs.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

/// Attempts under way.
#[derive(Default)]
pub(super) struct Running {
    attempts: JoinSet<()>,
    /// Whose the attempts are that are a tenant's.
    tenants: HashMap<Id, i64>,
}

impl Running {
    /// Begins an attempt.
    pub(super) fn begin(&mut self, attempt: impl Future<Output = ()> + Send + 'static, tenant: Option<i64>) {
        let id = self.attempts.spawn(attempt).id();
        self.tenants.extend(tenant.map(|tenant| (id, tenant)));
    }

    /// How many are under way, of those whose end was not seen yet.
    pub(super) fn len(&self) -> usize {
        self.attempts.len()
    }

    /// Sees the end of those that have ended.
    pub(super) fn reap(&mut self) {
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.forget(ended);
        }
    }

    /// Waits for the end of one; false where none is under way.
    pub(super) async fn one_ends(&mut self) -> bool {
        let Some(ended) = self.attempts.join_next_with_id().await else { return false };
        self.forget(ended);
        true
    }

    /// Waits for the end of all.
    pub(super) async fn all_end(&mut self) {
        while self.one_ends().await {}
    }

    /// The tenants that have their share of so many places, all but one, and at least one; by their numbers.
    pub(super) fn tenants_at_their_share(&self, places: usize) -> Vec<i64> {
        let share = places.saturating_sub(1).max(1);
        let mut counts = HashMap::<i64, usize>::new();
        for tenant in self.tenants.values() {
            *counts.entry(*tenant).or_default() += 1;
        }
        let full = counts.into_iter().filter(|(_, count)| *count >= share);
        let mut tenants: Vec<i64> = full.map(|(tenant, _)| tenant).collect();
        tenants.sort_unstable();
        tenants
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.tenants.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tenant_leaves_one_place_to_the_others_until_one_of_its_own_ends() {
        let mut running = Running::default();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        running.begin(async { drop(ended.await) }, Some(7));
        running.begin(std::future::pending(), Some(7));
        running.begin(std::future::pending(), None);
        assert_eq!(running.tenants_at_their_share(3), [7]);
        assert_eq!(running.tenants_at_their_share(4), Vec::<i64>::new());
        drop(end);
        assert!(running.one_ends().await);
        assert_eq!((running.len(), running.tenants_at_their_share(3)), (2, vec![]));
        assert_eq!(running.tenants_at_their_share(1), [7], "one place is anybody's");
    }
}
