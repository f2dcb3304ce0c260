//! The one place where the parts are joined into a running service.

mod serving;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use logistics_domain::{AccountId, TenantId};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use self::serving::ConnectionSettings;
use crate::access::{ClientSettings, OpenIdError, OpenIdSettings, Proofs, SessionSettings, SignIn, Tokens};
use crate::actions::{ActionSettings, Actions};
use crate::api::{
    self, Acting, CommonTexts, Entry, FacetCache, Gate, LimitSettings, Limits, Links, ListedOrderCache,
    MetricsAccess, Orders, Origins, RefreshOrder, ResponseCache,
};
use crate::audit::Sealer;
use crate::audit::signing_key::log_name;
use crate::clock::Clock;
use crate::dashboard::{self, Admin, Pages, SignInState};
use crate::inbox::{self, Inbox, ProcessDelivery};
use crate::jobs::{Worker, WorkerSettings};
use crate::ledger::{Ledger, LedgerSettings};
use crate::live::{Live, LiveSettings};
use crate::mintsoft::{MintsoftClient, MintsoftSettings, UpstreamError};
use crate::postgres::Reader;
use crate::secrets::KeyRing;
use crate::sync::lanes::lanes;
use crate::sync::reactions::reactions;
use crate::sync::{NamesCache, Refreshed, Refresher, Sources, SyncSettings};
use crate::telemetry;
use crate::tenancy::{Tenancy, TenancyError};
use crate::upkeep;

/// How long connections are waited for whose readers are gone: the database may be in the middle of what they asked.
const READERS_END_WITHIN: Duration = Duration::from_secs(2);

/// What the service is set with, besides its database and its keys.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The bounds of the write path.
    pub ledger: LedgerSettings,
    /// How many read on behalf of tenants at a time; none is what suits this machine.
    pub reads_at_once: Option<usize>,
    /// How much memory the answers of a second may take, in bytes; 0 has each made anew.
    pub response_cache_bytes_max: usize,
    /// How much memory what lists show of orders may take, in bytes; 0 has each read and written anew.
    pub listed_cache_bytes_max: u64,
    /// How Mintsoft is called.
    pub mintsoft: MintsoftSettings,
    /// How the sources pace themselves.
    pub sync: SyncSettings,
    /// How background work is leased.
    pub worker: WorkerSettings,
    /// How often ledgers that moved are sealed.
    pub seal_interval: Duration,
    /// The OpenID provider whose tokens are taken; none takes keys of programs alone.
    pub openid: Option<OpenIdSettings>,
    /// The name at the provider under which people sign in to the pages; none lets nobody in there.
    pub sign_in: Option<SignInClient>,
    /// How long sessions of the pages last.
    pub sessions: SessionSettings,
    /// How followers of ledgers are served.
    pub live: LiveSettings,
    /// Rate limits.
    pub limits: LimitSettings,
    /// How connections are taken.
    pub connections: ConnectionSettings,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// The origins whose pages may call the API from a browser.
    pub origins: Origins,
}

/// The service as the OpenID provider knows it.
#[derive(Clone)]
pub struct SignInClient {
    /// Its name there.
    pub client_id: String,
    /// What it proves itself with, where the provider asks for more than PKCE.
    pub client_secret: Option<String>,
}

impl SignInClient {
    fn at(&self, public_url: String) -> ClientSettings {
        let Self { client_id, client_secret } = self.clone();
        ClientSettings { client_id, client_secret, public_url }
    }
}

impl std::fmt::Debug for SignInClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInClient").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Default for AppSettings {
    /// Any free port of this machine, and whatever the rooms are set with where nothing is said.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            ledger: LedgerSettings::default(),
            reads_at_once: None,
            response_cache_bytes_max: 32 << 20,
            listed_cache_bytes_max: 64 << 20,
            mintsoft: MintsoftSettings::default(),
            sync: SyncSettings::default(),
            worker: WorkerSettings::default(),
            seal_interval: Duration::from_mins(1),
            openid: None,
            live: LiveSettings::default(),
            limits: LimitSettings::default(),
            connections: ConnectionSettings::default(),
            metrics: MetricsAccess::ThisMachine,
            origins: Origins::default(),
            sign_in: None,
            sessions: SessionSettings::default(),
        }
    }
}

