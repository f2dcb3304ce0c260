//! THE write path: every command on an order is loaded, decided and committed here, events and read rows at once.
//!
//! [`Ledger::execute`] reads an order with whatever else is [asked for just then](gather), asks the caller's [`Intent`]
//! for the command, lets cqrs-es decide over an [event store of our own](store), and hands what was decided to one
//! [writing task](writer), which commits what concurrent commands append in [one statement](statement). A command that
//! runs alone [does the same by itself](fast_path). Nothing else inserts into `events`.
//! No upstream is called here, and nobody is told of anything but by a NOTIFY that wakes the readers of the log.

mod append;
mod arrays;
mod check;
mod compose;
mod counting;
mod dedicated_connection;
mod erasing;
mod error;
mod evidence;
mod execute;
mod facets;
mod fast_path;
mod gather;
mod heads;
mod hindsight;
mod intent;
pub mod leaf;
mod load;
mod order_cache;
mod page;
mod parts;
pub mod rebuild;
pub mod sealing;
mod statement;
mod store;
mod stored;
mod stream_locks;
mod writer;

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::framework::upcasters;
use logistics_domain::{Order, OrderEvent, OrderStreamId, Provenance, TenantId};
use logistics_projections::EventPlace;
use postgres_es::PostgresEventRepository;
use sqlx::PgPool;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::dedicated_connection::DedicatedConnection;
pub use self::error::LedgerError;
use self::execute::Company;
use self::fast_path::FastPath;
use self::gather::Readers;
pub use self::heads::heads;
pub use self::hindsight::Hindsight;
pub use self::intent::{Committed, Intended, Intent, OpenOrder, OrderAddress, RawPayload};
use self::load::{From, Loader};
use self::order_cache::OrderCache;
use self::stream_locks::StreamLocks;
use self::writer::{BatchLimits, Waiting, Writer};
use crate::clock::Clock;
use crate::jobs::NewJob;
use crate::secrets::KeyRing;

/// The most commands of a page that are read and run at once.
const PAGE_MAX: usize = 256;

/// The jobs that events call for, told from the order after them. Pure: it is asked again after a conflict.
pub type Reactions =
    Arc<dyn Fn(&OrderAddress, &Order, &[OrderEvent], DateTime<Utc>) -> Vec<NewJob> + Send + Sync>;

/// The bounds of the write path.
#[derive(Clone, Debug)]
pub struct LedgerSettings {
    /// The most commits that wait; more callers wait for room.
    pub queue_max: usize,
    /// The most events of one statement.
    pub batch_events_max: usize,
    /// About the most bytes of one statement.
    pub batch_bytes_max: usize,
    /// How often a command is tried against conflicts.
    pub attempts_max: u32,
    /// How long a commit, or a query of the ledger's own tasks, may take before its connection is given up: a network that
    /// swallows everything tells nobody.
    pub commit_wait: Duration,
    /// About how many bytes the cache of orders may take, which holds those that were worked on last. Of a cached order only what
    /// came after it is read. 0 caches none.
    pub order_cache_bytes_max: u64,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            queue_max: 1024,
            batch_events_max: 512,
            batch_bytes_max: 4 << 20,
            attempts_max: 32,
            commit_wait: Duration::from_secs(45),
            order_cache_bytes_max: 192 << 20,
        }
    }
}

/// The ledger. Clones share one writing task.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// What commands share.
struct Shared {
    pool: PgPool,
    ring: Arc<KeyRing>,
    clock: Clock,
    settings: LedgerSettings,
    reactions: Reactions,
    loader: Loader,
    fast_path: FastPath,
    queue: mpsc::Sender<Waiting>,
    stream_locks: StreamLocks,
    /// How many commands are being run.
    under_way: Arc<AtomicUsize>,
    /// Told after a commit that passed the writing task by: there is something to count.
    noted: Arc<Notify>,
    stopping: CancellationToken,
}

