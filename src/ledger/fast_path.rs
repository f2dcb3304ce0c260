//! The fast path of a command that runs alone: it reads and commits where it runs, on one connection. Asking the reading and the
//! writing tasks would wake four tasks up, which takes about as long as the disk does, and has nothing to share with anyone.

use std::time::Duration;

use cqrs_es::AggregateError;
use logistics_domain::{Provenance, Refusal};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use super::Shared;
use super::dedicated_connection::DedicatedConnection;
use super::intent::{Committed, Intent, OrderAddress};
use super::load::From;
use super::store::CommitPath;
use crate::postgres::in_time;

/// How long the connection, and then the order, are waited for before the ordinary way is taken, which waits longer.
const WAIT: Duration = Duration::from_secs(2);

/// How long a command under way is waited for at the end.
const CLOSE_WAIT: Duration = Duration::from_mins(1);

/// The connection of commands that run alone; one command has it at a time.
pub(super) struct FastPath(Mutex<DedicatedConnection>);

impl FastPath {
    pub(super) fn over(connection: DedicatedConnection) -> Self {
        Self(Mutex::new(connection))
    }

    /// The connection, if nobody has it.
    pub(super) fn take(&self) -> Option<MutexGuard<'_, DedicatedConnection>> {
        self.0.try_lock().ok()
    }

    /// Lets the connection go.
    pub(super) async fn close(&self) {
        // Whoever holds it and does not go on has nothing to say any more.
        if let Ok(mut connection) = timeout(CLOSE_WAIT, self.0.lock()).await {
            connection.close().await;
        }
    }
}

impl Shared {
    /// One attempt on a connection that nobody else has. None where the order could not be read: then nothing has happened, and
    /// the ordinary way finds out why. A caller that gives up meanwhile takes the connection with it.
    pub(super) async fn attempt_fast_path(
        &self,
        connection: &mut DedicatedConnection,
        address: OrderAddress,
        intent: &dyn Intent,
        provenance: &Provenance,
    ) -> Option<Result<Committed, AggregateError<Refusal>>> {
        let mut own = in_time(WAIT, connection.take()).await.ok()?;
        let opened =
            timeout(WAIT, self.loader.open(From::Connection(&mut own.connection), address)).await.ok()?;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                if error.is_of_the_order() {
                    connection.keep(own);
                }
                return None;
            }
        };
        let held = Mutex::new(own);
        let outcome = self.attempt(opened, intent, provenance, CommitPath::OwnConnection(&held)).await;
        // After any other error it is not known what the connection still has to say.
        let settled =
            matches!(outcome, Ok(_) | Err(AggregateError::UserError(_) | AggregateError::AggregateConflict));
        if settled {
            connection.keep(held.into_inner());
        }
        if matches!(&outcome, Ok(committed) if !committed.events.is_empty()) {
            self.noted.notify_one();
        }
        Some(outcome)
    }
}
