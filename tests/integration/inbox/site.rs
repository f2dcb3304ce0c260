//! A ledger's webhook endpoints on a port of their own, a shop that signs, and a worker in the test's hand.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use logistics_domain::TenantId;
use logistics_ledger::clock::Clock;
use logistics_ledger::inbox::{self, Inbox, PROCESS_DELIVERY, ProcessDelivery, Waits};
use logistics_ledger::jobs::{Lane, Worker, WorkerSettings};
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::sync::links::LinkSettings;
use logistics_ledger::tenancy::{AccountType, NewConfig, NewTenant, ShopPlatform, Tenancy};
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::support::database::TestDatabase;

/// The secret that the fixtures are signed with.
pub const SECRET: &str = "fixture-secret";
/// The tenant with the prefix LADORE and both shops.
pub const LADORE: TenantId = TenantId(7);
/// Another tenant, with both shops and no logistics configuration.
pub const KALLPA: TenantId = TenantId(8);

/// Webhook endpoints that wait longer than any test takes, so that none fails for a slow machine.
pub const PATIENT: Waits = {
    let hour = Duration::from_hours(1);
    Waits { body: hour, ping: hour, database: hour, unrepeated: hour, count: hour }
};

/// Webhook endpoints, and what is behind them.
pub struct Site {
    pub database: TestDatabase,
    pub tenancy: Tenancy,
    pub ring: KeyRing,
    pub clock: Clock,
    pub address: String,
    http: reqwest::Client,
    _server: AbortOnDropHandle<()>,
}

/// An answer.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<String>,
    pub text: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }
}

impl Site {
    pub async fn create() -> Self {
        Self::waiting(PATIENT).await
    }

    /// A site whose webhook endpoints wait as long as `waits` says.
    pub async fn waiting(waits: Waits) -> Self {
        let database = TestDatabase::create_with(12).await;
        let site = Self::over(database.pool().clone(), database, waits).await;
        let now = site.clock.now();
        for (tenant, slug) in [(LADORE, "ladore"), (KALLPA, "kallpa")] {
            let added = NewTenant {
                id: tenant.0,
                name: slug.into(),
                slug: slug.into(),
                timezone: "America/Lima".into(),
            };
            site.tenancy.add_tenant(&added, now).await.unwrap();
            for platform in [ShopPlatform::Shopify, ShopPlatform::Woocommerce] {
                site.tenancy.put_shop_secret(tenant, platform, SECRET, now).await.unwrap();
            }
        }
        site.tenancy.create_config(LADORE, &shared("LADORE"), now).await.unwrap();
        site
    }

    /// Webhook endpoints over `pool`, which need not reach the database that the test looks into.
    pub async fn over(pool: PgPool, database: TestDatabase, waits: Waits) -> Self {
        let ring: KeyRing = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let clock = Clock::manual(DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        let tenancy = Tenancy::over(pool.clone(), ring.clone(), false);
        let webhooks = Inbox::waiting(waits, pool, tenancy.clone(), ring.clone(), clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = inbox::routes(webhooks);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let server = AbortOnDropHandle::new(server);
        Self { database, tenancy, ring, clock, address, http: http(), _server: server }
    }

    pub fn pool(&self) -> &PgPool {
        self.database.pool()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
        let url = format!("http://{}/api/v1/webhooks/{path}", self.address);
        let mut request = self.http.post(url).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (content_type, retry_after) = (header("content-type").unwrap_or_default(), header("retry-after"));
        Said {
            status: answer.status().as_u16(),
            content_type,
            retry_after,
            text: answer.text().await.unwrap(),
        }
    }

    /// A paid order of Shopify, signed.
    pub async fn shopify(&self, id: &str, body: &[u8]) -> Said {
        let signature = sign(SECRET, body);
        self.post("shopify/7", &shopify_headers(id, &signature), body).await
    }

    /// An updated order of WooCommerce, signed.
    pub async fn woocommerce(&self, delivery: &str, topic: &str, body: &[u8]) -> Said {
        let signature = sign(SECRET, body);
        self.post("woocommerce/7", &woocommerce_headers(delivery, topic, &signature), body).await
    }

    /// Works on everything that is due.
    pub async fn work(&self) -> usize {
        let links = LinkSettings::default();
        let handler = ProcessDelivery::new(self.pool().clone(), self.ring.clone(), self.clock.clone(), links);
        let lane = Lane::new("deliveries", 4).handle(PROCESS_DELIVERY, Arc::new(handler));
        let worker =
            Worker::new(self.pool().clone(), self.clock.clone(), WorkerSettings::default(), vec![lane]);
        worker.run_due(1000).await.unwrap()
    }

    /// How many deliveries are kept.
    pub async fn kept(&self) -> i64 {
        sqlx::query_scalar("select count(*) from inbox_deliveries").fetch_one(self.pool()).await.unwrap()
    }

    /// How many jobs of a kind are unfinished.
    pub async fn jobs(&self, kind: &str) -> i64 {
        let sql = "select count(*) from jobs where kind = $1 and state = 'ready'";
        sqlx::query_scalar(sql).bind(kind).fetch_one(self.pool()).await.unwrap()
    }

    /// State and reason of the only delivery.
    pub async fn only_delivery(&self) -> (String, Option<String>) {
        sqlx::query_as("select state, reason from inbox_deliveries").fetch_one(self.pool()).await.unwrap()
    }

    /// Name, number, external id and candidates of every link, oldest first.
    pub async fn links(&self) -> Vec<(String, Option<String>, String, Value)> {
        let sql = "select o.name, o.order_number, o.external_id, l.candidates
                   from shop_links l join orders o on o.tenant_id = l.tenant_id and o.id = l.order_id order by l.id";
        sqlx::query_as(sql).fetch_all(self.pool()).await.unwrap()
    }

    /// Why, and how often, something was turned away.
    pub async fn rejections(&self) -> Vec<(String, Option<i64>, String, i64)> {
        let sql = "select source, tenant_id, reason, count from inbox_rejections order by source, tenant_id, reason";
        sqlx::query_as(sql).fetch_all(self.pool()).await.unwrap()
    }
}

pub fn shopify_headers<'a>(id: &'a str, signature: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("content-type", "application/json"),
        ("x-shopify-topic", "orders/paid"),
        ("x-shopify-hmac-sha256", signature),
        ("x-shopify-webhook-id", id),
    ]
}

pub fn woocommerce_headers<'a>(
    delivery: &'a str,
    topic: &'a str,
    signature: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("content-type", "application/json"),
        ("x-wc-webhook-topic", topic),
        ("x-wc-webhook-signature", signature),
        ("x-wc-webhook-id", "17"),
        ("x-wc-webhook-delivery-id", delivery),
    ]
}

/// The signature of a body, as shops make it.
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A body that a shop really sent, or would.
pub fn fixture(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)).unwrap()
}

/// A paid Shopify order of this id and name.
pub fn paid_order(id: u64, name: &str) -> Vec<u8> {
    let order = json!({
        "id": id, "name": name, "financial_status": "paid", "shipping_address": {"city": "Lima"},
        "line_items": [{"requires_shipping": true}],
    });
    order.to_string().into_bytes()
}

pub fn shared(prefix: &str) -> NewConfig {
    NewConfig {
        account_type: AccountType::Shared,
        api_url: "https://api.mintsoft.co.uk".to_owned(),
        credentials: Credentials::login("ops@example.com", "password"),
        sku_prefix: Some(prefix.to_owned()),
        shared_client_id: Some(3),
        timezone: None,
        sync_enabled: true,
    }
}

#[expect(clippy::disallowed_methods, reason = "a test speaks for itself")]
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