/// Why the service does not run.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}; stop what listens there, or choose another with LEDGER_LISTEN")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The master keys do not open what the database holds.
    #[error(transparent)]
    Keys(#[from] TenancyError),
    /// Outgoing calls cannot be made.
    #[error("calls to Mintsoft cannot be prepared")]
    Upstream(#[from] UpstreamError),
    /// The OpenID provider cannot be used.
    #[error(transparent)]
    OpenId(#[from] OpenIdError),
}

/// A running service. [`App::stop`] ends it in order; dropping it only asks its tasks to end.
pub struct App {
    address: SocketAddr,
    routes: Vec<Entry>,
    sources: Arc<Sources>,
    reader: Reader,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Joins the parts over a migrated database, begins to answer, and to work in the background.
    pub async fn start(
        pool: PgPool,
        ring: KeyRing,
        clock: Clock,
        settings: AppSettings,
    ) -> Result<Self, AppError> {
        telemetry::measure();
        let listening = |source| AppError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;

        Tenancy::over(pool.clone(), ring.clone(), settings.mintsoft.allow_insecure_upstream)
            .check_ring()
            .await?;
        let (proofs, sign_in) = join_access(&settings, address, &clock)?;
        let sources = join_sources(pool, ring, clock, &settings)?;
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let actions = Actions::over(&sources, ActionSettings::with_calls_of(settings.mintsoft.time_limit));
        let reader = settings.reads_at_once.map_or_else(
            || Reader::beside(&sources.pool),
            |permits| Reader::with_permits(&sources.pool, permits),
        );
        let gate = Gate {
            reader,
            proofs,
            limits: Limits::of(settings.limits),
            response_cache: ResponseCache::within(settings.response_cache_bytes_max),
            listed: ListedOrderCache::within(settings.listed_cache_bytes_max),
            facets: FacetCache::default(),
            common_texts: CommonTexts::default(),
            pulse: settings.worker.pulse.clone(),
            metrics: settings.metrics.clone(),
            origins: settings.origins.clone(),
            ..Gate::over(sources.pool.clone(), sources.tenancy.clone(), sources.clock.clone())
        };
        let live = Live::over(&gate, settings.live.clone(), stopping.clone(), tasks.clone());
        let (router, routes) = join_api(&sources, &actions, &gate, &live, sign_in);
        let worker = join_worker(&sources, &actions, settings.worker);

        let (stopped, ended) = (stopping.clone(), stopping.clone().drop_guard());
        tasks.spawn(async move {
            let _ended = ended;
            serving::serve(listener, router, settings.connections, stopped).await;
        });
        let (stopped, ended) = (stopping.clone(), stopping.clone().drop_guard());
        tasks.spawn(async move {
            // Even if the worker panics: a service that only answers would look well and do nothing.
            let _ended = ended;
            worker.run(stopped).await;
        });
        tasks.spawn(actions.listen(stopping.clone()));
        tasks.spawn(upkeep::plan(Arc::clone(&sources), stopping.clone()));
        tasks.spawn(upkeep::clear_past_responses(
            gate.response_cache.clone(),
            sources.clock.clone(),
            stopping.clone(),
        ));
        tasks.spawn(upkeep::erase(Arc::clone(&sources), stopping.clone()));
        tasks.spawn(upkeep::note_pieces(Arc::clone(&sources), stopping.clone()));
        let sealer = sealer(&sources, settings.seal_interval);
        let (stopped, ended) = (stopping.clone(), stopping.clone().drop_guard());
        tasks.spawn(async move {
            // Even if the sealer panics: a service that no longer seals would look well and prove nothing.
            let _ended = ended;
            sealer.run(stopped).await;
        });
        tasks.close();
        tracing::info!(%address, "listening");
        Ok(Self { address, routes, sources, reader: gate.reader, stopping, tasks })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The routes under `/api/v1` and whom each admits; the webhook endpoints are not among them.
    pub fn routes(&self) -> &[Entry] {
        &self.routes
    }

    /// What its sources work with.
    pub const fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Waits until the service ends by itself, since a part of it failed for good; the log says which.
    pub async fn ended(&self) {
        self.stopping.cancelled().await;
    }

    /// Takes no more requests, waits until those under way are answered and jobs under way are done or given back, and
    /// commits what is queued.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.wait().await;
        self.sources.ledger.clone().stop().await;
        if timeout(READERS_END_WITHIN, self.reader.close()).await.is_err() {
            tracing::warn!("some still read; the service stops without them");
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// The write path, the way to Mintsoft, and the sources that join them. Whoever joins them stops the ledger at the end.
pub(crate) fn join_sources(
    pool: PgPool,
    ring: KeyRing,
    clock: Clock,
    settings: &AppSettings,
) -> Result<Arc<Sources>, AppError> {
    let insecure = settings.mintsoft.allow_insecure_upstream;
    let mintsoft = MintsoftClient::new(pool.clone(), ring.clone(), clock.clone(), settings.mintsoft.clone())?;
    let keys = Arc::new(ring.clone());
    let reactions = reactions(settings.sync.public_url.is_some());
    let ledger = Ledger::start(pool.clone(), keys, clock.clone(), settings.ledger.clone(), reactions);
    Ok(Arc::new(Sources {
        ledger,
        mintsoft,
        tenancy: Tenancy::over(pool.clone(), ring.clone(), insecure),
        names: NamesCache::over(pool.clone(), clock.clone()),
        pool,
        ring,
        clock,
        settings: Arc::new(settings.sync.clone()),
    }))
}

/// What tokens and sessions are held against, and the way to sign in where one is set up.
fn join_access(
    settings: &AppSettings,
    address: SocketAddr,
    clock: &Clock,
) -> Result<(Proofs, Option<SignIn>), AppError> {
    let public_url = settings.sync.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let sessions = SessionSettings { secure: public_url.starts_with("https://"), ..settings.sessions };
    let Some(openid) = &settings.openid else {
        return Ok((Proofs::of(Tokens::none(), sessions), None));
    };
    let tokens = Tokens::of(openid.clone(), clock)?;
    let sign_in = match &settings.sign_in {
        Some(client) => Some(SignIn::of(openid, client.at(public_url), clock)?),
        None => None,
    };
    Ok((Proofs::of(tokens, sessions), sign_in))
}

/// What seals the ledgers so often, under the name that the service is reached by.
fn sealer(sources: &Sources, every: Duration) -> Sealer {
    let Sources { pool, ring, clock, settings, .. } = sources;
    let name = log_name(settings.public_url.as_deref());
    Sealer::over(pool.clone(), ring.clone(), clock.clone(), name, every)
}

/// Everything that is answered, and the table of routes.
fn join_api(
    sources: &Arc<Sources>,
    actions: &Actions,
    gate: &Gate,
    live: &Live,
    sign_in: Option<SignIn>,
) -> (Router, Vec<Entry>) {
    let Sources { pool, tenancy, ring, clock, settings, .. } = &**sources;
    let refresher: Arc<dyn RefreshOrder> = Arc::new(Refresher::over(Arc::clone(sources)));
    let pages = Pages::over(gate, sources, actions, Arc::clone(&refresher));
    let orders = Orders::over(gate, settings.refresh_after).refreshing(refresher).opening(ring.clone());
    let links = Links::over(gate, sources);
    let routes = api::access_routes(gate)
        .and(api::tenant_routes(gate, sources))
        .and(orders.routes())
        .and(Acting::on(orders, actions.clone()).routes())
        .and(links.routes())
        .and(live.routes())
        .and(api::audit_routes(gate))
        .and(api::source_routes(gate, sources));
    let table = routes.entries().to_vec();
    let webhooks = inbox::routes(Inbox::new(pool.clone(), tenancy.clone(), ring.clone(), clock.clone()));
    let sign_in_state = SignInState::over(gate, ring.clone(), sign_in);
    let unlisted = api::counted_by_address(gate, webhooks).merge(dashboard::service(
        pages,
        Admin::over(gate, sources),
        sign_in_state,
    ));
    let service = api::router(gate, routes, unlisted, api::TIME_LIMIT);
    (dashboard::dress_around(service, gate.proofs.sessions.cookie()), table)
}

/// The worker that does every kind of job.
fn join_worker(sources: &Arc<Sources>, actions: &Actions, settings: WorkerSettings) -> Worker {
    let Sources { pool, ring, clock, settings: pace, .. } = &**sources;
    let deliveries = ProcessDelivery::new(pool.clone(), ring.clone(), clock.clone(), pace.links);
    let mut lanes = lanes(sources, Arc::new(deliveries));
    lanes.extend(actions.lanes());
    Worker::new(pool.clone(), clock.clone(), settings, lanes)
}

#[async_trait]
impl RefreshOrder for Refresher {
    async fn refresh(&self, tenant: TenantId, account: AccountId, mintsoft_order_id: i64) -> Refreshed {
        Self::refresh(self, tenant, account, mintsoft_order_id).await
    }
}
