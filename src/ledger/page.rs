//! A page of commands: all at once, spread over the processors. Their orders are read by the readers, a few at a time, so that
//! the first are committed while the next are still read and folded.

use std::sync::Arc;

use futures_util::future::join_all;
use logistics_domain::Provenance;
use tokio::task::JoinSet;

use super::Shared;
use super::error::LedgerError;
use super::execute::Company;
use super::intent::{Committed, Intent, OrderAddress};

/// One command of a page.
pub(super) type Entry = (OrderAddress, Arc<dyn Intent>, Provenance);

/// What came of it.
type Outcome = Result<Committed, LedgerError>;

/// How many commands one task runs.
const SHARE: usize = 25;

impl Shared {
    /// Runs the commands of a page at the same time; one that fails does not hold up the others.
    pub(super) async fn execute_page(self: &Arc<Self>, entries: &[Entry]) -> Vec<Outcome> {
        let company = if entries.len() > 1 { Company::Page } else { Company::None };
        let mut shares = JoinSet::new();
        for (at, share) in entries.chunks(SHARE).enumerate() {
            let (shared, share) = (Arc::clone(self), share.to_vec());
            shares.spawn(async move { (at, shared.execute_share(share, company).await) });
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

    async fn execute_share(&self, share: Vec<Entry>, company: Company) -> Vec<Outcome> {
        join_all(share.into_iter().map(|(address, intent, provenance)| {
            Box::pin(async move { self.execute(address, intent.as_ref(), &provenance, company).await })
        }))
        .await
    }
}
