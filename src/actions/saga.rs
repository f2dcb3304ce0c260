//! The job that carries a request out: count the call, call, commit what came of it. A call whose answer was lost (no
//! answer, a broken connection, a 5xx, or the end of this process) is settled by reading what upstream shows. Where that
//! proves that nothing was done it is tried once more; then it is left to a person.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::state::RequestOutcome;
use logistics_domain::{AccountId, Command, Order, Refusal, Source, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::ask::request_in;
use super::requests::{self, Begun, Kind, RequestRow};
use super::{ActionSettings, Actions, CANCEL_ORDER, cancel};
use crate::inbox::REREAD_ORDER;
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::{Intended, LedgerError, OpenOrder, OrderAddress};
use crate::mintsoft::{Patience, UpstreamError};
use crate::sync::{Cause, SourceAccount, Sources, SyncError};

/// How often upstream is called for one request.
const CALLS_MAX: i32 = 2;

/// How long upstream is tried to be reached: about twenty minutes.
const ATTEMPTS_MAX: i32 = 12;
const RETRY_EVERY: Duration = Duration::from_secs(2);
const RETRY_CAP: Duration = Duration::from_mins(5);

/// How soon a call is tried again that had to let another one of its kind be settled first.
const AFTER_THE_OTHER: Duration = Duration::from_millis(500);

/// How long the first attempt waits for a slot: somebody is waiting for it.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a job is told. The words of the person are in the event alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SagaPayload {
    pub tenant_id: TenantId,
    pub account_id: Uuid,
    pub mintsoft_order_id: i64,
    pub request_id: Uuid,
    pub source: Source,
    pub correlation_id: String,
}

impl SagaPayload {
    fn address(&self) -> OrderAddress {
        OrderAddress {
            tenant: self.tenant_id,
            account: AccountId(self.account_id),
            mintsoft_order_id: self.mintsoft_order_id,
        }
    }
}

/// The job of a request.
pub(super) fn saga_job(kind: Kind, payload: &SagaPayload, now: DateTime<Utc>) -> NewJob {
    let job = match kind {
        Kind::Cancel => CANCEL_ORDER,
    };
    NewJob::due(job, json!(payload), now)
        .unique(format!("request/{}", payload.request_id))
        .tenant(payload.tenant_id.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP)
}

/// What upstream shows of a request whose answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was done.
    Done,
    /// It was not done, or not yet.
    NotDone,
    /// The order is not there any more.
    Gone,
}

/// What a call led to, in the words of [`Attempt::call`].
enum Called {
    Done,
    /// Upstream said no; or it was never asked, and never can be.
    Refused {
        message: String,
        operator_needed: bool,
    },
    /// Nothing was done; later it may be.
    NotNow(UpstreamError),
    /// It may have been done.
    Lost(UpstreamError),
}

/// Does the jobs of requests.
pub(super) struct SagaHandler {
    sources: Arc<Sources>,
    settings: ActionSettings,
}

impl SagaHandler {
    pub fn over(actions: &Actions) -> Self {
        Self { sources: Arc::clone(&actions.sources), settings: actions.settings }
    }

    fn attempt<'a>(&'a self, job: &'a Job) -> Result<Attempt<'a>, JobError> {
        let told = SagaPayload::deserialize(&job.payload)
            .map_err(|_| JobError::dead("the payload names no request"))?;
        let kind = match job.kind.as_str() {
            CANCEL_ORDER => Kind::Cancel,
            _ => return Err(JobError::dead("no request is carried out by jobs of this kind")),
        };
        Ok(Attempt { sources: &self.sources, settings: self.settings, job, kind, told })
    }
}

#[async_trait]
impl Handler for SagaHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        Box::pin(self.attempt(job)?.run()).await
    }

    async fn on_dead(&self, job: &Job, _reason: &str) -> Result<(), JobError> {
        match self.attempt(job) {
            Ok(attempt) => Box::pin(attempt.give_up()).await,
            Err(_) => Ok(()),
        }
    }
}

/// One attempt at a request.
pub(super) struct Attempt<'a> {
    pub sources: &'a Arc<Sources>,
    settings: ActionSettings,
    job: &'a Job,
    kind: Kind,
    pub told: SagaPayload,
}

