//! A page of commands: histories, keys and checks of all its orders in one query each, then all at once.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::persist::SerializedEvent;
use futures_util::future::join_all;
use logistics_domain::Provenance;
use uuid::Uuid;

use super::Shared;
use super::error::LedgerError;
use super::intent::{Committed, Intent, OrderAddress};
use super::load::{Opened, histories};
use super::streams::{StreamRecord, records};

/// One command of a page.
pub(super) type Entry = (OrderAddress, Arc<dyn Intent>, Provenance);

impl Shared {
    /// Runs the commands of a page at the same time; one that fails does not hold up the others.
    pub(super) async fn execute_page(&self, entries: &[Entry]) -> Vec<Result<Committed, LedgerError>> {
        let mut fetched = match self.fetch(entries).await {
            Ok(fetched) => fetched,
            Err(error) => {
                let error = Arc::new(error);
                return entries.iter().map(|_| Err(LedgerError::Unavailable(Arc::clone(&error)))).collect();
            }
        };
        join_all(entries.iter().map(|(address, intent, provenance)| {
            let opened = fetched.open(self, *address);
            async move { self.execute(*address, opened.transpose()?, intent.as_ref(), provenance).await }
        }))
        .await
    }

    async fn fetch(&self, entries: &[Entry]) -> sqlx::Result<Fetched> {
        let streams: Vec<Uuid> = entries.iter().map(|(address, ..)| address.stream().0).collect();
        let texts: Vec<String> = streams.iter().map(Uuid::to_string).collect();
        let told = async { records(&mut *self.pool.acquire().await?, &streams).await };
        let (histories, records) = tokio::try_join!(histories(&self.pool, &texts), told)?;
        let unopened = texts.into_iter().collect();
        Ok(Fetched { histories, records, unopened })
    }
}

/// What was read for a page. Each order is taken out once; who comes second on an order loads it by itself.
struct Fetched {
    histories: HashMap<String, Vec<SerializedEvent>>,
    records: HashMap<Uuid, StreamRecord>,
    unopened: std::collections::HashSet<String>,
}

impl Fetched {
    fn open(&mut self, shared: &Shared, address: OrderAddress) -> Option<Result<Opened, LedgerError>> {
        let stream = address.stream();
        let id = stream.to_string();
        if !self.unopened.remove(&id) {
            return None;
        }
        let history = self.histories.remove(&id).unwrap_or_default();
        let record = self.records.remove(&stream.0);
        if record.is_none() && !history.is_empty() {
            // The stream began between the two reads.
            return None;
        }
        Some(shared.loader.fold(address, history, record))
    }
}
