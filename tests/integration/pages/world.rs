//! A service whose ledger holds orders of several brands, and people who are signed in.

use std::collections::BTreeMap;
use std::sync::Arc;

use logistics_domain::TenantId;
use logistics_ledger::access::{PersonRequest, Role, SessionSettings, add_person, begin_session};
use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use logistics_ledger::ledger::{Ledger, LedgerSettings};
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::{Method, redirect};

use crate::rebuild::world::{live, ring, start};
use crate::support::database::TestDatabase;

pub const ORDERS: &str = "/dashboard/orders";

/// Brands whose orders the ledger of the tests writes.
pub const FIRST: TenantId = TenantId(1);
pub const SECOND: TenantId = TenantId(2);

pub struct World {
    pub database: TestDatabase,
    pub clock: Clock,
    app: App,
    client: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl World {
    /// Four brands with as many orders in all.
    pub async fn with_orders(orders: i64) -> Self {
        Self::with(orders, AppSettings::default()).await
    }

    /// The same, of a service that is set so.
    #[expect(clippy::disallowed_methods, reason = "the tests call as anybody does")]
    pub async fn with(orders: i64, settings: AppSettings) -> Self {
        let database = TestDatabase::create_with(16).await;
        for id in 1..=4 {
            let slug = format!("brand-{id}");
            let tenant = NewTenant { id, name: slug.clone(), slug, timezone: "America/Lima".into() };
            add_tenant(database.pool(), &tenant, start()).await.unwrap();
        }
        let (keys, clock) = (KeyRing::clone(&ring("k1")), Clock::manual(start()));
        let reactions = Arc::new(|_: &_, _: &_, _: &[_], _| vec![]);
        let writer = Ledger::start(
            database.pool().clone(),
            ring("k1"),
            clock.clone(),
            LedgerSettings::default(),
            reactions,
        );
        live(&writer, 1, orders, 0..3).await;
        let app = App::start(database.pool().clone(), keys, clock.clone(), settings).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
        Self { database, clock, app, client: client.build().unwrap() }
    }

    /// The cookie of a person who just signed in, with roles for these brands; staff where there is none.
    pub async fn sign_in(&self, sub: &str, role: Role, brands: &[TenantId]) -> String {
        let tenants = if brands.is_empty() { vec![None] } else { brands.iter().copied().map(Some).collect() };
        for tenant in tenants {
            let (email, name) = (format!("{sub}@x.example"), sub.to_owned());
            let request = PersonRequest { sub: sub.to_owned(), email, name, tenant, role };
            add_person(self.database.pool(), &request, "test", self.clock.now()).await.unwrap();
        }
        let settings = SessionSettings::default();
        let token = begin_session(self.database.pool(), settings, sub, self.clock.now()).await.unwrap();
        format!("{}={token}", settings.cookie())
    }

    pub async fn get(&self, cookie: &str, place: &str, headers: &[(&str, &str)]) -> Seen {
        self.ask(Method::GET, cookie, place, headers, &[]).await
    }

    pub async fn ask(
        &self,
        method: Method,
        cookie: &str,
        place: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Seen {
        let address = format!("http://{}{place}", self.app.address());
        let mut request = self.client.request(method, address);
        let is_given = headers.iter().any(|(name, _)| *name == "accept-language");
        let usual = [("cookie", cookie), ("accept-language", "es")];
        for (name, value) in usual[..if is_given { 1 } else { 2 }].iter().chain(headers) {
            request = request.header(*name, *value);
        }
        if !form.is_empty() {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(text);
        }
        let response = request.send().await.unwrap();
        let named = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        };
        let headers = response.headers().iter().filter(|(name, _)| *name != SET_COOKIE).map(named).collect();
        Seen { status: response.status().as_u16(), headers, text: response.text().await.unwrap() }
    }
}

impl Seen {
    /// Where it leads.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert!((300..400).contains(&self.status), "{self:?}");
        &self.headers[LOCATION.as_str()]
    }

    /// What stands between the marks, each time.
    pub fn between(&self, before: &str, after: &str) -> Vec<String> {
        let parts = self.text.split(before).skip(1);
        parts.filter_map(|rest| rest.split_once(after)).map(|(held, _)| held.replace("&#38;", "&")).collect()
    }

    /// The orders of a list, in their order.
    pub fn orders(&self) -> Vec<String> {
        self.between("id=\"order-", "\"")
    }

    /// The addresses of the files.
    pub fn exports(&self) -> Vec<String> {
        let rest = self.between("class=\"item\" href=\"/api", "\"");
        rest.into_iter().map(|rest| format!("/api{rest}")).collect()
    }

    /// The address of a link by its relation.
    pub fn link(&self, relation: &str) -> Option<String> {
        self.between(&format!("rel=\"{relation}\" href=\""), "\"").pop()
    }
}
