//! The job that carries a request out: count the call, call, commit what came of it. A call whose answer was lost (no
//! answer, a broken connection, a 5xx, or the end of this process) is settled by reading what upstream shows. Where that
//! proves that nothing was done it is tried once more, and then refused; what cannot be read is left to a person.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use logistics_domain::order::state::RequestOutcome;
use logistics_domain::{AccountId, Order, Refusal};
use serde::Deserialize as _;

use super::ask::request_in;
use super::call_outcome::Called;
use super::payload::{RETRY_CAP, SagaPayload};
use super::requests::{self, Begun, Kind, RequestRow};
use super::settling::Read;
use super::standing::stands_against;
use super::upstream_action::Deed;
use super::{ActionSettings, Actions, CANCEL_ORDER, POST_COMMENT, reasons};
use crate::jobs::{Handler, Job, JobError};
use crate::ledger::OpenOrder;
use crate::mintsoft::{Patience, UpstreamError};
use crate::sync::{Cause, SourceAccount, Sources, SyncError};

/// How often upstream is called for one request.
pub(super) const CALLS_MAX: i32 = 2;

/// How soon a call is tried again that had to let another one of its kind be settled first; twice as late each time, since
/// the other may take as long as jobs of this kind are tried.
const AFTER_THE_OTHER: Duration = Duration::from_millis(500);

