//! The regular reading of an account: what changed since the cursor, oldest first, page by page; then the couriers'
//! scans. Each list has its cursor, which moves only after all of that list is stored, so a reading that breaks off is
//! repeated, never skipped.

use std::collections::HashSet;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use logistics_domain::{AccountId, Source};
use tokio::sync::RwLock;
use uuid::Uuid;

use super::cursor::{self, List};
use super::runs;
use super::sources::{Cause, SourceAccount, Sources};
use super::{SyncError, tracking};
use crate::jobs::{CLOCKS_APART_MAX, Handler, Job, JobError};
use crate::mintsoft::wire::{Order, Row};
use crate::mintsoft::{Answer, ORDERS_PAGE, OrderListQuery, UpstreamError};
use crate::tenancy::Tenancy;

/// The job by which the schedule asks for a run.
pub const REQUEST_POLL: &str = "request_poll";

/// The most pages that one run reads: half a million orders. A list that goes on is broken.
const PAGES_MAX: u32 = 5_000;

/// So many pages are taken in at the same time: while the last orders of one are committed, the next one's are
/// read, and upstream is asked for the one after.
pub const PAGES_AT_ONCE: usize = 3;

/// How often a list that moves while it is read is read at the most.
const SWEEPS_MAX: u32 = 3;

/// Does `request_poll` jobs: a due slot of the schedule becomes a run, unless one is under way.
pub struct RequestPollHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for RequestPollHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let account = AccountId(job.id_in("account_id")?);
        let sources = &self.0;
        runs::ask(&sources.pool, account, "schedule", sources.clock.now())
            .await
            .map(|_| ())
            .map_err(SyncError::into_job_error)
    }
}

/// Does `poll_account` jobs. A run that upstream breaks is marked as failed and the next slot tries again; a run whose
/// worker vanished is taken up again.
pub struct PollHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for PollHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let (sources, run_id) = (&self.0, job.id_in("run_id")?);
        let account = AccountId(job.id_in("account_id")?);
        let begun = runs::begin(&sources.pool, run_id, sources.clock.now()).await;
        if begun.map_err(SyncError::into_job_error)?.is_none() {
            return Ok(());
        }
        let Err(error) = sources.poll(account, run_id).await else { return Ok(()) };
        // Upstream is left alone for a moment: the run begins after it, rather than fail for having come at a bad time.
        if let SyncError::Upstream(UpstreamError::Silent { retry_after }) = error
            && !job.is_last_attempt()
        {
            return Err(JobError::retry_after(error.to_string(), retry_after));
        }
        // What was read for the former configuration is read again for the one that there is now.
        if matches!(error, SyncError::ConfiguredAnew) && !job.is_last_attempt() {
            return Err(JobError::retry_after(error.to_string(), Duration::ZERO));
        }
        // Our own trouble (the database) is tried again by the job; upstream's is told in the run.
        if error.is_our_own() && !job.is_last_attempt() {
            return Err(error.into_job_error());
        }
        tracing::warn!(account = %account, run = %run_id, %error, "reading an account failed");
        runs::fail(&sources.pool, run_id, &error.to_string(), sources.clock.now())
            .await
            .map_err(SyncError::into_job_error)
    }

    async fn on_dead(&self, job: &Job, reason: &str) -> Result<(), JobError> {
        let run_id = job.id_in("run_id")?;
        runs::fail(&self.0.pool, run_id, reason, self.0.clock.now()).await.map_err(SyncError::into_job_error)
    }
}

impl Sources {
    /// Reads an account for a run, from the cursor to now, for those that it is read for while it is read. What was read
    /// for one configuration is not kept for another: where that changes meanwhile, the run is to begin anew.
    async fn poll(&self, account: AccountId, run_id: Uuid) -> Result<(), SyncError> {
        let mut account = self.still_read(&self.account(account, None).await?).await?;
        // A reading that breaks off begins anew: one of many pages would never end where upstream asks to wait now and then.
        account.calls = account.calls.enduring();
        let cause = Cause::own(Source::Poll, format!("run:{run_id}"));
        let began_at = self.clock.now();
        let orders_since = self.read_orders(&account, run_id, &cause, began_at).await?;
        self.keep(&account, List::Orders, orders_since).await?;
        // Orders that were read are read, whatever becomes of the scans.
        let within = (began_at, self.settings.scan_pages_max);
        if let Some(read) = tracking::read_scans(self, &account, &cause, within).await? {
            self.keep(&account, List::Tracking, read.since).await?;
            read.tell(account.id);
        }
        // Whoever was switched off meanwhile was not read for to the end.
        let account = self.present(&account).await?;
        self.finish(&account, run_id, began_at).await
    }

