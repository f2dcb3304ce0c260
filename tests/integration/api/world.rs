//! A running service over a database of its own, two tenants, and a key for every role of both.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::TenantId;
use logistics_ledger::access::{KeyRequest, Role, issue_key};
use logistics_ledger::api::LimitSettings;
use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use logistics_ledger::mintsoft::MintsoftSettings;
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::database::TestDatabase;

pub const LADORE: TenantId = TenantId(7);
pub const KALLPA: TenantId = TenantId(8);

pub struct World {
    pub database: TestDatabase,
    pub clock: Clock,
    pub app: App,
    client: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Settings with which nobody is limited: a walk calls more often than a caller does.
pub fn unlimited() -> AppSettings {
    let limits = LimitSettings { per_credential: None, per_address: None, ..LimitSettings::default() };
    AppSettings { limits, ..AppSettings::default() }
}

impl World {
    /// A service that limits nobody.
    pub async fn create() -> Self {
        Self::create_with(unlimited(), Clock::manual(start())).await
    }

    /// The same with these settings.
    pub async fn with(settings: AppSettings) -> Self {
        Self::create_with(settings, Clock::manual(start())).await
    }

    /// One that may call a sandbox, at the real time, since a sandbox lives in it.
    pub async fn beside_sandbox() -> Self {
        let mintsoft = MintsoftSettings {
            allow_insecure_upstream: true,
            calls_per_second: 1000.0,
            ..MintsoftSettings::default()
        };
        Self::create_with(AppSettings { mintsoft, ..AppSettings::default() }, Clock::system()).await
    }

    /// The same with other settings, at the time of this clock.
    #[expect(clippy::disallowed_methods, reason = "the tests call as anybody does")]
    pub async fn create_with(settings: AppSettings, clock: Clock) -> Self {
        let database = TestDatabase::create_with(10).await;
        for (id, slug) in [(LADORE, "ladore"), (KALLPA, "kallpa")] {
            let (name, timezone) = (slug.to_owned(), "America/Lima".to_owned());
            let tenant = NewTenant { id: id.0, slug: name.clone(), name, timezone };
            add_tenant(database.pool(), &tenant, start()).await.unwrap();
        }
        let ring = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let app = App::start(database.pool().clone(), ring, clock.clone(), settings).await.unwrap();
        Self { database, clock, app, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A fresh key.
    pub async fn key(&self, role: Role, tenant: Option<TenantId>) -> String {
        let expires_at = Some(self.clock.now() + TimeDelta::days(1));
        let request = KeyRequest { tenant, role, label: String::new(), expires_at };
        issue_key(self.database.pool(), &request, self.clock.now()).await.unwrap().text
    }

    /// A key of the platform's staff.
    pub async fn staff(&self) -> String {
        self.key(Role::Superadmin, None).await
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.app.address()))
    }

    /// Sends JSON with a key.
    pub async fn send(&self, method: Method, path: &str, key: &str, body: &Value) -> Answer {
        answer(self.request(method, path).header("x-api-key", key).json(body)).await
    }

    /// Asks with a key.
    pub async fn get(&self, path: &str, key: &str) -> Answer {
        answer(self.request(Method::GET, path).header("x-api-key", key)).await
    }
}

/// Sends, and reads the answer; a body that is no JSON is told as text.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, headers, body }
}

impl Answer {
    /// The problem's code, once it is found to be one in the agreed form.
    pub fn code(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status.as_u16(), "{self:?}");
        assert_eq!(self.body["type"], "about:blank");
        assert!(self.body["title"].is_string());
        assert!(self.body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{self:?}");
        self.body["code"].as_str().unwrap()
    }

    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap()
    }
}
