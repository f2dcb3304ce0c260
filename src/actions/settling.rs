//! How a request gets its outcome: what upstream answered or shows becomes an event, and whoever waits is told.

use std::time::Duration;

use logistics_domain::{Command, Refusal};

use super::call_outcome::Seen;
use super::payload::reread_job;
use super::requests::{self, Kind, RequestRow};
use super::saga::{Attempt, database};
use super::upstream_action::Deed;
use crate::jobs::JobError;
use crate::ledger::{Intended, LedgerError, OpenOrder};
use crate::sync::{SourceAccount, SyncError};

/// How long the order that upstream says it cancelled may take to be read before that is told.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// What came of reading what upstream shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// The request has its outcome.
    Settled,
    /// It was not done, or not yet.
    Open,
    /// It is not shown whether it was done.
    Hidden,
    /// It cannot be told for now.
    Unclear,
}

impl Attempt<'_> {
    /// After upstream refused: whether what it shows settles the request otherwise.
    pub(super) async fn settled_though_refused(
        &self,
        account: &SourceAccount,
        deed: &Deed,
        row: &RequestRow,
    ) -> Result<bool, JobError> {
        if row.calls_begun > 0 {
            // It may be refused because the call before, whose answer was lost, did it: nothing is said before that is read.
            let read = Box::pin(self.settled_by_reading(account, deed)).await;
            if !matches!(read, Ok(Read::Settled | Read::Open)) {
                self.take_back(row).await?;
            }
            return match read? {
                Read::Settled => Ok(true),
                Read::Open => Ok(false),
                Read::Hidden | Read::Unclear => {
                    Err(JobError::retry("it is not shown whether the call before did it"))
                }
            };
        }
        // Somebody else may have cancelled it meanwhile, and then upstream refuses to do it again. A comment that was
        // refused is not written, whoever else wrote what.
        let may_be_done = self.kind == Kind::Cancel;
        Ok(may_be_done && matches!(Box::pin(self.settled_by_reading(account, deed)).await, Ok(Read::Settled)))
    }

    /// Upstream says that it did it. A cancelled order is read before that is told, so that it is shown cancelled from then
    /// on; where that takes long, or shows nothing yet, upstream's word is enough.
    pub(super) async fn done(
        &self,
        account: &SourceAccount,
        deed: &Deed,
        comment_id: Option<i64>,
    ) -> Result<(), JobError> {
        if self.kind == Kind::Cancel {
            let reading = Box::pin(self.settled_by_reading(account, deed));
            if let Ok(Ok(Read::Settled)) = tokio::time::timeout(READ_WITHIN, reading).await {
                return Ok(());
            }
        }
        self.confirm(comment_id).await
    }

    /// Reads what upstream shows, and settles the request where that tells its outcome.
    pub(super) async fn settled_by_reading(
        &self,
        account: &SourceAccount,
        deed: &Deed,
    ) -> Result<Read, JobError> {
        let seen = Box::pin(deed.look(self, account)).await;
        match seen.map_err(SyncError::into_job_error)? {
            Seen::Done(comment_id) => self.confirm(comment_id).await.map(|()| Read::Settled),
            Seen::Hidden => Ok(Read::Hidden),
            Seen::Unclear => Ok(Read::Unclear),
            Seen::NotDone => Ok(Read::Open),
        }
    }

    /// Upstream did it. A cancelled order is read again, by a job of the same commit.
    async fn confirm(&self, comment_id: Option<i64>) -> Result<(), JobError> {
        let request_id = self.told.request_id;
        let intended = match self.kind {
            Kind::Comment => Intended::from(Command::ConfirmComment { request_id, comment_id }),
            Kind::Cancel => Intended {
                jobs: vec![reread_job(&self.told, self.sources.clock.now())],
                ..Intended::from(Command::ConfirmCancellation { request_id })
            },
        };
        self.commit(intended).await
    }

    /// It did not come to pass.
    pub(super) async fn refuse(&self, message: &str) -> Result<(), JobError> {
        let (request_id, message) = (self.told.request_id, message.to_owned());
        let command = match self.kind {
            Kind::Cancel => Command::RefuseCancellation { request_id, message },
            Kind::Comment => Command::RefuseComment { request_id, message },
        };
        self.commit(Intended::from(command)).await
    }

    async fn commit(&self, intended: Intended) -> Result<(), JobError> {
        let intent = move |_: &OpenOrder| intended.clone();
        let provenance = self.cause().at(self.sources.clock.now());
        match self.sources.ledger.execute(self.told.address(), &intent, &provenance).await {
            // Settled the other way by somebody who was faster: that stands.
            Ok(_) | Err(LedgerError::Refused(Refusal::AlreadySettled { .. })) => self.note_settled().await,
            Err(error) => Err(SyncError::from(error).into_job_error()),
        }
    }

    pub(super) async fn note_settled(&self) -> Result<(), JobError> {
        requests::settle(&self.sources.pool, self.told.request_id).await.map_err(database)
    }
}
