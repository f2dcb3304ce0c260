//! What the browser looks at: the whole service over a database of its own, a simulated warehouse with orders in every
//! state, and two brands.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use logistics_domain::TenantId;
use logistics_ledger::access::{self, Credential, KeyRequest, Role, issue_key};
use logistics_ledger::actions::{ActionSettings, Actions};
use logistics_ledger::api::{Gate, RequestId};
use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use logistics_ledger::dashboard::{self, Admin, Brand, Pages, Visitor};
use logistics_ledger::mintsoft::{Credentials, MintsoftSettings};
use logistics_ledger::sandbox::{ItemSpec, OrderSpec, Sandbox, SandboxSettings, WorldHandle, status};
use logistics_ledger::sync::links::{LinkRequest, LinkSettings, Origin, request_link};
use logistics_ledger::sync::{Refresher, SyncSettings};
use logistics_ledger::tenancy::{AccountType, NewConfig, NewTenant, Tenancy};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::database::TestDatabase;
use crate::support::service::until;

pub const LADORE: TenantId = TenantId(7);
pub const KALLPA: TenantId = TenantId(8);
const CLIENT: i64 = 3;

pub struct Site {
    pub app: App,
    pub database: TestDatabase,
    pub mintsoft: WorldHandle,
    pub url: String,
    sandbox: Sandbox,
    clock: Clock,
}

impl Site {
    /// Two brands with orders in every state.
    pub async fn create() -> Self {
        let database = TestDatabase::create_with(16).await;
        let (clock, ring) = (Clock::system(), format!("k1:{}=", "A".repeat(43)).parse().unwrap());
        let sandbox = Sandbox::start(SandboxSettings::default()).await.expect("the sandbox starts");
        let settings = AppSettings {
            mintsoft: MintsoftSettings {
                allow_insecure_upstream: true,
                calls_per_second: 1000.0,
                ..MintsoftSettings::default()
            },
            sync: SyncSettings {
                poll_interval: Duration::from_secs(2),
                links: LinkSettings {
                    retry_every: Duration::from_millis(200),
                    retry_for: Duration::from_millis(400),
                },
                ..SyncSettings::default()
            },
            ..AppSettings::default()
        };
        let mintsoft = sandbox.world();
        furnish(&mintsoft);
        let app = App::start(database.pool().clone(), ring, clock.clone(), settings).await.unwrap();
        let tenancy = app.sources().tenancy.clone();
        for (tenant, name) in [(LADORE, "Ladore"), (KALLPA, "Kallpa")] {
            configure(&tenancy, &clock, &sandbox.url(), tenant, name).await;
        }
        let mut site = Self { app, database, mintsoft, url: String::new(), sandbox, clock };
        site.url = site.serve().await;
        site.ask_for_links().await;
        let all = site.mintsoft.order_ids().len();
        until("every order was read", async || site.count().await == all).await;
        site
    }

    async fn count(&self) -> usize {
        let counted: i64 = sqlx::query_scalar("select count(*) from logistics_orders")
            .fetch_one(self.database.owner_pool())
            .await
            .unwrap();
        usize::try_from(counted).unwrap()
    }

    async fn ask_for_links(&self) {
        let mut connection = self.database.pool().acquire().await.unwrap();
        for (id, name) in [(1001, "#1001"), (1003, "#1003"), (1900, "#1900"), (1901, "#1901")] {
            let request = LinkRequest {
                tenant: LADORE,
                origin: Origin::Host { order_id: id },
                name: name.to_owned(),
                order_number: None,
                requested_by: "test".to_owned(),
            };
            let links = &self.app.sources().settings.links;
            request_link(&mut connection, &request, links, self.clock.now()).await.unwrap();
        }
    }

