//! A service that signs people in, and a browser as far as sign-in needs one.

use std::collections::BTreeMap;

use logistics_domain::TenantId;
use logistics_ledger::access::{OpenIdSettings, PersonRequest, Role, add_person};
use logistics_ledger::api::LimitSettings;
use logistics_ledger::app::{App, AppSettings, SignInClient};
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{OpenIdClient, OpenIdHandle, Sandbox, SandboxSettings};
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, redirect};
use url::Url;

use crate::support::database::TestDatabase;

pub const LADORE: TenantId = TenantId(7);
pub const KALLPA: TenantId = TenantId(8);

pub const ORDERS: &str = "/dashboard/orders";
pub const SESSION: &str = "ledger_session";

/// A secret that HTTP Basic must encode.
const SECRET: &str = "a secret:with%signs";

pub struct Site {
    pub database: TestDatabase,
    pub clock: Clock,
    pub provider: OpenIdHandle,
    pub url: String,
    _app: App,
    _sandbox: Sandbox,
}

impl Site {
    pub async fn create() -> Self {
        Self::reached_at(None).await
    }

    pub async fn reached_at(public_url: Option<&str>) -> Self {
        Self::with(public_url, LimitSettings::default()).await
    }

    /// Two brands, and the demo's people in their roles.
    pub async fn with(public_url: Option<&str>, limits: LimitSettings) -> Self {
        let database = TestDatabase::create_with(10).await;
        let clock = Clock::manual(chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        for (id, slug) in [(LADORE, "ladore"), (KALLPA, "kallpa")] {
            let (name, timezone) = (slug.to_uppercase(), "America/Lima".to_owned());
            let tenant = NewTenant { id: id.0, slug: slug.to_owned(), name, timezone };
            add_tenant(database.pool(), &tenant, clock.now()).await.unwrap();
        }
        let sandbox = SandboxSettings { clock: clock.clone(), ..SandboxSettings::default() };
        let sandbox = Sandbox::start(sandbox).await.unwrap();
        let provider = sandbox.openid();
        let (issuer, audience) = (provider.issuer(), provider.audience());
        let client = SignInClient { client_id: "ledger".to_owned(), client_secret: Some(SECRET.to_owned()) };
        let mut settings = AppSettings {
            openid: Some(OpenIdSettings { issuer, audience, insecure: true }),
            sign_in: Some(client),
            limits,
            ..AppSettings::default()
        };
        settings.sync.public_url = public_url.map(str::to_owned);
        let ring = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let app = App::start(database.pool().clone(), ring, clock.clone(), settings).await.unwrap();
        let url = format!("http://{}", app.address());
        let public = public_url.unwrap_or(&url);
        provider.register(OpenIdClient {
            client_id: "ledger".to_owned(),
            secret: Some(SECRET.to_owned()),
            redirect_uris: vec![format!("{public}/dashboard/sign-in/return")],
            post_logout_redirect_uris: vec![format!("{public}/dashboard/sign-in")],
        });
        let site = Self { database, clock, provider, url, _app: app, _sandbox: sandbox };
        site.person("demo|viewer", Role::Viewer, Some(LADORE)).await;
        site.person("demo|admin", Role::Admin, Some(LADORE)).await;
        site.person("demo|admin", Role::Ventas, Some(KALLPA)).await;
        site.person("demo|superadmin", Role::Superadmin, None).await;
        site
    }

    async fn person(&self, sub: &str, role: Role, tenant: Option<TenantId>) {
        let (email, name) = ("somebody@x.example".to_owned(), format!("Name of {sub}"));
        let request = PersonRequest { sub: sub.to_owned(), email, name, tenant, role };
        add_person(self.database.pool(), &request, "test", self.clock.now()).await.unwrap();
    }

    pub fn browser(&self) -> Browser {
        Browser::open(&self.url)
    }

    pub async fn sessions(&self) -> i64 {
        sqlx::query_scalar("select count(*) from sessions").fetch_one(self.database.pool()).await.unwrap()
    }
}

pub struct Browser {
    base: Url,
    client: reqwest::Client,
    pub cookies: BTreeMap<String, String>,
}

/// A page, or the way to one.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub set: Vec<String>,
}

impl Seen {
    /// Where it leads.
    #[track_caller]
    pub fn leads_to(&self) -> String {
        assert!((300..400).contains(&self.status), "{self:?}");
        self.headers[LOCATION].to_str().unwrap().to_owned()
    }

    /// The proof that forms of the page carry.
    #[track_caller]
    pub fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The address of the last link before these words.
    #[track_caller]
    pub fn link(&self, words: &str) -> String {
        let (before, _) = self.text.rsplit_once(words).expect("the words are on the page");
        let (_, rest) = before.rsplit_once("href=\"").unwrap();
        rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#38;", "&")
    }
}

impl Browser {
    #[expect(clippy::disallowed_methods, reason = "the tests call as anybody does")]
    pub fn open(url: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none());
        let client = client.build().unwrap();
        Self { base: url.parse().unwrap(), client, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, place: &str) -> Seen {
        self.ask(Method::GET, place, None).await
    }

    pub async fn post(&mut self, place: &str, form: &[(&str, &str)]) -> Seen {
        self.ask(Method::POST, place, Some(form)).await
    }

    async fn ask(&mut self, method: Method, place: &str, form: Option<&[(&str, &str)]>) -> Seen {
        let url = self.base.join(place).unwrap();
        let is_ours = url.origin() == self.base.origin();
        let mut request = self.client.request(method, url).header("accept-language", "es");
        if is_ours && !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("cookie", pairs.collect::<Vec<_>>().join("; "));
        }
        if let Some(form) = form {
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(text);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let set = headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned());
        let set: Vec<String> = set.collect();
        for cookie in set.iter().filter(|_| is_ours) {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Seen { status, headers, text: response.text().await.unwrap(), set }
    }

    /// From the first page to the provider's answer: the address that a person is sent back to.
    pub async fn go_to_provider(&mut self, next: &str, person: &str) -> String {
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let off = self.get(&format!("/dashboard/sign-in/begin?next={query}")).await.leads_to();
        self.choose(&off, person).await
    }

    /// The click on a person at the provider, and where it leads.
    pub async fn choose(&mut self, off: &str, person: &str) -> String {
        let choice = self.get(off).await;
        assert_eq!(choice.status, 200, "{choice:?}");
        let click = Url::parse(off).unwrap().join(&choice.link(person)).unwrap();
        self.get(click.as_str()).await.leads_to()
    }

    /// Signs in as one of the demo's people, and answers the way on.
    pub async fn sign_in(&mut self, person: &str) -> Seen {
        let back = self.go_to_provider(ORDERS, person).await;
        self.get(&back).await
    }
}