impl Ledger {
    /// Starts the writing task and the reading tasks, each on a connection of its own.
    pub fn start(
        pool: PgPool,
        ring: Arc<KeyRing>,
        clock: Clock,
        settings: LedgerSettings,
        reactions: Reactions,
    ) -> Self {
        let (queue, queued) = mpsc::channel(settings.queue_max);
        let limits = BatchLimits {
            queue: settings.queue_max,
            events: settings.batch_events_max,
            bytes: settings.batch_bytes_max,
            wait: settings.commit_wait,
        };
        let noted = Arc::new(Notify::new());
        let under_way = Arc::new(AtomicUsize::new(0));
        let writer = Writer::new(
            DedicatedConnection::new(pool.clone()),
            limits,
            Arc::clone(&noted),
            Arc::clone(&under_way),
        );
        let stopping = CancellationToken::new();
        let repository = Arc::new(PostgresEventRepository::new(pool.clone()));
        let (readers, mut tasks) =
            Readers::start(|| DedicatedConnection::new(pool.clone()), settings.commit_wait, &stopping);
        tasks.push(tokio::spawn(writer.run(queued, stopping.clone())));
        let counting =
            counting::keep_counts(pool.clone(), settings.commit_wait, Arc::clone(&noted), stopping.clone());
        tasks.push(tokio::spawn(counting));
        let order_cache = OrderCache::within(settings.order_cache_bytes_max);
        let loader =
            Loader { repository, readers, order_cache, ring: Arc::clone(&ring), upcasters: upcasters() };
        let fast_path = FastPath::over(DedicatedConnection::new(pool.clone()));
        let stream_locks = StreamLocks::default();
        let shared = Shared {
            pool,
            ring,
            clock,
            settings,
            reactions,
            loader,
            fast_path,
            queue,
            stream_locks,
            under_way,
            noted,
            stopping,
        };
        Self { shared: Arc::new(shared), tasks: Arc::new(Mutex::new(tasks)) }
    }

    /// Runs one command. The intent may be asked several times; what it asks for happens once or not at all.
    pub async fn execute(
        &self,
        address: OrderAddress,
        intent: &dyn Intent,
        provenance: &Provenance,
    ) -> Result<Committed, LedgerError> {
        // On the heap, so that callers' futures stay small.
        Box::pin(self.shared.execute(address, intent, provenance, Company::None)).await
    }

    /// Runs the commands of a page concurrently, and answers in their order. Each stands for itself.
    pub async fn execute_page(
        &self,
        entries: Vec<(OrderAddress, Arc<dyn Intent>, Provenance)>,
    ) -> Vec<Result<Committed, LedgerError>> {
        let mut outcomes = Vec::with_capacity(entries.len());
        for page in entries.chunks(PAGE_MAX) {
            outcomes.extend(self.shared.execute_page(page).await);
        }
        outcomes
    }

    /// An order as its history tells it now, for those who decide nothing. Nothing is locked: a command that follows is
    /// decided on the order as it is then.
    pub async fn open(&self, address: OrderAddress) -> Result<OpenOrder, LedgerError> {
        Ok(*Box::pin(self.shared.loader.open(From::Readers, address)).await?.order)
    }

    /// Opens an order as [`Self::open`] does, with a fold of one's own over its events, oldest first.
    pub async fn replay<T: Default>(
        &self,
        address: OrderAddress,
        fold: fn(&mut T, &EventPlace, &OrderEvent),
    ) -> Result<(OpenOrder, T), LedgerError> {
        let mut folded = T::default();
        let found = self.shared.loader.whole(address).await?;
        let tell = &mut |place: &EventPlace, event: &OrderEvent| fold(&mut folded, place, event);
        let opened = self.shared.loader.fold(address, &found, None, tell)?;
        Ok((*opened.order, folded))
    }

    /// Whose the streams are; those that have not begun are left out. A stream never changes its owner.
    pub async fn owner_of(
        &self,
        streams: &[OrderStreamId],
    ) -> Result<HashMap<OrderStreamId, TenantId>, LedgerError> {
        let ids: Vec<Uuid> = streams.iter().map(|stream| stream.0).collect();
        let owners: Vec<(Uuid, i64)> =
            sqlx::query_as("select stream_id, tenant_id from order_streams where stream_id = any($1)")
                .bind(ids)
                .fetch_all(&self.shared.pool)
                .await
                .map_err(|error| LedgerError::Unavailable(Arc::new(error)))?;
        Ok(owners.into_iter().map(|(stream, owner)| (OrderStreamId(stream), TenantId(owner))).collect())
    }

    /// Takes no more commands, commits what is queued, and lets the connections go.
    pub async fn stop(self) {
        self.shared.stopping.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            // A task that panicked has nothing left to commit.
            let _ended = task.await;
        }
        self.shared.fast_path.close().await;
    }
}
