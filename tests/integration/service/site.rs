//! A service, the sandbox it reads, and two brands that share an account there, all configured over the API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use logistics_domain::TenantId;
use logistics_ledger::access::{
    KeyRequest, PersonRequest, Role, SessionSettings, add_person, begin_session, issue_key,
};
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{OrderSpec, Sandbox, SandboxSettings, WorldHandle};
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;

use crate::support::database::TestDatabase;
use crate::support::service::{Reply, Service, until};

pub const LADORE: TenantId = TenantId(7);
pub const KALLPA: TenantId = TenantId(8);

/// Both brands: number, prefix.
pub const BRANDS: [(TenantId, &str); 2] = [(LADORE, "LADORE"), (KALLPA, "KALLPA")];

/// The client of the warehouse that both brands are booked under.
pub const CLIENT: i64 = 3;

/// What the shops of both brands sign with.
pub const SHOP_SECRET: &str = "shpss_of-both-brands";

/// The service stands first: it ends before its database goes.
pub struct Site {
    pub service: Service,
    pub database: TestDatabase,
    sandbox: Sandbox,
    pub mintsoft: WorldHandle,
    pub staff: String,
    /// A key of Ladore's administrator.
    pub ladore: String,
}

impl Site {
    /// With these environment variables.
    pub async fn create(settings: &[(&str, &str)]) -> Self {
        Self::with(settings, SandboxSettings::default()).await
    }

    pub async fn with(settings: &[(&str, &str)], sandbox: SandboxSettings) -> Self {
        let user = sandbox.users[0].clone();
        let database = TestDatabase::create_with(4).await;
        let sandbox = Sandbox::start(sandbox).await.expect("the sandbox starts");
        let service = Service::start(database.url(), settings).await;
        let staff = key(database.pool(), Role::Superadmin, None).await;
        let mintsoft = sandbox.world();
        let ladore = String::new();
        let mut site = Self { service, database, sandbox, mintsoft, staff, ladore };
        for (tenant, prefix) in BRANDS {
            let slug = prefix.to_lowercase();
            let new = NewTenant { id: tenant.0, name: prefix.into(), slug, timezone: "America/Lima".into() };
            add_tenant(site.pool(), &new, Clock::system().now()).await.expect("a tenant");
            let config = json!({
                "provider": "mintsoft", "account_type": "shared", "api_url": site.sandbox.url(),
                "credentials": {"username": user.username, "password": user.password},
                "sku_prefix": prefix, "shared_client_id": CLIENT, "timezone": "Europe/London", "sync_enabled": true,
            });
            site.staff(Method::POST, &format!("tenants/{tenant}/logistics-config"), &config)
                .await
                .expect(201);
            let shop = json!({"webhook_secret": SHOP_SECRET});
            site.staff(Method::PUT, &format!("tenants/{tenant}/shops/shopify"), &shop).await.expect(200);
        }
        site.ladore = site.key(Role::Admin, LADORE).await;
        site
    }