impl Attempt<'_> {
    async fn run(&self) -> Result<(), JobError> {
        let opened = self.opened().await?;
        if !self.is_pending(&opened.order)? {
            // Settled by another worker, or by an answer that was read meanwhile.
            return self.note_settled().await;
        }
        let row = self.row().await?;
        let account = match self.account().await {
            Err(SyncError::UnknownAccount) => {
                let reason = SyncError::UnknownAccount.to_string();
                self.refuse(&sentence(&reason)).await?;
                return Err(JobError::dead(reason));
            }
            account => account.map_err(SyncError::into_job_error)?,
        };
        if row.calls_begun == 0 {
            if let Some(refusal) = stands_against(&opened.order) {
                return self.refuse(&refusal.to_string()).await;
            }
        } else if Box::pin(self.settled_by_reading(&account)).await? {
            return Ok(());
        } else if let Some(rest) = self.still_in_hand(&row) {
            return Err(JobError::retry_after(
                "upstream may still be at the call that was made before",
                rest,
            ));
        } else if row.calls_begun >= CALLS_MAX {
            let message = format!(
                "The warehouse's system was asked {CALLS_MAX} times and did not do it; its answers were lost. Ask the \
                 warehouse."
            );
            self.refuse(&message).await?;
            return Err(JobError::dead(
                "upstream did not do it in as many calls as are made; a person decides",
            ));
        }
        Box::pin(self.called(&account, &opened, &row)).await
    }

    /// How long the call that was made before may still be in upstream's hand: its worker may have vanished just now.
    fn still_in_hand(&self, row: &RequestRow) -> Option<Duration> {
        let settled_at = row.called_at? + TimeDelta::from_std(self.settings.settle_after).ok()?;
        (settled_at - self.sources.clock.now()).to_std().ok().filter(|rest| !rest.is_zero())
    }

    /// Makes the call, and commits what came of it.
    async fn called(
        &self,
        account: &SourceAccount,
        opened: &OpenOrder,
        row: &RequestRow,
    ) -> Result<(), JobError> {
        let (pool, begun) = (&self.sources.pool, row.calls_begun);
        let now = self.sources.clock.now();
        if requests::begin_call(pool, self.told.request_id, begun, now).await.map_err(database)?
            == Begun::NotNow
        {
            return Err(JobError::retry_after(
                "another call on this order is not settled yet",
                AFTER_THE_OTHER,
            ));
        }
        match self.call(account, opened).await {
            Called::Done => self.confirm().await,
            Called::Refused { message, operator_needed } => {
                // Somebody else may have done it meanwhile, and then upstream refuses to do it again.
                if Box::pin(self.settled_by_reading(account)).await.unwrap_or(false) {
                    return Ok(());
                }
                self.refuse(&sentence(&message)).await?;
                if operator_needed { Err(JobError::dead(message)) } else { Ok(()) }
            }
            Called::NotNow(error) => {
                requests::take_back_call(pool, self.told.request_id, begun).await.map_err(database)?;
                Err(JobError::Retry { reason: error.to_string(), after: error.retry_after() })
            }
            Called::Lost(error) => {
                if Box::pin(self.settled_by_reading(account)).await.unwrap_or(false) {
                    return Ok(());
                }
                // Upstream may still be at it.
                Err(JobError::retry_after(
                    format!("the answer was lost: {error}"),
                    self.settings.settle_after,
                ))
            }
        }
    }

    async fn call(&self, account: &SourceAccount, _opened: &OpenOrder) -> Called {
        let done = match self.kind {
            Kind::Cancel => cancel::call(account, self.told.mintsoft_order_id).await,
        };
        match done {
            Ok(()) => Called::Done,
            Err(UpstreamError::Refused { message }) => Called::Refused { message, operator_needed: false },
            Err(UpstreamError::NotFound) => {
                Called::Refused { message: Refusal::Vanished.to_string(), operator_needed: false }
            }
            Err(error) if error.may_have_acted() => Called::Lost(error),
            Err(error) if error.is_transient() || error.retry_after().is_some() => Called::NotNow(error),
            Err(error) => Called::Refused { message: error.to_string(), operator_needed: true },
        }
    }

    /// Reads what upstream shows, and settles the request where that tells its outcome.
    async fn settled_by_reading(&self, account: &SourceAccount) -> Result<bool, JobError> {
        let seen = match self.kind {
            Kind::Cancel => Box::pin(cancel::look(self, account)).await,
        };
        match seen.map_err(SyncError::into_job_error)? {
            Seen::Done => self.confirm().await.map(|()| true),
            Seen::Gone => self.refuse(&Refusal::Vanished.to_string()).await.map(|()| true),
            Seen::NotDone => Ok(false),
        }
    }

    /// Upstream did it. The order is read again, by a job of the same commit.
    async fn confirm(&self) -> Result<(), JobError> {
        let request_id = self.told.request_id;
        let command = match self.kind {
            Kind::Cancel => Command::ConfirmCancellation { request_id },
        };
        let payload =
            json!({"account_id": self.told.account_id, "mintsoft_order_id": self.told.mintsoft_order_id});
        let reread = NewJob::due(REREAD_ORDER, payload, self.sources.clock.now())
            .unique(format!("reread/{}/{request_id}", self.told.address().stream()))
            .tenant(self.told.tenant_id.0)
            .growing_to(RETRY_CAP);
        self.commit(Intended { jobs: vec![reread], ..Intended::from(command) }).await
    }

    /// It did not come to pass.
    async fn refuse(&self, message: &str) -> Result<(), JobError> {
        let (request_id, message) = (self.told.request_id, message.to_owned());
        let command = match self.kind {
            Kind::Cancel => Command::RefuseCancellation { request_id, message },
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

    async fn note_settled(&self) -> Result<(), JobError> {
        requests::settle(&self.sources.pool, self.told.request_id).await.map_err(database)
    }

    /// No attempt is left. What surely was not done is refused; else a person has to look.
    async fn give_up(&self) -> Result<(), JobError> {
        let opened = self.opened().await?;
        if !self.is_pending(&opened.order)? {
            return self.note_settled().await;
        }
        if self.row().await?.calls_begun == 0 {
            let message =
                "The warehouse's system could not be reached in time; nothing was done. Ask again later.";
            return self.refuse(message).await;
        }
        let why = "The warehouse's answer was lost, and it cannot be read what was done. An operator looks after it.";
        requests::leave_to_person(&self.sources.pool, self.told.request_id, why).await.map_err(database)
    }

    async fn opened(&self) -> Result<OpenOrder, JobError> {
        let opened = self.sources.ledger.open(self.told.address()).await;
        opened.map_err(|error| SyncError::from(error).into_job_error())
    }

    fn is_pending(&self, order: &Order) -> Result<bool, JobError> {
        let request = request_in(order, self.kind, self.told.request_id);
        let request = request.ok_or_else(|| JobError::dead("the order has no such request"))?;
        Ok(request.outcome == RequestOutcome::Pending)
    }

    async fn row(&self) -> Result<RequestRow, JobError> {
        let row = requests::find(&self.sources.pool, self.told.request_id).await.map_err(database)?;
        row.ok_or_else(|| JobError::dead("the request is not kept beside its event"))
    }

    /// The account, called with the patience of whoever waits: a person at first.
    async fn account(&self) -> Result<SourceAccount, SyncError> {
        let mut account =
            self.sources.account(AccountId(self.told.account_id), Some(self.told.tenant_id)).await?;
        if self.job.attempts <= 1 {
            account.calls = account.calls.patience(Patience::interactive(PATIENCE));
        }
        Ok(account)
    }

    /// What stands beside the events that come of the request.
    pub fn cause(&self) -> Cause {
        Cause {
            source: self.told.source,
            actor: "system".to_owned(),
            correlation_id: self.told.correlation_id.clone(),
            cause: Some(format!("job:{}", self.job.id)),
        }
    }
}

/// What has come between the wish and the call, so that upstream is not even asked.
fn stands_against(order: &Order) -> Option<Refusal> {
    if order.withheld.is_some() {
        return Some(Refusal::Withheld);
    }
    order.vanished.then_some(Refusal::Vanished)
}

fn database(error: sqlx::Error) -> JobError {
    SyncError::from(error).into_job_error()
}

/// Words as a sentence, with a full stop.
fn sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}
