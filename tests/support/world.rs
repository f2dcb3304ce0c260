//! A small world: a sandbox that plays Mintsoft, tenants configured on it, and the sources with their jobs, all in one
//! process on a database of their own. Jobs run when the test says so.

use std::sync::Arc;
use std::time::Duration;

use logistics_domain::{AccountId, OrderStreamId, TenantId};
use logistics_ledger::clock::Clock;
use logistics_ledger::inbox::ProcessDelivery;
use logistics_ledger::jobs::{Worker, WorkerSettings};
use logistics_ledger::ledger::{Ledger, LedgerSettings, OrderAddress};
use logistics_ledger::mintsoft::{Credentials, MintsoftClient, MintsoftSettings};
use logistics_ledger::sandbox::{OrderSpec, Sandbox, SandboxSettings, WorldHandle};
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::sync::lanes::lanes;
use logistics_ledger::sync::links::LinkSettings;
use logistics_ledger::sync::reactions::reactions;
use logistics_ledger::sync::runs::{self, Asked, SyncRun};
use logistics_ledger::sync::{Cause, NamesCache, Sources, SyncSettings};
use logistics_ledger::tenancy::{AccountType, NewConfig, NewTenant, Tenancy};
use sqlx::PgPool;

use super::database::TestDatabase;

pub const LADORE: TenantId = TenantId(7);
pub const KALLPA: TenantId = TenantId(8);

/// The client of the sandbox's warehouse that both brands are booked under.
pub const CLIENT: i64 = 3;

pub struct World {
    pub database: TestDatabase,
    pub sandbox: Sandbox,
    pub mintsoft: WorldHandle,
    pub sources: Arc<Sources>,
    pub account: AccountId,
    pub clock: Clock,
}

impl World {
    /// Two brands that share an account at the sandbox.
    pub async fn shared() -> Self {
        Self::with(SyncSettings::default(), SandboxSettings::default()).await
    }

    pub async fn with(settings: SyncSettings, sandbox: SandboxSettings) -> Self {
        let database = TestDatabase::create_with(12).await;
        let sandbox = Sandbox::start(sandbox).await.expect("the sandbox starts");
        let clock = Clock::system();
        let sources = sources(database.pool(), clock.clone(), settings);
        let tenancy = &sources.tenancy;
        let mut account = None;
        for (tenant, prefix) in [(LADORE, "LADORE"), (KALLPA, "KALLPA")] {
            account = Some(configure(tenancy, &clock, &sandbox.url(), tenant, prefix).await);
        }
        let mintsoft = sandbox.world();
        Self { database, sandbox, mintsoft, sources, account: account.expect("an account"), clock }
    }

    /// Another brand joins the account.
    pub async fn join(&self, tenant: i64, prefix: &str) {
        let url = self.sandbox.url();
        let account = configure(&self.sources.tenancy, &self.clock, &url, TenantId(tenant), prefix).await;
        assert_eq!(account, self.account);
    }

    /// Another brand, on an account of its own.
    pub async fn settle_elsewhere(&self, sandbox: &Sandbox, tenant: i64, prefix: &str) -> AccountId {
        configure(&self.sources.tenancy, &self.clock, &sandbox.url(), TenantId(tenant), prefix).await
    }

