//! The world of `ledger demo`, standing still and at hand: the whole service as it runs in earnest, the simulated
//! warehouse with its OpenID provider, and a shop that signs. Whoever looks has signed in by a click on a person.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::Locator;
use hmac::{Hmac, KeyInit as _, Mac as _};
use logistics_domain::TenantId;
use logistics_ledger::access::{OpenIdSettings, PersonRequest, Role, add_person};
use logistics_ledger::app::{App, AppSettings, SignInClient};
use logistics_ledger::clock::Clock;
use logistics_ledger::jobs::{NewJob, enqueue};
use logistics_ledger::mintsoft::MintsoftSettings;
use logistics_ledger::sandbox::{DemoPerson, OpenIdClient, OrderSpec, Sandbox, SandboxSettings, WorldHandle};
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::sync::SyncSettings;
use logistics_ledger::sync::links::LinkSettings;
use logistics_ledger::sync::overdue::FIND_OVERDUE;
use logistics_ledger::tenancy::{NewTenant, ShopPlatform, Tenancy};
use serde_json::json;
use sha2::Sha256;
use sqlx::PgPool;

use super::driver::Browser;
use super::site::{KALLPA, LADORE, configure, furnish};
use crate::support::database::TestDatabase;
use crate::support::service::{free_address, until};

/// The people of the demo: of logistics at Ladore, who runs both brands, who only reads, and of the platform's staff.
pub const LUCIA: &str = "Lucía Lozano";
pub const ANA: &str = "Ana Díaz";
pub const VALERIA: &str = "Valeria Vera";
pub const SERGIO: &str = "Sergio Sáenz";

/// A brand without orders.
pub const WAYRA: TenantId = TenantId(9);

const SHOP_SECRET: &str = "a secret";
const CLIENT: &str = "ledger-demo";

pub struct Demo {
    pub app: App,
    pub database: TestDatabase,
    pub mintsoft: WorldHandle,
    pub url: String,
    pub sandbox: Sandbox,
}

impl Demo {
    /// Two brands with orders in every state and a third without any, an order that is nobody's, one that is paid and not
    /// in the warehouse, and a message that could not be read.
    pub async fn create() -> Self {
        let database = TestDatabase::create_with(16).await;
        let clock = Clock::system();
        let ring: KeyRing = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
        let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
        let (mintsoft, (listen, _port)) = (sandbox.world(), free_address());
        furnish(&mintsoft);
        let owned = i64::try_from(mintsoft.order_ids().len()).unwrap();
        mintsoft.create_order(OrderSpec::of(3, "tumi-1", &[("TUMI_A", 1)]));
        let url = format!("http://{listen}");
        sandbox.openid().register(OpenIdClient {
            client_id: CLIENT.to_owned(),
            secret: None,
            redirect_uris: vec![format!("{url}/dashboard/sign-in/return")],
            post_logout_redirect_uris: vec![format!("{url}/dashboard/sign-in")],
        });
        let tenancy = Tenancy::over(database.pool().clone(), ring.clone(), true);
        for (tenant, name) in [(LADORE, "Ladore"), (KALLPA, "Kallpa")] {
            configure(&tenancy, &clock, &sandbox.url(), tenant, name).await;
        }
        let (name, slug) = ("Wayra".to_owned(), "wayra".to_owned());
        let wayra = NewTenant { id: WAYRA.0, name, slug, timezone: "America/Lima".to_owned() };
        tenancy.add_tenant(&wayra, clock.now()).await.unwrap();
        tenancy.put_shop_secret(LADORE, ShopPlatform::Shopify, SHOP_SECRET, clock.now()).await.unwrap();
        take_in(database.pool(), &clock).await;

        let (issuer, audience) = (sandbox.openid().issuer(), sandbox.openid().audience());
        let mintsoft_settings = MintsoftSettings {
            allow_insecure_upstream: true,
            calls_per_second: 1000.0,
            ..MintsoftSettings::default()
        };
        let sync = SyncSettings {
            poll_interval: Duration::from_secs(3),
            links: LinkSettings {
                retry_every: Duration::from_millis(200),
                retry_for: Duration::from_millis(400),
            },
            public_url: Some(url.clone()),
            ..SyncSettings::default()
        };
        let settings = AppSettings {
            listen,
            mintsoft: mintsoft_settings,
            sync,
            openid: Some(OpenIdSettings { issuer, audience, insecure: true }),
            sign_in: Some(SignInClient { client_id: CLIENT.to_owned(), client_secret: None }),
            ..AppSettings::default()
        };
        let app = App::start(database.pool().clone(), ring, clock, settings).await.unwrap();
        let demo = Self { app, database, mintsoft, url, sandbox };
        demo.shop_sends("1", &paid(1, "#1005")).await;
        demo.shop_sends("2", &paid(2, "#1900")).await;
        demo.shop_sends("3", b"{\"id\":3,\"name\":\"#1").await;
        demo.until("select count(*) from logistics_orders", owned).await;
        demo.until("select count(*) from parked_orders where resolved_at is null", 1).await;
        demo.until("select count(*) from inbox_deliveries where state = 'dead'", 1).await;
        demo.until("select count(*) from shop_links where state = 'not_found'", 1).await;
        demo.look_at_the_clock().await;
        demo
    }