    /// Reads the changed orders; answers where the cursor is to be afterwards. A list that moved while it was read may
    /// have moved a row past us, so it is read again, a few times at most.
    async fn read_orders(
        &self,
        account: &SourceAccount,
        run_id: Uuid,
        cause: &Cause,
        began_at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, SyncError> {
        let (before, asked_since) = self.window(account, List::Orders, began_at).await?;
        let mut newest = None;
        for _ in 0..SWEEPS_MAX {
            let sweep = self.sweep(account, run_id, cause, asked_since).await?;
            newest = newest.max(sweep.newest);
            if !sweep.moved {
                break;
            }
        }
        Ok(cursor::after_run(before, began_at, newest))
    }

    /// Reads all pages of what changed since an instant, and takes them in; while some are taken in, the next is asked
    /// for. A page that cannot be had ends the sweep once those before it are taken in.
    async fn sweep(
        &self,
        account: &SourceAccount,
        run_id: Uuid,
        cause: &Cause,
        asked_since: DateTime<Utc>,
    ) -> Result<Sweep, SyncError> {
        let sweep_began_at = self.clock.now();
        let mut read = PagesRead::default();
        let page_lock = RwLock::new(());
        pages(account, asked_since)
            .map(|page| {
                let answer = page.map(|answer| (read.note(&answer, account), answer));
                let page_lock = &page_lock;
                async move {
                    let (meets_again, answer) = answer?;
                    // What parks and withholds goes by who comes last, so of one order the pages come one after the other.
                    let _held = if meets_again {
                        (Some(page_lock.write().await), None)
                    } else {
                        (None, Some(page_lock.read().await))
                    };
                    self.take_page(account, run_id, answer, cause).await
                }
            })
            .buffered(PAGES_AT_ONCE)
            .try_for_each(|()| ready(Ok(())))
            .await?;
        let changed_meanwhile = read.pages > 1 && read.newest.is_some_and(|at| at >= sweep_began_at);
        Ok(Sweep { newest: read.newest, moved: read.met_twice || changed_meanwhile })
    }

    async fn take_page(
        &self,
        account: &SourceAccount,
        run_id: Uuid,
        answer: Answer<Vec<Row<Order>>>,
        cause: &Cause,
    ) -> Result<(), SyncError> {
        // Upstream is asked for what it calls things before it is asked whose the orders are, so that nothing takes long after.
        self.names.naming_orders(account, &answer.value).await?;
        let account = self.still_read(account).await?;
        let taken = self.take_rows(&account, answer, cause).await?;
        runs::advance(&self.pool, run_id, taken).await
    }

    /// The cursor, and the instant that upstream is asked since: the cursor less the overlap, which covers rows that
    /// moved between pages, clocks that differ and the hour that autumn repeats. Without a cursor the reach of a first
    /// reading, and further back where the account had not been read up to there ([`cursor::beginning`]).
    pub(super) async fn window(
        &self,
        account: &SourceAccount,
        list: List,
        now: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), SyncError> {
        let span = |duration| TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        let overlap = span(self.settings.poll_overlap);
        if let Some(since) = cursor::load(&self.pool, account.id, list).await? {
            return Ok((since, since - overlap));
        }
        let forgotten = cursor::load_forgotten(&self.pool, account.id, list).await?;
        let reach = span(self.settings.first_poll_reach);
        let begin = cursor::beginning(list, forgotten.map(|since| since - overlap), reach, now);
        Ok((begin, begin))
    }

    async fn keep(&self, account: &SourceAccount, list: List, since: DateTime<Utc>) -> Result<(), SyncError> {
        let mut connection = self.pool.acquire().await?;
        cursor::store(&mut connection, account.id, list, since, (account.beginning, self.clock.now()))
            .await?;
        Ok(())
    }

    /// The account's health and the run's end in one transaction.
    async fn finish(
        &self,
        account: &SourceAccount,
        run_id: Uuid,
        began_at: DateTime<Utc>,
    ) -> Result<(), SyncError> {
        let now = self.clock.now();
        let mut transaction = self.pool.begin().await?;
        let took_part: Vec<_> = account.tenants_read().collect();
        let believed_to = now + CLOCKS_APART_MAX;
        Tenancy::record_poll(&mut transaction, account.id, &took_part, began_at, believed_to).await?;
        sqlx::query(
            "update sync_runs set state = 'done', finished_at = $2 where id = $1 and state = 'running'",
        )
        .bind(run_id)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The pages of the list, each asked for once the one before is there; up to the first that is not full.
fn pages(
    account: &SourceAccount,
    asked_since: DateTime<Utc>,
) -> impl Stream<Item = Result<Answer<Vec<Row<Order>>>, SyncError>> {
    stream::try_unfold(Some((1, None)), move |place| async move {
        let Some((page, first_of_page_before)) = place else { return Ok(None) };
        if page > PAGES_MAX {
            return Err(SyncError::BrokenList { list: "orders", what: "does not end" });
        }
        let query = OrderListQuery {
            since_last_updated: Some(asked_since),
            page,
            include_items: true,
            oldest_first: true,
            ..OrderListQuery::default()
        };
        let answer = account.calls.order_list(&query).await?;
        let first = answer.value.first().and_then(|row| row.id);
        if first.is_some() && first == first_of_page_before {
            return Err(SyncError::BrokenList { list: "orders", what: "repeats a page" });
        }
        let next = (answer.value.len() >= ORDERS_PAGE).then_some((page + 1, first));
        Ok(Some((answer, next)))
    })
}

/// What the pages showed so far.
#[derive(Default)]
struct PagesRead {
    pages: u32,
    newest: Option<DateTime<Utc>>,
    met: HashSet<i64>,
    met_twice: bool,
}

impl PagesRead {
    /// Whether the page has an order that was met before.
    fn note(&mut self, answer: &Answer<Vec<Row<Order>>>, account: &SourceAccount) -> bool {
        let changes = answer.value.iter().map(|row| row.parsed.as_ref().ok()?.last_updated.as_deref());
        self.newest = self.newest.max(cursor::newest(changes, account.zone));
        let mut meets_again = false;
        for id in answer.value.iter().filter_map(|row| row.id) {
            meets_again |= !self.met.insert(id);
        }
        self.met_twice |= meets_again;
        self.pages += 1;
        meets_again
    }
}

/// What one reading of all pages came to.
struct Sweep {
    newest: Option<DateTime<Utc>>,
    /// Rows may have moved up by one meanwhile, from a page that was yet to be read to one that was read. Where the list is
    /// sorted by change, an order that changes goes to the list's end, and is met there again; upstream's clock may be behind
    /// ours, and its hour in autumn comes twice, so that alone is trusted. Where it is sorted by id, one that is merged away
    /// leaves a gap and is met nowhere: only that its survivor changed tells of it, by the clock.
    moved: bool,
}