    /// The pages, with a visitor as a session would give one.
    async fn serve(&self) -> String {
        let sources = self.app.sources();
        let gate = Gate::over(sources.pool.clone(), sources.tenancy.clone(), self.clock.clone());
        let (tenant, role) = (Some(LADORE), Role::Admin);
        let key = KeyRequest { tenant, role, label: String::new(), expires_at: None };
        let key = issue_key(&sources.pool, &key, self.clock.now()).await.unwrap().text;
        let proof = Credential::Key(&key);
        let known = access::authenticate(&sources.pool, &gate.proofs, proof, self.clock.now()).await.unwrap();
        let caller = known.for_tenant(Some(LADORE)).unwrap();
        let brand = |id, name: &str| Brand { id, name: name.to_owned(), zone: Tz::America__Lima };
        let visitor = Visitor {
            caller,
            name: "Rosa Quispe".to_owned(),
            email: Some("rosa@ladore.example".to_owned()),
            brand: Some(brand(LADORE, "Ladore")),
            brands: vec![brand(LADORE, "Ladore"), brand(KALLPA, "Kallpa")],
            csrf: "proof".to_owned(),
        };
        let refresher = Arc::new(Refresher::over(Arc::clone(sources)));
        let actions = Actions::over(sources, ActionSettings::with_calls_of(Duration::from_secs(30)));
        tokio::spawn(actions.clone().listen(CancellationToken::new()));
        let pages = Pages::over(&gate, sources, &actions, refresher);
        let router: Router = dashboard::router(pages, Admin::over(&gate, sources))
            .layer(from_fn_with_state(visitor, visiting));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The warehouse's id of an order.
    pub fn number_of(&self, number: &str) -> i64 {
        let named = |id: &i64| self.mintsoft.order(*id).is_some_and(|order| order.number == number);
        self.mintsoft.order_ids().into_iter().find(named).expect("the order is there")
    }

    pub async fn close(self) {
        self.app.stop().await;
        self.sandbox.stop().await;
    }
}

async fn visiting(State(visitor): State<Visitor>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(RequestId("of-a-test".to_owned()));
    next.run(request).await
}

pub async fn configure(tenancy: &Tenancy, clock: &Clock, url: &str, tenant: TenantId, name: &str) {
    let slug = name.to_lowercase();
    let new =
        NewTenant { id: tenant.0, name: name.into(), slug: slug.clone(), timezone: "America/Lima".into() };
    tenancy.add_tenant(&new, clock.now()).await.unwrap();
    let config = NewConfig {
        account_type: AccountType::Shared,
        api_url: url.to_owned(),
        credentials: Credentials::login("ops@warehouse.example", "sandbox"),
        sku_prefix: Some(slug.to_uppercase()),
        shared_client_id: Some(CLIENT),
        timezone: None,
        sync_enabled: true,
    };
    tenancy.create_config(tenant, &config, clock.now()).await.unwrap();
}

/// Orders in every state.
#[expect(clippy::disallowed_methods, reason = "the sandbox keeps real time here, as the browser does")]
pub fn furnish(mintsoft: &WorldHandle) {
    let now = Utc::now();
    for n in 0..26_i64 {
        let brand = if n % 9 == 8 { "kallpa" } else { "ladore" };
        let item = |name: &str, quantity| ItemSpec {
            sku: format!("{}_{name}", brand.to_uppercase()),
            quantity,
            price: 89.9,
            weight: 0.35,
        };
        let id = mintsoft.create_order(OrderSpec {
            client_id: CLIENT,
            number: format!("{brand}-{}", 1001 + n),
            items: vec![item("SERUM_30ML", 1 + i32::try_from(n % 3).unwrap()), item("CREMA_50ML", 1)],
            order_date: Some(now - TimeDelta::hours(5 * n + 2)),
            required_despatch_date: Some(now + TimeDelta::hours(20 - 5 * n)),
            ..OrderSpec::default()
        });
        let tracking = format!("JD00022{:08}", 41_000 + n * 137);
        match n % 8 {
            1 => mintsoft.set_status(id, status::PRINTED).unwrap(),
            2 | 3 => {
                mintsoft.despatch(id, Some(&tracking)).unwrap();
                mintsoft.add_tracking_event(id, "InTransit").unwrap();
            }
            4 => {
                mintsoft.despatch(id, Some(&tracking)).unwrap();
                mintsoft.add_tracking_event(id, "OutForDelivery").unwrap();
                mintsoft.add_tracking_event(id, "Delivered").unwrap();
            }
            5 => mintsoft.set_status(id, 9).unwrap(),
            6 => mintsoft.despatch(id, None).unwrap(),
            7 => mintsoft.cancel(id).unwrap(),
            _ => {}
        }
    }
}