    /// The same sources with another way to Mintsoft.
    pub fn call_with(&mut self, settings: MintsoftSettings) {
        let (pool, ring, clock) = (self.pool().clone(), self.sources.ring.clone(), self.clock.clone());
        let mintsoft = MintsoftClient::new(pool, ring, clock, settings).expect("a client");
        self.sources = Arc::new(Sources { mintsoft, ..(*self.sources).clone() });
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// A worker that does every kind of job, as the service has it.
    pub fn worker(&self) -> Worker {
        let sources = &self.sources;
        let (pool, ring, clock) = (self.pool().clone(), sources.ring.clone(), self.clock.clone());
        let deliveries = Arc::new(ProcessDelivery::new(pool, ring, clock, sources.settings.links));
        let settings = WorkerSettings { poll_every: Duration::from_millis(50), ..WorkerSettings::default() };
        Worker::new(self.pool().clone(), self.clock.clone(), settings, lanes(sources, deliveries))
    }

    /// Does what is due until nothing is.
    pub async fn settle(&self) {
        let worker = self.worker();
        for _ in 0..50 {
            if worker.run_due(200).await.expect("the database answers") == 0 {
                return;
            }
        }
        panic!("jobs keep making jobs");
    }

    /// Reads the account once and answers what the run came to.
    pub async fn poll(&self) -> SyncRun {
        let asked = runs::ask(self.pool(), self.account, "test", self.clock.now()).await.expect("a run");
        let (Asked::Queued(run) | Asked::UnderWay(run)) = asked;
        self.settle().await;
        runs::find(self.pool(), self.account, run.run_id).await.expect("an answer").expect("the run")
    }

    /// Re-reads one order by its id.
    pub async fn read_whole(&self, mintsoft_order_id: i64) {
        let account = self.sources.account(self.account, None).await.expect("the account");
        let cause = Cause::own(logistics_domain::Source::Recheck, "job:1");
        self.sources.read_whole(&account, mintsoft_order_id, &cause).await.expect("a reading");
    }

    /// An order of Ladore's in the warehouse.
    pub fn order(&self, number: &str) -> i64 {
        self.mintsoft.create_order(OrderSpec::of(CLIENT, number, &[("LADORE_SH200", 1)]))
    }

    pub fn stream(&self, mintsoft_order_id: i64) -> OrderStreamId {
        OrderStreamId::derive(self.account, mintsoft_order_id)
    }

    /// Where an order of Ladore's stands in the ledger.
    pub fn address(&self, mintsoft_order_id: i64) -> OrderAddress {
        OrderAddress { tenant: LADORE, account: self.account, mintsoft_order_id }
    }

    /// The names of an order's events, in order.
    pub async fn history(&self, mintsoft_order_id: i64) -> Vec<String> {
        sqlx::query_scalar("select event_type from events where aggregate_id = $1 order by sequence")
            .bind(self.stream(mintsoft_order_id).to_string())
            .fetch_all(self.pool())
            .await
            .expect("events")
    }

    /// One value of an order's row, as text; `None` where the row or the value is missing.
    pub async fn row(&self, mintsoft_order_id: i64, column: &str) -> Option<String> {
        let value: Option<Option<String>> =
            sqlx::query_scalar("select to_jsonb(o)->>$2 from logistics_orders o where id = $1")
                .bind(self.stream(mintsoft_order_id).0)
                .bind(column)
                .fetch_optional(self.pool())
                .await
                .expect("a row");
        value.flatten()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect("a count")
    }

    /// The reasons why rows are parked, by number.
    pub async fn parked(&self) -> Vec<(String, String)> {
        sqlx::query_as(
            "select coalesce(order_number, ''), reason from parked_orders where resolved_at is null order by 1, 2",
        )
        .fetch_all(self.pool())
        .await
        .expect("parked rows")
    }
}

async fn configure(
    tenancy: &Tenancy,
    clock: &Clock,
    sandbox_url: &str,
    tenant: TenantId,
    prefix: &str,
) -> AccountId {
    let slug = prefix.to_lowercase();
    let new = NewTenant { id: tenant.0, name: prefix.into(), slug, timezone: "America/Lima".into() };
    tenancy.add_tenant(&new, clock.now()).await.expect("a tenant");
    let config = NewConfig {
        account_type: AccountType::Shared,
        api_url: sandbox_url.into(),
        credentials: Credentials::login("ops@warehouse.example", "sandbox"),
        sku_prefix: Some(prefix.into()),
        shared_client_id: Some(CLIENT),
        timezone: Some("Europe/London".into()),
        sync_enabled: true,
    };
    tenancy.create_config(tenant, &config, clock.now()).await.expect("a configuration").account_id
}

/// The sources over a database, as the service joins them.
pub fn sources(pool: &PgPool, clock: Clock, settings: SyncSettings) -> Arc<Sources> {
    let ring: KeyRing = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".parse().expect("a key ring");
    let ledger = Ledger::start(
        pool.clone(),
        Arc::new(ring.clone()),
        clock.clone(),
        LedgerSettings::default(),
        reactions(settings.public_url.is_some()),
    );
    let mintsoft =
        MintsoftClient::new(pool.clone(), ring.clone(), clock.clone(), upstream()).expect("a client");
    Arc::new(Sources {
        pool: pool.clone(),
        ledger,
        mintsoft,
        tenancy: Tenancy::over(pool.clone(), ring.clone(), true),
        ring,
        names: NamesCache::over(pool.clone(), clock.clone()),
        clock,
        settings: Arc::new(settings),
    })
}

/// How the sandbox is called.
pub fn upstream() -> MintsoftSettings {
    MintsoftSettings {
        allow_insecure_upstream: true,
        calls_per_second: 1e6,
        retry_base: Duration::from_millis(10),
        retries_max: 1,
        ..MintsoftSettings::default()
    }
}

/// Links that are looked for quickly, `looks` times in all.
pub fn quick_links(looks: u32) -> LinkSettings {
    let every = Duration::from_millis(20);
    LinkSettings { retry_every: every, retry_for: every * (looks - 1) }
}
