//! Running commands: load, ask the intent, decide through cqrs-es, commit; and again after a conflict. Who loses time
//! and again to other instances holds the tenant's head at last, and then nobody can be faster.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use cqrs_es::{AggregateError, CqrsFramework};
use logistics_domain::{Provenance, Refusal};
use tokio::sync::Mutex;

use super::Shared;
use super::check::answer_in;
use super::dedicated_connection::ConnectionWithFacets;
use super::error::LedgerError;
use super::intent::{Committed, Intent, OrderAddress};
use super::load::{From, Opened};
use super::store::{Accompaniment, CommitPath, OrderStore};
use crate::telemetry::meters;

/// After so many conflicts the next attempt locks everybody else out.
const LOSSES_MAX: u32 = 4;

/// Whether a command comes with others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// It comes by itself.
    None,
    /// The others of its page come with it, and share what it would do by itself.
    Page,
}

impl Shared {
    /// Runs a command. After a conflict the order is loaded anew.
    ///
    /// As long as nobody conflicts, nobody waits. Commands that met on one order go one at a time, and who comes
    /// meanwhile queues behind them, so that nobody loses again and again.
    pub(super) async fn execute(
        &self,
        address: OrderAddress,
        intent: &dyn Intent,
        provenance: &Provenance,
        company: Company,
    ) -> Result<Committed, LedgerError> {
        let under_way = UnderWay::count(&self.under_way);
        let mut lost = 0;
        if company == Company::None
            && under_way.is_alone
            && !self.stopping.is_cancelled()
            && let Some(mut connection) = self.fast_path.take()
            && let Some(outcome) = self.attempt_fast_path(&mut connection, address, intent, provenance).await
        {
            match outcome {
                Err(AggregateError::AggregateConflict) => {
                    meters::conflicted();
                    lost = 1;
                }
                outcome => return outcome.map_err(taken_out),
            }
        }
        let mut lock = match lost {
            0 => self.stream_locks.wait_if_contended(address.stream()).await,
            _ => Some(self.stream_locks.take(address.stream()).await),
        };
        for attempt in lost..self.settings.attempts_max {
            if attempt >= LOSSES_MAX {
                match self.attempt_holding_head(address, intent, provenance).await {
                    // A lost deadlock, or a fresh tenant whose head was not there to be locked.
                    Err(AggregateError::AggregateConflict) => continue,
                    outcome => return outcome.map_err(taken_out),
                }
            }
            let opened = self.loader.open(From::Readers, address).await?;
            match self.attempt(opened, intent, provenance, CommitPath::Queue).await {
                Err(AggregateError::AggregateConflict) => {
                    if lock.is_none() {
                        lock = Some(self.stream_locks.take(address.stream()).await);
                    }
                }
                outcome => return outcome.map_err(taken_out),
            }
        }
        Err(LedgerError::Contended { attempts: self.settings.attempts_max })
    }

    /// Asks for the command, decides on it, and commits what comes of it by the given path.
    pub(super) async fn attempt(
        &self,
        opened: Opened,
        intent: &dyn Intent,
        provenance: &Provenance,
        path: CommitPath<'_>,
    ) -> Result<Committed, AggregateError<Refusal>> {
        let id = opened.order.address.stream().to_string();
        let intended = intent.command(&opened.order);
        let with = Box::new(Accompaniment {
            recipient: intended.recipient,
            raw: intended.raw,
            jobs: intended.jobs,
            answer: answer_in(&intended.command),
        });
        let outcome = OnceLock::new();
        let store = OrderStore::new(self, provenance, &outcome, (opened, with), path);
        let framework = CqrsFramework::new(store, vec![], ());
        framework.execute_with_metadata(&id, intended.command, provenance.to_metadata()).await?;
        drop(framework);
        outcome.into_inner().ok_or(AggregateError::AggregateConflict)
    }
}

impl Shared {
    /// One attempt in a transaction that holds the tenant's head from before the order is read. Every append takes the
    /// head first, so no other instance can come between; the queue is passed by, since its commits would wait for us.
    async fn attempt_holding_head(
        &self,
        address: OrderAddress,
        intent: &dyn Intent,
        provenance: &Provenance,
    ) -> Result<Committed, AggregateError<Refusal>> {
        let away = |error: sqlx::Error| AggregateError::UnexpectedError(Box::new(LedgerError::from(error)));
        let mut transaction = self.pool.begin().await.map_err(away)?;
        sqlx::query("select from ledger_heads where tenant_id = $1 for update")
            .bind(address.tenant.0)
            .execute(&mut *transaction)
            .await
            .map_err(away)?;
        let opened = self.loader.open(From::Connection(&mut transaction), address).await;
        let opened = opened.map_err(|error| AggregateError::UnexpectedError(Box::new(error)))?;
        // What it commits is not committed before it ends, so nothing of it is remembered.
        let held = Mutex::new(ConnectionWithFacets::new(transaction));
        let committed = self.attempt(opened, intent, provenance, CommitPath::InTransaction(&held)).await?;
        held.into_inner().connection.commit().await.map_err(away)?;
        self.noted.notify_one();
        Ok(committed)
    }
}

/// Counts a command for as long as it is run.
struct UnderWay<'a> {
    count: &'a AtomicUsize,
    /// Nobody else was under way when it began.
    is_alone: bool,
}

impl<'a> UnderWay<'a> {
    fn count(count: &'a AtomicUsize) -> Self {
        Self { count, is_alone: count.fetch_add(1, Ordering::Relaxed) == 0 }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The ledger's error, out of the framework's.
fn taken_out(error: AggregateError<Refusal>) -> LedgerError {
    match error {
        AggregateError::UserError(refusal) => LedgerError::Refused(refusal),
        AggregateError::AggregateConflict => LedgerError::Contended { attempts: 1 },
        AggregateError::UnexpectedError(error)
        | AggregateError::DatabaseConnectionError(error)
        | AggregateError::DeserializationError(error) => LedgerError::from_framework(error),
    }
}