    /// The same, with the first poll done. A service that starts plans its polls at once, so it is started again.
    pub async fn settled(settings: &[(&str, &str)]) -> Self {
        let mut site = Self::create(settings).await;
        site.service.restart().await;
        until("the account was read once", async || {
            site.count("select count(*) from sync_runs where state = 'done'").await > 0
        })
        .await;
        site
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    /// Sends as the platform's staff, to a path under `/api/v1/`.
    pub async fn staff(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.service.send(method, &format!("/api/v1/{path}"), &self.staff, body).await
    }

    /// Asks as Ladore's administrator.
    pub async fn get(&self, path: &str) -> Reply {
        self.service.get(&format!("/api/v1/{path}"), &self.ladore).await
    }

    pub async fn key(&self, role: Role, tenant: TenantId) -> String {
        key(self.pool(), role, Some(tenant)).await
    }

    /// An order of Ladore's in the warehouse, of two lines.
    pub fn order(&self, number: &str) -> i64 {
        let items = [("LADORE_SERUM", 1), ("LADORE_CREMA", 2)];
        self.mintsoft.create_order(OrderSpec::of(CLIENT, number, &items))
    }

    /// Has the account read, and waits until that is done.
    pub async fn sync(&self) {
        let path = format!("tenants/{LADORE}/logistics/sync");
        let mut asked = self.staff(Method::POST, &path, &Value::Null).await;
        while asked.status == 409 {
            let path = format!("{path}/{}", asked.body["run_id"].as_str().unwrap());
            self.run_ends(&path).await;
            asked = self.staff(Method::POST, &format!("tenants/{LADORE}/logistics/sync"), &Value::Null).await;
        }
        let run = asked.expect(202);
        let ended = self.run_ends(&format!("{path}/{}", run["run_id"].as_str().unwrap())).await;
        assert_eq!(ended["state"], "done", "{ended}");
    }

    /// The same, but it may fail.
    pub async fn sync_however_it_ends(&self) {
        let path = format!("tenants/{LADORE}/logistics/sync");
        let asked = self.staff(Method::POST, &path, &Value::Null).await;
        assert!([202, 409].contains(&asked.status), "{}", asked.text);
        self.run_ends(&format!("{path}/{}", asked.body["run_id"].as_str().unwrap())).await;
    }

    async fn run_ends(&self, path: &str) -> Value {
        let mut run = Value::Null;
        until("the run ends", async || {
            run = self.service.get(&format!("/api/v1/{path}"), &self.staff).await.expect(200);
            ["done", "failed"].contains(&run["state"].as_str().unwrap())
        })
        .await;
        run
    }

    /// The cookie of one of Ladore's people, who just signed in to the pages.
    pub async fn sign_in(&self) -> String {
        let (sub, tenant, role) = ("rosa".to_owned(), Some(LADORE), Role::Admin);
        let (email, name) = ("rosa@ladore.example".to_owned(), "Rosa Quispe".to_owned());
        let (request, now) = (PersonRequest { sub, email, name, tenant, role }, Clock::system().now());
        add_person(self.pool(), &request, "test", now).await.expect("a person");
        let settings = SessionSettings::default();
        let token = begin_session(self.pool(), settings, "rosa", now).await.expect("a session");
        format!("{}={token}", settings.cookie())
    }

    /// A page under `/dashboard/orders/`, in Spanish.
    pub async fn page(&self, cookie: &str, rest: &str) -> String {
        let request = self.service.request(Method::GET, &format!("/dashboard/orders/{rest}"));
        let page = Reply::to(request.header("cookie", cookie).header("accept-language", "es")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        page.text
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect("a count")
    }

    /// One value of an order's row, as text; `None` where the row or the value is missing.
    pub async fn row(&self, mintsoft_order_id: i64, column: &str) -> Option<String> {
        let sql = "select to_jsonb(o)->>$2 from logistics_orders o where mintsoft_order_id = $1";
        let found: Option<Option<String>> = sqlx::query_scalar(sql)
            .bind(mintsoft_order_id)
            .bind(column)
            .fetch_optional(self.pool())
            .await
            .expect("a row");
        found.flatten()
    }

    /// Waits until a value of an order's row is this.
    pub async fn becomes(&self, mintsoft_order_id: i64, column: &str, value: &str) {
        until(&format!("the {column} of {mintsoft_order_id} is {value}"), async || {
            self.row(mintsoft_order_id, column).await.as_deref() == Some(value)
        })
        .await;
    }

    /// The ledger's id of an order.
    pub async fn id_of(&self, mintsoft_order_id: i64) -> String {
        self.row(mintsoft_order_id, "id").await.expect("the order is known")
    }

    /// A paid order as Shopify delivers it, signed.
    pub fn paid(&self, tenant: TenantId, webhook_id: &str, shop_id: u64, name: &str) -> RequestBuilder {
        let body = json!({
            "id": shop_id, "name": name, "financial_status": "paid", "shipping_address": {"city": "Lima"},
            "line_items": [{"requires_shipping": true}],
        })
        .to_string();
        self.service
            .request(Method::POST, &format!("/api/v1/webhooks/shopify/{tenant}"))
            .header("content-type", "application/json")
            .header("x-shopify-topic", "orders/paid")
            .header("x-shopify-webhook-id", webhook_id)
            .header("x-shopify-hmac-sha256", sign(SHOP_SECRET, body.as_bytes()))
            .body(body)
    }
}

async fn key(pool: &PgPool, role: Role, tenant: Option<TenantId>) -> String {
    let request = KeyRequest { tenant, role, label: String::new(), expires_at: None };
    issue_key(pool, &request, Clock::system().now()).await.expect("a key").text
}

/// The signature of a body, as shops make it.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}