/// How long the first attempt waits for a slot: somebody is waiting for it.
const PATIENCE: Duration = Duration::from_secs(4);

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
            POST_COMMENT => Kind::Comment,
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
    pub kind: Kind,
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
        if row.calls_begun == 0
            && let Some(refusal) = stands_against(self.kind, &opened.order)
        {
            return self.refuse(&refusal.to_string()).await;
        }
        let Some(deed) = Deed::of(self, &opened, &row) else { return self.erased(&row).await };
        if row.calls_begun > 0 {
            let read = Box::pin(self.settled_by_reading(&account, &deed)).await?;
            if read == Read::Settled {
                return Ok(());
            }
            if let Some(rest) = self.still_in_hand(&row) {
                let why = "upstream may still be at the call that was made before";
                return Err(JobError::retry_after(why, rest));
            }
            match read {
                Read::Hidden => return self.leave(reasons::NOTE_NOT_SHOWN).await,
                // Neither refused nor called again: it may have been done. The last attempt leaves it to a person.
                Read::Unclear => {
                    return Err(JobError::retry("upstream does not show whether the call before did it"));
                }
                Read::Settled | Read::Open => {}
            }
        }
        if row.calls_begun >= CALLS_MAX {
            self.refuse(reasons::ASKED_IN_VAIN).await?;
            return Err(JobError::dead(
                "upstream did not do it in as many calls as are made; a person decides",
            ));
        }
        Box::pin(self.called(&account, deed, &row)).await
    }

    /// The personal data was erased meanwhile, and the words with it: what was not sent is not sent any more.
    async fn erased(&self, row: &RequestRow) -> Result<(), JobError> {
        if row.calls_begun == 0 {
            return self.refuse(&Refusal::Erased.to_string()).await;
        }
        self.leave(reasons::ANSWER_ERASED).await
    }

    /// A person has to look. The dead letter says so to operators, the order to whoever asked.
    async fn leave(&self, why: &str) -> Result<(), JobError> {
        requests::leave_to_person(&self.sources.pool, self.told.request_id, why).await.map_err(database)?;
        Err(JobError::dead(why))
    }

    /// How long the call that was made before may still be in upstream's hand. Where its worker vanished, it may wait for
    /// its slot or be on its way for as long as a call can.
    fn still_in_hand(&self, row: &RequestRow) -> Option<Duration> {
        let settled_at = row.call_over_at? + TimeDelta::from_std(self.settings.settle_after).ok()?;
        (settled_at - self.sources.clock.now()).to_std().ok().filter(|rest| !rest.is_zero())
    }

    /// Makes the call, and commits what came of it.
    async fn called(
        &self,
        account: &SourceAccount,
        mut deed: Deed,
        row: &RequestRow,
    ) -> Result<(), JobError> {
        let (pool, begun) = (&self.sources.pool, row.calls_begun);
        if requests::another_is_open(pool, row, self.kind).await.map_err(database)? {
            return Err(self.after_the_other());
        }
        if begun == 0
            && let Err(error) = deed.look_before(account).await
        {
            return self.not_called(error).await;
        }
        // Read again: upstream was asked, and waited for, since the attempt began, and others told of the order meanwhile.
        let order = self.opened().await?.order;
        if !self.is_pending(&order)? {
            return self.note_settled().await;
        }
        if let Some(refusal) = stands_against(self.kind, &order) {
            return self.refuse(&refusal.to_string()).await;
        }
        if self.kind == Kind::Comment && order.erased {
            return self.erased(row).await;
        }
        let counted = (begun, deed.last_comment_id());
        let now = self.sources.clock.now();
        let over_at = now + TimeDelta::from_std(account.calls.action_limit()).unwrap_or(TimeDelta::MAX);
        let counted = requests::begin_call(pool, self.told.request_id, counted, (now, over_at)).await;
        if counted.map_err(database)? == Begun::NotNow {
            return Err(self.after_the_other());
        }
        match deed.call(account).await.map_or_else(Called::from, Called::Done) {
            Called::Done(comment_id) => self.done(account, &deed, comment_id).await,
            Called::Refused { message, operator_needed } => {
                if Box::pin(self.settled_though_refused(account, &deed, row)).await? {
                    return Ok(());
                }
                self.refuse(&sentence(&message)).await?;
                if operator_needed { Err(JobError::dead(message)) } else { Ok(()) }
            }
            Called::NotNow(error) => {
                self.take_back(row).await?;
                Err(JobError::retry_no_sooner(error.to_string(), error.retry_after()))
            }
            Called::Lost(error) => {
                let now = self.sources.clock.now();
                requests::note_call_over(pool, self.told.request_id, now).await.map_err(database)?;
                if let Ok(Read::Settled) = Box::pin(self.settled_by_reading(account, &deed)).await {
                    return Ok(());
                }
                // Upstream may still be at it, though it is not seen, or not shown.
                let why = format!("the answer was lost: {error}");
                Err(JobError::retry_after(why, self.settings.settle_after))
            }
        }
    }

    /// Takes the call off the count: it surely did nothing.
    pub(super) async fn take_back(&self, before: &RequestRow) -> Result<(), JobError> {
        requests::take_back_call(&self.sources.pool, before).await.map_err(database)
    }

    /// To be tried when the other call of the kind on this order is settled.
    fn after_the_other(&self) -> JobError {
        let doubled = u32::try_from(self.job.attempts.saturating_sub(1)).unwrap_or(0).min(16);
        let after = AFTER_THE_OTHER.saturating_mul(1 << doubled).min(RETRY_CAP);
        JobError::retry_after("another call on this order is not settled yet", after)
    }

    /// What had to be known before the call could not be read: nothing was done.
    async fn not_called(&self, error: UpstreamError) -> Result<(), JobError> {
        match Called::from(error) {
            Called::Refused { message, operator_needed } => {
                self.refuse(&sentence(&message)).await?;
                if operator_needed { Err(JobError::dead(message)) } else { Ok(()) }
            }
            Called::NotNow(error) | Called::Lost(error) => {
                Err(JobError::retry_no_sooner(error.to_string(), error.retry_after()))
            }
            Called::Done(_) => Ok(()),
        }
    }

    /// No attempt is left. What surely was not done is refused; else a person has to look.
    async fn give_up(&self) -> Result<(), JobError> {
        let opened = self.opened().await?;
        if !self.is_pending(&opened.order)? {
            return self.note_settled().await;
        }
        let row = self.row().await?;
        if row.left_to_person.is_some() {
            // Whoever left it said why, and more than is known here.
            return Ok(());
        }
        if row.calls_begun == 0 {
            return self.refuse(reasons::NOT_REACHED).await;
        }
        let (pool, request_id) = (&self.sources.pool, self.told.request_id);
        requests::leave_to_person(pool, request_id, reasons::ANSWER_LOST).await.map_err(database)
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

pub(super) fn database(error: sqlx::Error) -> JobError {
    SyncError::from(error).into_job_error()
}

/// Words as a sentence, with a full stop.
pub(super) fn sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}
