//! Looks for the warehouse order of a paid shop order: first in the ledger, then upstream by its whole number, then
//! among the survivors of merges. A hit must be whole and unique; parts of a split order count as one. Absent: the tying of
//! what was found.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use logistics_domain::order::MERGE_JOINT;
use logistics_domain::{Source, TenantId};

use super::link_making::{Found, NOT_THERE, SET_ASIDE, Sought};
use super::links::{self, LinkRow, LinkState, Look};
use super::sources::{Cause, SourceAccount, Sources};
use super::{SyncError, attribution};
use crate::jobs::{Handler, Job, JobError};
use crate::mintsoft::translate::{self, Completeness, Reading};
use crate::shops::Candidate;

/// The most orders that one search may answer with before it counts as ambiguous.
const HITS_MAX: usize = 20;

/// Why a paid order is not linked, as its reader sees it.
const NOT_UNIQUE: &str = "Several warehouse orders carry this number, so none was chosen.";

/// What a search came to.
enum Search {
    /// These are it: one order, or the parts of one.
    Found(Vec<i64>),
    /// These are it, found by a number that a survivor of merges joins.
    Survived(Vec<i64>),
    /// Nothing carries the number.
    Nothing,
    /// Several orders carry it.
    Ambiguous,
}

/// Does `link_order` jobs: tries until it is found or the time is over, then lists it as not found.
pub struct LinkHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for LinkHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let look = look_of(job)?;
        let mut asked_to_wait = None;
        let reason = match Box::pin(self.0.seek(&look, job)).await {
            Ok(None) => return Ok(()),
            Ok(Some(reason)) => reason.into_owned(),
            // It says nothing of the warehouse, and an order that was seen is not seen again for that.
            Err(error) if error.is_our_own() => return Err(error.into_job_error()),
            Err(error) => {
                asked_to_wait = error.retry_after();
                format!("The warehouse could not be asked: {error}.")
            }
        };
        if look.seen {
            return Ok(());
        }
        let marked = self.0.note_attempt(look.link_id, job, &reason, job.is_last_attempt()).await;
        marked.map_err(SyncError::into_job_error)?;
        // Not found in time is an answer, not a dead letter: it is listed, and a later poll still links it.
        if job.is_last_attempt() { Ok(()) } else { Err(JobError::retry_no_sooner(reason, asked_to_wait)) }
    }

    async fn on_dead(&self, job: &Job, reason: &str) -> Result<(), JobError> {
        let look = look_of(job)?;
        if look.seen {
            return Ok(());
        }
        self.0.note_attempt(look.link_id, job, reason, true).await.map_err(SyncError::into_job_error)
    }
}