    /// Notes what is late by now, without waiting for the minute.
    async fn look_at_the_clock(&self) {
        let mut connection = self.database.pool().acquire().await.unwrap();
        let job = NewJob::due(FIND_OVERDUE, json!({}), Clock::system().now());
        enqueue(&mut connection, &job).await.unwrap();
        self.until("select least(count(*), 1) from logistics_orders where attention = 'late_dispatch'", 1)
            .await;
    }

    /// Waits until so many are counted.
    pub async fn until(&self, sql: &'static str, wanted: i64) {
        until(sql, async || {
            let counted: i64 = sqlx::query_scalar(sql).fetch_one(self.database.owner_pool()).await.unwrap();
            counted == wanted
        })
        .await;
    }

    /// What Ladore's shop sends, signed as Shopify does.
    #[expect(clippy::disallowed_methods, reason = "the shop calls as anybody does")]
    async fn shop_sends(&self, id: &str, body: &[u8]) {
        let mut mac = Hmac::<Sha256>::new_from_slice(SHOP_SECRET.as_bytes()).unwrap();
        mac.update(body);
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        // A shop sends again what could not be kept, as on a machine that does too much.
        until("the shop's message is kept", async || {
            let request = client
                .post(self.page("/api/v1/webhooks/shopify/7"))
                .header("content-type", "application/json")
                .header("x-shopify-topic", "orders/paid")
                .header("x-shopify-hmac-sha256", &signature)
                .header("x-shopify-webhook-id", id)
                .body(body.to_vec());
            request.send().await.unwrap().status() == 200
        })
        .await;
    }

    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The warehouse's id of an order.
    pub fn number_of(&self, number: &str) -> i64 {
        let named = |id: &i64| self.mintsoft.order(*id).is_some_and(|order| order.number == number);
        self.mintsoft.order_ids().into_iter().find(named).expect("the order is there")
    }

    /// Where an order is shown.
    pub async fn order_page(&self, number: &str) -> String {
        let sql = "select id from logistics_orders where mintsoft_order_number = $1";
        let id: uuid::Uuid =
            sqlx::query_scalar(sql).bind(number).fetch_one(self.database.owner_pool()).await.unwrap();
        format!("/dashboard/orders/{id}")
    }

    /// Goes in as one of the demo's people, from the first page on.
    pub async fn sign_in(&self, browser: &Browser, person: &str) {
        browser.open_page(&self.page("/dashboard")).await;
        browser.click("a.button.primary").await;
        browser.click_words(person).await;
        let wait = browser.client.wait().at_most(crate::support::service::PATIENCE);
        wait.for_element(Locator::Css("#results")).await.expect("the list of orders");
    }

    /// Looks at a brand from now on, for those who may look at several.
    pub async fn choose(&self, browser: &Browser, brand: &str) {
        browser.click(".side .brand-button").await;
        let button = format!(
            "//header[@class='side']//form[@action='/dashboard/brand']//button[contains(., '{brand}')]"
        );
        browser.client.find(Locator::XPath(&button)).await.unwrap().click().await.unwrap();
        let shown = format!(
            "//header[@class='side']//summary[contains(@class, 'brand-button')][contains(., '{brand}')]"
        );
        let wait = browser.client.wait().at_most(crate::support::service::PATIENCE);
        wait.for_element(Locator::XPath(&shown)).await.expect("the brand that was chosen");
    }

    pub async fn close(self) {
        self.app.stop().await;
        self.sandbox.stop().await;
    }
}

fn paid(id: u64, name: &str) -> Vec<u8> {
    let order = json!({
        "id": id, "name": name, "financial_status": "paid", "shipping_address": {"city": "Lima"},
        "line_items": [{"requires_shipping": true}],
    });
    order.to_string().into_bytes()
}

/// What the provider's people are to the brands.
async fn take_in(pool: &PgPool, clock: &Clock) {
    for person in DemoPerson::usual() {
        let roles: &[(Role, Option<TenantId>)] = match person.sub.as_str() {
            "demo|viewer" => &[(Role::Viewer, Some(LADORE))],
            "demo|logistica" => &[(Role::Logistica, Some(LADORE))],
            "demo|admin" => &[(Role::Admin, Some(LADORE)), (Role::Admin, Some(KALLPA))],
            "demo|superadmin" => &[(Role::Superadmin, None)],
            _ => &[],
        };
        for (role, tenant) in roles {
            let DemoPerson { sub, email, name, .. } = person.clone();
            let request = PersonRequest { sub, email, name, tenant: *tenant, role: *role };
            add_person(pool, &request, "demo", clock.now()).await.unwrap();
        }
    }
}
