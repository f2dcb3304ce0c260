//! The one way from rows of upstream to the ledger: read, attribute, observe; park what is doubtful; link what is
//! waited for. A row that cannot be read is parked alone, the others go on.

use std::collections::HashSet;
use std::sync::Arc;

use logistics_domain::order::facts::Shipment;
use logistics_domain::order::observation::Told;
use logistics_domain::{Command, OrderStreamId, Provenance, TenantId};

use super::SyncError;
use super::attribution::Doubt;
use super::candidate::{Candidate, doubtful, hollow_read, malformed};
use super::intent::{ObserveOrder, Plain};
use super::link_sightings::SeenOrder;
use super::ownership::Judged;
use super::parked::{self, ParkedRow};
use super::sources::{Cause, SourceAccount, Sources};
use super::{link_sightings, reread};
use crate::jobs::NewJob;
use crate::ledger::{Intent, OrderAddress};
use crate::mintsoft::Answer;
use crate::mintsoft::translate::{self, Completeness};
use crate::mintsoft::wire::{Order, Row};

/// Why an order whose owner has become doubtful is hidden.
const WITHHELD: &str = "What upstream shows of the order names another owner than its history does.";

/// Why the personal data of an order is erased of which nothing else is taken in.
const REMOVED: &str = "The warehouse removed the personal data while whose order it is was in doubt.";

/// What came of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Rows looked at.
    pub seen: usize,
    /// Orders that got at least one event.
    pub changed: usize,
    /// Rows parked.
    pub parked: usize,
    /// Orders of which something newer was known, so that the answer told nothing.
    pub superseded: usize,
}

/// A row that has its owner.
struct Owned {
    address: OrderAddress,
    candidate: Candidate,
    newly: bool,
}

impl Owned {
    /// Mintsoft's id of the order.
    const fn id(&self) -> i64 {
        self.address.mintsoft_order_id
    }
}

/// An order with a history whose owner has become doubtful.
struct Contested {
    address: OrderAddress,
    /// Upstream has removed its personal data. Whosever it is, the personal data is erased.
    removed: bool,
}

/// Rows sorted by what is to become of them.
#[derive(Default)]
struct Sorted {
    owned: Vec<Owned>,
    contested: Vec<Contested>,
    parked: Vec<ParkedRow>,
    /// Of those that another account reads: Mintsoft's ids.
    read_elsewhere: Vec<i64>,
}

impl Sources {
    /// Takes in rows of a list or a search.
    pub async fn take_rows(
        &self,
        account: &SourceAccount,
        answer: Answer<Vec<Row<Order>>>,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let names = self.names.naming_orders(account, &answer.value).await?;
        let stamps = answer_without_rows(&answer);
        let mut sorted = Sorted::default();
        let mut candidates = Vec::new();
        let seen = answer.value.len();
        for row in answer.value {
            let raw = row.raw.get().to_owned();
            match row.parsed {
                Ok(order) => candidates.push(Candidate {
                    reading: translate::order(&order, Completeness::Row, &names, account.zone),
                    completeness: Completeness::Row,
                    raw,
                    shipments: Told::Silent,
                }),
                Err(error) => sorted.parked.push(malformed(row.id, &error.to_string(), raw)),
            }
        }
        Box::pin(self.sort(account, candidates, cause, &mut sorted)).await?;
        let taken = Box::pin(self.take(account, sorted, &stamps, cause)).await?;
        Ok(Taken { seen, ..taken })
    }

    /// Takes in one order that was read whole, with its consignments where they were read too.
    pub async fn take_whole(
        &self,
        account: &SourceAccount,
        answer: Answer<Row<Order>>,
        shipments: Told<Vec<Shipment>>,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let stamps = Answer { value: (), asked_at: answer.asked_at, answered_at: answer.answered_at };
        let rows = [answer.value];
        let names = self.names.naming_orders(account, &rows).await?;
        let mut sorted = Sorted::default();
        for row in rows {
            let raw = row.raw.get().to_owned();
            match row.parsed {
                Ok(order) => {
                    let reading = translate::order(&order, Completeness::Whole, &names, account.zone);
                    let shipments = shipments.clone();
                    let candidate = Candidate { reading, completeness: Completeness::Whole, raw, shipments };
                    Box::pin(self.sort(account, vec![candidate], cause, &mut sorted)).await?;
                }
                Err(error) => sorted.parked.push(malformed(row.id, &error.to_string(), raw)),
            }
        }
        let taken = Box::pin(self.take(account, sorted, &stamps, cause)).await?;
        Ok(Taken { seen: 1, ..taken })
    }