impl Sources {
    /// Looks once. `None` means that nothing is left to do, else why it is not linked.
    async fn seek(&self, look: &Look, job: &Job) -> Result<Option<Cow<'static, str>>, SyncError> {
        let Some(link) = links::find_link(&self.pool, look.link_id).await? else { return Ok(None) };
        if link.was_settled_after(job.id) {
            return Ok(None);
        }
        let sought = Sought { link: &link, job: job.id };
        if let Some(chosen) = &look.chosen {
            let cause =
                Cause { actor: chosen.by.clone(), ..Cause::own(Source::User, format!("job:{}", job.id)) };
            return self.tie_chosen(sought, chosen, look.replaces(), &cause).await;
        }
        // The host may have named an order that is linked already; then it is tied anew.
        if link.state == LinkState::Linked && !look.relink {
            return Ok(None);
        }
        let (tenant, cause) = (link.tenant, cause_of(&link, job));
        if let Some(was) = look.was {
            match Box::pin(self.rename_tied(sought, was, &cause)).await? {
                Some(true) => return Ok(None),
                Some(false) => return Ok(Some(SET_ASIDE.into())),
                None => {}
            }
        }
        let config = self.tenancy.find_config(tenant).await?.ok_or(SyncError::UnknownAccount)?;
        let account = self.account(config.account_id, Some(tenant)).await?;
        let (mut ambiguous, mut set_aside) = (false, false);
        for candidate in &link.candidates {
            let (mut search, withheld) = self.seek_here(&account, tenant, candidate).await?;
            set_aside |= withheld;
            if matches!(search, Search::Nothing) {
                search = self.seek_upstream(&account, tenant, candidate).await?;
            }
            let (ids, survived) = match search {
                Search::Nothing => continue,
                Search::Ambiguous => {
                    ambiguous = true;
                    continue;
                }
                Search::Found(ids) => (ids, false),
                Search::Survived(ids) => (ids, true),
            };
            // What had an order of its number seen has told the ledger of it. Were it read again, each link of a survivor
            // would have the others looked for once more, for ever.
            let reread_first = survived && !look.seen;
            let found = Found { ids, reread_first, basis: candidate.basis, replaces: look.replaces() };
            return Box::pin(self.settle(&account, sought, &found, &cause)).await;
        }
        let reason = match (ambiguous, set_aside) {
            (true, _) => NOT_UNIQUE,
            (false, true) => SET_ASIDE,
            (false, false) => NOT_THERE,
        };
        Ok(Some(reason.into()))
    }

    /// Among the tenant's orders that the ledger knows already; tells besides whether one that carries the number is withheld
    /// from the tenant.
    async fn seek_here(
        &self,
        account: &SourceAccount,
        tenant: TenantId,
        candidate: &Candidate,
    ) -> Result<(Search, bool), SyncError> {
        let numbers = [candidate.number_lowercase.clone()];
        let home = account.home_of(tenant);
        let known = logistics_projections::orders::with_numbers(&self.pool, home, tenant, &numbers).await?;
        let (withheld, shown): (Vec<_>, Vec<_>) = known.into_iter().partition(|order| order.withheld);
        let hits: Vec<_> = shown.into_iter().map(|order| (order.mintsoft_order_id, order.part)).collect();
        Ok((one_order(&hits), !withheld.is_empty()))
    }

    /// Upstream: by the whole number, and if nothing carries it, among orders that were merged.
    async fn seek_upstream(
        &self,
        account: &SourceAccount,
        tenant: TenantId,
        candidate: &Candidate,
    ) -> Result<Search, SyncError> {
        let wanted = candidate.number_lowercase.as_str();
        for exact in [true, false] {
            let answer = account.calls.order_search(wanted, exact).await?;
            let names = self.names.naming_orders(account, &answer.value).await?;
            let hits: Vec<(i64, i32)> = answer
                .value
                .iter()
                .filter_map(|row| row.parsed.as_ref().ok())
                .map(|order| translate::order(order, Completeness::Row, &names, account.zone))
                .filter(|reading| is_it(reading, wanted, !exact) && may_be(account, tenant, reading))
                .map(|reading| (reading.mintsoft_order_id, part_of(&reading)))
                .collect();
            match one_order(&hits) {
                Search::Nothing => {}
                Search::Found(ids) if !exact => return Ok(Search::Survived(ids)),
                found => return Ok(found),
            }
        }
        Ok(Search::Nothing)
    }

    async fn note_attempt(
        &self,
        link_id: uuid::Uuid,
        job: &Job,
        reason: &str,
        last: bool,
    ) -> Result<(), SyncError> {
        let now = self.clock.now();
        let mut connection = self.pool.acquire().await?;
        if last {
            links::mark_search_over(&mut connection, (link_id, job.id), reason, now).await?;
        } else {
            links::mark_look(&mut connection, (link_id, job.id), false, reason, now).await?;
        }
        Ok(())
    }
}

fn look_of(job: &Job) -> Result<Look, JobError> {
    serde_json::from_value(job.payload.clone()).map_err(|_| JobError::dead("the payload names no link"))
}

/// A delivery of the shop, or whoever asked.
fn cause_of(link: &LinkRow, job: &Job) -> Cause {
    if link.requested_by.starts_with("delivery:") {
        return Cause::own(Source::ShopWebhook, link.requested_by.clone());
    }
    Cause { actor: link.requested_by.clone(), ..Cause::own(Source::User, format!("job:{}", job.id)) }
}

/// Whole numbers are compared, without regard to case. A survivor of merges is it if one of the numbers it joins is.
fn is_it(reading: &Reading, wanted: &str, among_merged: bool) -> bool {
    let number = reading.snapshot.number.trim().to_lowercase();
    if among_merged {
        return reading.snapshot.details.merged
            && number.split(MERGE_JOINT).any(|part| part.trim() == wanted);
    }
    number == wanted
}

fn part_of(reading: &Reading) -> i32 {
    reading.snapshot.part.clone().value().unwrap_or_default().number
}

/// A search finds orders of every client; those that speak against the tenant are none of its.
fn may_be(account: &SourceAccount, tenant: TenantId, reading: &Reading) -> bool {
    attribution::contest(&account.claimants, tenant, &super::candidate::marks(reading)).is_none()
}

/// One order, or all parts of one: ids with their part numbers, no part twice.
fn one_order(hits: &[(i64, i32)]) -> Search {
    let ids: BTreeSet<i64> = hits.iter().map(|(id, _)| *id).collect();
    let parts: BTreeSet<i32> = hits.iter().map(|(_, part)| *part).collect();
    match ids.len() {
        0 => Search::Nothing,
        count if count <= HITS_MAX && parts.len() == count => Search::Found(ids.into_iter().collect()),
        _ => Search::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_split_order_are_one_and_two_orders_of_one_number_are_none() {
        assert!(matches!(one_order(&[]), Search::Nothing));
        assert!(matches!(one_order(&[(2, 1), (3, 2)]), Search::Found(ids) if ids == [2, 3]));
        assert!(matches!(one_order(&[(2, 1), (2, 1)]), Search::Found(ids) if ids == [2]));
        assert!(matches!(one_order(&[(2, 1), (3, 1)]), Search::Ambiguous));
    }
}
