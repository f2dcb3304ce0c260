//! A page of commands: all its orders in one query, then all commands at once, spread over the processors.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::join_all;
use logistics_domain::Provenance;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Shared;
use super::error::LedgerError;
use super::gather::Found;
use super::intent::{Committed, Intent, OrderAddress};
use super::stored::{Stored, read};

/// One command of a page.
pub(super) type Entry = (OrderAddress, Arc<dyn Intent>, Provenance);

/// What came of it.
type Outcome = Result<Committed, LedgerError>;

/// How many orders one task folds and decides; the first of them are committed while others are still folded.
const SHARE: usize = 25;

impl Shared {
    /// Runs the commands of a page at the same time; one that fails does not hold up the others.
    pub(super) async fn execute_page(self: &Arc<Self>, entries: &[Entry]) -> Vec<Outcome> {
        let streams: Vec<Uuid> = entries.iter().map(|(address, ..)| address.stream().0).collect();
        let stored = async { read(&mut *self.pool.acquire().await?, &streams).await };
        let stored = match stored.await {
            Ok(stored) => stored,
            Err(error) => {
                let error = LedgerError::from(error);
                return entries.iter().map(|_| Err(error.clone())).collect();
            }
        };
        let mut shares = JoinSet::new();
        let mut seen = HashSet::new();
        for (at, (entries, streams)) in entries.chunks(SHARE).zip(streams.chunks(SHARE)).enumerate() {
            let share = share(entries, streams, &stored, &mut seen);
            let shared = Arc::clone(self);
            shares.spawn(async move { (at, shared.execute_share(share).await) });
        }
        // A task that was cut off tells nothing, and whoever waits for its commands may repeat them.
        let mut outcomes = vec![Err(LedgerError::Stopped); entries.len()];
        while let Some(ended) = shares.join_next().await {
            let Ok((at, told)) = ended else { continue };
            for (place, outcome) in outcomes[at * SHARE..].iter_mut().zip(told) {
                *place = outcome;
            }
        }
        outcomes
    }

    async fn execute_share(&self, share: Vec<(Entry, Option<Found>)>) -> Vec<Outcome> {
        join_all(share.into_iter().map(|((address, intent, provenance), found)| {
            Box::pin(async move {
                let loaded = found.map(|found| self.loader.fold(address, found)).transpose()?;
                self.execute(address, loaded, intent.as_ref(), &provenance).await
            })
        }))
        .await
    }
}

/// The entries of a share with what was read of their orders. Who comes second on an order loads it by itself.
fn share(
    entries: &[Entry],
    streams: &[Uuid],
    stored: &HashMap<Uuid, Arc<Stored>>,
    seen: &mut HashSet<Uuid>,
) -> Vec<(Entry, Option<Found>)> {
    let with_found = |(entry, stream): (&Entry, &Uuid)| {
        let found = seen.insert(*stream).then(|| Found::from(stored.get(stream).cloned()));
        (entry.clone(), found)
    };
    entries.iter().zip(streams).map(with_found).collect()
}