    /// Sorts the rows by their owners.
    async fn sort(
        &self,
        account: &SourceAccount,
        candidates: Vec<Candidate>,
        cause: &Cause,
        sorted: &mut Sorted,
    ) -> Result<(), SyncError> {
        for Judged { candidate, held, verdict, is_erased } in self.assign_owners(account, candidates).await? {
            let mintsoft_order_id = candidate.reading.mintsoft_order_id;
            let stands_here = held.is_some_and(|held| held.account == account.id);
            let address = |tenant: TenantId| match held {
                Some(held) => OrderAddress { tenant, ..held },
                None => OrderAddress { tenant, account: account.home_of(tenant), mintsoft_order_id },
            };
            match verdict {
                // It shows an order of a brand that reads by another account: that one has it, or will.
                Ok(tenant) if !stands_here && !account.members.iter().any(|one| one.tenant == tenant) => {
                    sorted.read_elsewhere.push(mintsoft_order_id);
                }
                // What is switched off is not read in the background; a person's look is another matter.
                Ok(tenant) if !account.reads_for(tenant) && cause.is_background() => {}
                Ok(tenant) => sorted.owned.push(Owned {
                    address: address(tenant),
                    newly: held.is_none(),
                    candidate: if is_erased { candidate.without_person() } else { candidate },
                }),
                Err(doubt) => {
                    let removed = candidate.reading.snapshot.personal_data_removed;
                    let contested = |held: OrderAddress| Contested { address: held, removed };
                    sorted.contested.extend(held.map(contested));
                    sorted.parked.push(doubtful(&candidate, doubt));
                }
            }
        }
        Ok(())
    }

    async fn take(
        &self,
        account: &SourceAccount,
        sorted: Sorted,
        stamps: &Answer<()>,
        cause: &Cause,
    ) -> Result<Taken, SyncError> {
        let now = self.clock.now();
        // Before anything of this answer is parked: what an answer that was asked for later made doubtful stays so.
        let ids: Vec<i64> = sorted.owned.iter().map(|one| one.address.mintsoft_order_id).collect();
        let before = self.doubted_since(account, &ids, stamps).await?;
        parked::park(&self.pool, &self.ring, account.id, &sorted.parked, now).await?;
        self.withhold(&sorted.contested, stamps, cause).await?;
        let (observed, refused) = self.observe(account, &sorted.owned, stamps, cause).await?;
        let newer = self.release(account, (&sorted.owned, &refused), before, stamps, cause).await?;
        let full = sorted.owned.iter().filter(|one| !one.candidate.is_hollow()).map(Owned::id);
        let settled: Vec<i64> = full.filter(|id| !refused.contains(id) && !newer.contains(id)).collect();
        // Another account may have parked it before its brand came to be read by this one.
        let (homes, here) = (account.home_ids(), [account.id.0]);
        parked::resolve(&self.pool, &homes, &settled, stamps.asked_at, now).await?;
        parked::resolve(&self.pool, &here, &sorted.read_elsewhere, stamps.asked_at, now).await?;
        Ok(Taken { parked: sorted.parked.len() + refused.len(), ..observed })
    }

