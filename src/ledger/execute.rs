//! Running commands: load, ask the intent, decide through cqrs-es, commit; and again after a conflict.

use std::sync::OnceLock;

use cqrs_es::{AggregateError, CqrsFramework};
use logistics_domain::{Provenance, Refusal};

use super::Shared;
use super::check::answer_in;
use super::error::LedgerError;
use super::intent::{Committed, Intent, OrderAddress};
use super::load::Opened;
use super::store::{Accompaniment, OrderStore};

impl Shared {
    /// Runs a command, on the order as already loaded where it is. After a conflict the order is loaded anew.
    ///
    /// As long as nobody conflicts, nobody waits. Commands that met on one order go one at a time, and who comes
    /// meanwhile queues behind them, so that nobody loses again and again.
    pub(super) async fn execute(
        &self,
        address: OrderAddress,
        mut loaded: Option<Opened>,
        intent: &dyn Intent,
        provenance: &Provenance,
    ) -> Result<Committed, LedgerError> {
        let mut turn = self.turns.wait_if_contended(address.stream()).await;
        for _ in 0..self.settings.attempts_max {
            let opened = match loaded.take() {
                Some(opened) => opened,
                None => self.loader.open(address).await?,
            };
            match self.attempt(opened, intent, provenance).await {
                Err(AggregateError::AggregateConflict) => {
                    if turn.is_none() {
                        turn = Some(self.turns.take(address.stream()).await);
                    }
                }
                outcome => return outcome.map_err(taken_out),
            }
        }
        Err(LedgerError::Contended { attempts: self.settings.attempts_max })
    }

    async fn attempt(
        &self,
        opened: Opened,
        intent: &dyn Intent,
        provenance: &Provenance,
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
        let store = OrderStore::new(self, provenance, &outcome, opened, with);
        let framework = CqrsFramework::new(store, vec![], ());
        framework.execute_with_metadata(&id, intended.command, provenance.to_metadata()).await?;
        drop(framework);
        outcome.into_inner().ok_or(AggregateError::AggregateConflict)
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
