//! On demand: opening an order whose data is old reads it again first. Many readers share one call; when upstream is
//! slow or down, they see what is known and how old it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use logistics_domain::{AccountId, Source, TenantId};
use tokio::sync::watch;

use super::SyncError;
use super::sources::{Cause, Sources};
use crate::clock;
use crate::ledger::OrderAddress;
use crate::mintsoft::Patience;

/// The most refreshes under way at once; a reader beyond it sees what is known.
const UNDER_WAY_MAX: usize = 256;

/// What a reader learns of the refresh it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The order was read just now.
    Read,
    /// Upstream was too slow, or down, or the budget is used up: what is known stands.
    NotRead,
}

type UnderWay = HashMap<OrderAddress, watch::Receiver<Option<Refreshed>>>;

/// Shares refreshes among readers.
#[derive(Clone)]
pub struct Refresher {
    sources: Arc<Sources>,
    under_way: Arc<Mutex<UnderWay>>,
}

impl Refresher {
    /// A refresher over the sources.
    pub fn over(sources: Arc<Sources>) -> Self {
        Self { sources, under_way: Arc::default() }
    }

    /// Reads an order again for a reader who waits at most `refresh_wait`. The call goes on without the reader, so
    /// that the next one profits.
    pub async fn refresh(&self, tenant: TenantId, account: AccountId, mintsoft_order_id: i64) -> Refreshed {
        let address = OrderAddress { tenant, account, mintsoft_order_id };
        let Some(mut outcome) = self.join(address) else { return Refreshed::NotRead };
        let wait = self.sources.settings.refresh_wait;
        match tokio::time::timeout(wait, outcome.wait_for(Option::is_some)).await {
            Ok(Ok(seen)) => seen.unwrap_or(Refreshed::NotRead),
            Ok(Err(_)) | Err(_) => Refreshed::NotRead,
        }
    }

    /// The refresh that is under way for the order, or a fresh one.
    fn join(&self, address: OrderAddress) -> Option<watch::Receiver<Option<Refreshed>>> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = under_way.get(&address) {
            return Some(outcome.clone());
        }
        if under_way.len() >= UNDER_WAY_MAX {
            return None;
        }
        let (tell, outcome) = watch::channel(None);
        under_way.insert(address, outcome.clone());
        let this = self.clone();
        tokio::spawn(async move {
            // Removed even if the read panics: the guard is dropped either way.
            let _entry = Entry { under_way: Arc::clone(&this.under_way), address };
            let read = match Box::pin(this.read(address)).await {
                Ok(()) => Refreshed::Read,
                Err(error) => {
                    tracing::info!(order = %address.stream(), %error, "an order could not be refreshed");
                    Refreshed::NotRead
                }
            };
            let _ = tell.send(Some(read));
        });
        Some(outcome)
    }

    async fn read(&self, address: OrderAddress) -> Result<(), SyncError> {
        let sources = &self.sources;
        let mut account = sources.account(address.account, Some(address.tenant)).await?;
        account.calls = account.calls.patience(Patience::interactive(sources.settings.refresh_wait));
        let cause = Cause::own(Source::Refresh, format!("refresh:{}", clock::new_id()));
        sources.read_whole(&account, address.mintsoft_order_id, &cause).await?;
        Ok(())
    }
}

/// Takes a refresh out of the list when it is over.
struct Entry {
    under_way: Arc<Mutex<UnderWay>>,
    address: OrderAddress,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.address);
    }
}