    /// Observes the owned rows, then links what a paid shop order waits for and re-reads what a row left out. Tells what
    /// came of the orders, and which the ledger could not take in.
    async fn observe(
        &self,
        account: &SourceAccount,
        owned: &[Owned],
        stamps: &Answer<()>,
        cause: &Cause,
    ) -> Result<(Taken, HashSet<i64>), SyncError> {
        let whole: Vec<&Owned> = owned.iter().filter(|one| one.candidate.has_number()).collect();
        // What a row of a list lacks, the order read by its id may have; what that lacks is nowhere to be had.
        let (hollow_rows, hollow_reads): (Vec<&Owned>, Vec<&Owned>) = owned
            .iter()
            .filter(|one| one.candidate.is_hollow())
            .partition(|one| one.candidate.completeness == Completeness::Row);
        let provenance = cause.at(stamps.answered_at);
        let now = self.clock.now();
        let mut entries: Vec<(OrderAddress, Arc<dyn Intent>, Provenance)> = Vec::with_capacity(whole.len());
        for one in &whole {
            let read = (one.candidate.reading.clone(), one.candidate.completeness);
            let mut intent = ObserveOrder::of(one.address.account, read, &one.candidate.raw, stamps);
            intent.shipments = one.candidate.shipments.clone();
            if one.candidate.reading.incomplete {
                intent.jobs.push(reread::completion_job(&by(account, one), cause, now));
            }
            entries.push((one.address, Arc::new(intent), provenance.clone()));
        }
        let (mut changed, mut superseded) = (HashSet::new(), 0);
        let mut refused: Vec<ParkedRow> =
            hollow_reads.iter().map(|one| hollow_read(&one.candidate)).collect();
        for (one, outcome) in whole.iter().zip(self.ledger.execute_page(entries).await) {
            match outcome {
                Ok(committed) if committed.events.is_empty() => {
                    superseded += usize::from(committed.superseded);
                }
                Ok(_) => {
                    changed.insert(one.address.stream());
                }
                Err(error) if error.is_of_the_order() => {
                    tracing::error!(order = %one.address.stream(), %error, "an order could not be taken in");
                    refused.push(ParkedRow {
                        detail: Some(format!("The ledger's words: {error}.")),
                        ..doubtful(&one.candidate, Doubt::NotTaken)
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        parked::park(&self.pool, &self.ring, account.id, &refused, now).await?;
        let completions: Vec<NewJob> =
            hollow_rows.iter().map(|one| reread::completion_job(&by(account, one), cause, now)).collect();
        reread::request(&self.pool, &completions).await?;
        let seen: Vec<SeenOrder<'_>> = whole.iter().map(|one| seen_order(one)).collect();
        link_sightings::look_for_waiting(self, &seen, cause).await?;
        let taken = Taken { changed: changed.len(), superseded, ..Taken::default() };
        Ok((taken, refused.iter().filter_map(|row| row.mintsoft_order_id).collect()))
    }

    /// Hides what is contested. It is not observed, so that its person is gone upstream is said by itself.
    async fn withhold(
        &self,
        contested: &[Contested],
        stamps: &Answer<()>,
        cause: &Cause,
    ) -> Result<(), SyncError> {
        for Contested { address, removed } in contested {
            self.tell(*address, Command::Withhold { reason: WITHHELD.to_owned() }, stamps, cause).await?;
            if *removed {
                let erase = Command::ErasePersonalData { reason: REMOVED.to_owned() };
                self.tell(*address, erase, stamps, cause).await?;
            }
        }
        Ok(())
    }

    /// Tells one order something; what it will not hear stops no other.
    async fn tell(
        &self,
        address: OrderAddress,
        command: Command,
        stamps: &Answer<()>,
        cause: &Cause,
    ) -> Result<(), SyncError> {
        match self.ledger.execute(address, &Plain(command), &cause.at(stamps.answered_at)).await {
            Err(error) if error.is_of_the_order() => {
                tracing::error!(order = %address.stream(), %error, "an order could not be withheld or released");
                Ok(())
            }
            outcome => Ok(outcome.map(drop)?),
        }
    }

    /// An order that was withheld and is no longer contested is shown again, if it was just read by its id: a row of a
    /// list may be older than what made it doubtful, so it only has the order read. So does any answer that was asked for
    /// before the order was last seen to be doubtful: `before` it was looked at, or meanwhile. Tells which those are.
    async fn release(
        &self,
        account: &SourceAccount,
        (owned, refused): (&[Owned], &HashSet<i64>),
        before: HashSet<i64>,
        stamps: &Answer<()>,
        cause: &Cause,
    ) -> Result<HashSet<i64>, SyncError> {
        let known = owned.iter().filter(|one| !one.newly && one.candidate.has_number());
        let known: Vec<OrderStreamId> = known.map(|one| one.address.stream()).collect();
        let withheld = logistics_projections::orders::withheld_among(&self.pool, &known).await?;
        let is_withheld = |one: &Owned| withheld.contains(&one.address.stream());
        // What this answer itself parked, since the ledger would not have it, is no doubt that came later.
        let hidden = owned.iter().filter(|one| is_withheld(one) && !refused.contains(&one.id()));
        let hidden: Vec<i64> = hidden.map(Owned::id).collect();
        let mut newer = before;
        // Whoever withholds an order has parked it before, so that a doubt is seen here wherever its withholding was.
        newer.extend(self.doubted_since(account, &hidden, stamps).await?);
        let mut asked_anew = HashSet::new();
        for one in owned.iter().filter(|one| is_withheld(one) && !newer.contains(&one.id())) {
            if one.candidate.completeness == Completeness::Row {
                asked_anew.insert(one.id());
            } else {
                self.tell(one.address, Command::Release, stamps, cause).await?;
            }
        }
        // An order that is withheld is not withheld again: a doubt that came until now may have been shown with the old one.
        newer.extend(self.doubted_since(account, &hidden, stamps).await?);
        asked_anew.extend(&newer);
        let asked_anew = owned.iter().filter(|one| asked_anew.contains(&one.id()));
        let jobs: Vec<NewJob> =
            asked_anew.map(|one| reread::doubt_job(&by(account, one), cause, self.clock.now())).collect();
        reread::request(&self.pool, &jobs).await?;
        Ok(newer)
    }

    /// Which of the orders are parked and were last seen after this answer was asked for.
    async fn doubted_since(
        &self,
        account: &SourceAccount,
        ids: &[i64],
        stamps: &Answer<()>,
    ) -> Result<HashSet<i64>, SyncError> {
        let now = self.clock.now();
        Ok(parked::seen_since(&self.pool, &account.home_ids(), ids, stamps.asked_at, now).await?)
    }
}

/// The order as it is read again: by the account that it was seen in, wherever it stands in the ledger.
fn by(account: &SourceAccount, one: &Owned) -> OrderAddress {
    OrderAddress { account: account.id, ..one.address }
}

fn seen_order(one: &Owned) -> SeenOrder<'_> {
    let snapshot = &one.candidate.reading.snapshot;
    SeenOrder { address: one.address, number: &snapshot.number, merged: snapshot.details.merged }
}

fn answer_without_rows(answer: &Answer<Vec<Row<Order>>>) -> Answer<()> {
    Answer { value: (), asked_at: answer.asked_at, answered_at: answer.answered_at }
}
