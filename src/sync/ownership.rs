//! Whose order a row is: by the history that it has already, else by an operator's word, else by what it shows.

use std::collections::HashMap;

use logistics_domain::TenantId;

use super::SyncError;
use super::attribution::{Claimant, Doubt, Marks, attribute, contest, of_neighbours};
use super::candidate::{Candidate, marks};
use super::sources::{SourceAccount, Sources};
use super::{erasure, parked};
use crate::ledger::OrderAddress;

/// A row, and whose order it is.
pub(super) struct Judged {
    pub candidate: Candidate,
    /// Where the order stands in the ledger, if it does.
    pub held: Option<OrderAddress>,
    /// Its owner, or why that is doubtful.
    pub verdict: Result<TenantId, Doubt>,
    /// Its person is erased where it stood before, so that it begins here without one.
    pub is_erased: bool,
}

impl Judged {
    /// By the history that it has already, else by what it shows.
    fn by_itself(account: &SourceAccount, candidate: Candidate, held: Option<OrderAddress>) -> Self {
        let mut marks = marks(&candidate.reading);
        // One that stands elsewhere has the client that its brand had when it came: no evidence against it.
        marks.client_id = marks.client_id.filter(|_| held.is_none_or(|order| order.account == account.id));
        let verdict = match held {
            Some(order) => judge(&account.claimants, Some(order.tenant), &marks),
            None => of_neighbours(&account.claimants, &account.neighbours, &marks)
                .unwrap_or_else(|| judge(&account.claimants, None, &marks)),
        };
        Self { candidate, held, verdict, is_erased: false }
    }

    /// Mintsoft's id of the order.
    pub const fn id(&self) -> i64 {
        self.candidate.reading.mintsoft_order_id
    }

    /// An operator's word goes before what number and SKUs say, and behind the history alone.
    fn hear(&mut self, words: &HashMap<i64, TenantId>) {
        let word = words.get(&self.id()).copied();
        if let Some(tenant) = word.filter(|word| self.held.is_none_or(|order| order.tenant == *word)) {
            self.verdict = Ok(tenant);
        }
    }
}

impl Sources {
    /// Finds each row's owner.
    pub(super) async fn assign_owners(
        &self,
        account: &SourceAccount,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Judged>, SyncError> {
        let known = self.known(account, candidates.iter().map(|one| one.reading.mintsoft_order_id)).await?;
        let by_itself = |candidate: Candidate| {
            let held = known.get(&candidate.reading.mintsoft_order_id).copied();
            Judged::by_itself(account, candidate, held)
        };
        let mut judged: Vec<Judged> = candidates.into_iter().map(by_itself).collect();
        let undecided = judged.iter().filter(|one| one.held.is_none() || one.verdict.is_err());
        let undecided: Vec<i64> = undecided.map(Judged::id).collect();
        let assigned = parked::assigned(&self.pool, account.id, &undecided).await?;
        // Also what is doubtful: an operator's word may give it to a brand all the same.
        let newly: Vec<i64> = judged.iter().filter(|one| one.held.is_none()).map(Judged::id).collect();
        // An order whose person is erased may begin anew under another account of its host, and then without the person.
        let erased = erasure::erased_among(&self.pool, account.id, &newly).await?;
        for one in &mut judged {
            one.hear(&assigned);
            one.is_erased = erased.contains(&one.id());
        }
        Ok(judged)
    }
}

/// Whose order it is, by its history where it has one, else by what it shows.
pub(super) fn judge(
    claimants: &[Claimant],
    known_owner: Option<TenantId>,
    marks: &Marks<'_>,
) -> Result<TenantId, Doubt> {
    match known_owner {
        Some(owner) => contest(claimants, owner, marks).map_or(Ok(owner), Err),
        None => attribute(claimants, marks),
    }
}
