//! `ledger demo`: a simulated warehouse with living orders, two brands and their shops, and the whole service on a
//! private server of its own. Every run begins anew. Nothing here is simulated on the ledger's side.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use logistics_domain::TenantId;
use logistics_projections::orders::{OrderList, OrderView, ReadAt, list_orders};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{answer, end_when_asked};
use crate::access::{KeyRequest, OpenIdSettings, PersonRequest, Role, add_person, issue_key, operator_scope};
use crate::app::{App, AppSettings, SignInClient};
use crate::clock::Clock;
use crate::config::DatabaseArgs;
use crate::mintsoft::{Credentials, MintsoftSettings};
use crate::postgres::Database;
use crate::sandbox::{DemoPerson, Life, OpenIdClient, OpenIdHandle, Sandbox, SandboxSettings, Shop, Shops};
use crate::secrets::KeyRing;
use crate::sync::SyncSettings;
use crate::sync::links::LinkSettings;
use crate::tenancy::{AccountType, NewConfig, NewTenant, ShopPlatform, Tenancy};

/// The brands of the demo, as the simulated warehouse knows them.
const BRANDS: [(TenantId, &str, &str); 2] =
    [(TenantId(7), "Ladore", "ladore"), (TenantId(8), "Kallpa", "kallpa")];

/// The client of the simulated warehouse that both are booked under.
const CLIENT: i64 = 3;

/// What signs the webhooks of the demo's shops.
const SHOP_SECRET: &str = "a secret";

/// The name of the pages at the sandbox's OpenID provider.
const SIGN_IN_CLIENT: &str = "ledger-demo";

/// How often it is told what moved.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Arguments of `ledger demo`.
#[derive(Args, Debug)]
pub(super) struct DemoCommand {
    /// The address of the service
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The address of the simulated warehouse
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS:PORT")]
    sandbox: SocketAddr,
    /// Where the API keys are written, one file each
    #[arg(long, default_value = ".demo", value_name = "DIRECTORY")]
    keys: PathBuf,
    /// What all chance of the simulated warehouse grows from
    #[arg(long, default_value_t = 7, value_name = "NUMBER")]
    seed: u64,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl DemoCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let ending = end_when_asked();
        for address in [self.listen, self.sandbox] {
            // Looked at before anything is begun anew: it may be another demo that is being watched.
            TcpListener::bind(address).with_context(|| {
                format!("{address} is taken; is another demo running? Choose other addresses")
            })?;
        }
        let mut settings = self.database.settings()?;
        settings.url = None;
        settings.embedded.data_dir.push("demo");
        let database = Database::start_patiently(&settings, &ending).await?;
        let outcome = self.show(&database, &ending).await;
        let closed = database.close().await.context("the private server did not stop");
        outcome?;
        closed
    }

    async fn show(&self, database: &Database, ending: &CancellationToken) -> anyhow::Result<()> {
        begin_anew(database).await?;
        let (pool, clock, ring) = (database.pool().await?, Clock::system(), KeyRing::generate("demo"));
        let sandbox = Sandbox::start(SandboxSettings {
            listen: self.sandbox,
            seed: self.seed,
            life: Some(Life::default()),
            ..SandboxSettings::default()
        })
        .await?;
        let url = format!("http://{}", self.listen);
        sandbox.openid().register(OpenIdClient {
            client_id: SIGN_IN_CLIENT.to_owned(),
            secret: None,
            redirect_uris: vec![format!("{url}/dashboard/sign-in/return")],
            post_logout_redirect_uris: vec![format!("{url}/dashboard/sign-in")],
        });
        let settings = self.app_settings(&sandbox.openid());
        let app = App::start(pool.clone(), ring.clone(), clock.clone(), settings).await?;
        let keys = furnish(&pool, &ring, &clock, &sandbox.url()).await?;
        self.write_keys(&keys)?;
        self.greet(&sandbox.url())?;

        let tasks = TaskTracker::new();
        let shops = Shops::open(self.shops())?;
        tasks.spawn(shops.sell(sandbox.world(), ending.clone()));
        tasks.close();
        let told = tell_what_moves(&pool, &clock, ending).await;
        ending.cancel();
        tasks.wait().await;
        app.stop().await;
        sandbox.stop().await;
        pool.close().await;
        told
    }

    /// Everything as in earnest, only faster: the simulated day lasts minutes.
    fn app_settings(&self, provider: &OpenIdHandle) -> AppSettings {
        let (issuer, audience) = (provider.issuer(), provider.audience());
        AppSettings {
            listen: self.listen,
            mintsoft: MintsoftSettings {
                allow_insecure_upstream: true,
                calls_per_second: 40.0,
                ..MintsoftSettings::default()
            },
            sync: SyncSettings {
                poll_interval: Duration::from_secs(10),
                recheck_interval: Duration::from_mins(1),
                refresh_after: Duration::from_secs(30),
                links: LinkSettings {
                    retry_every: Duration::from_secs(5),
                    retry_for: Duration::from_mins(1),
                },
                public_url: Some(format!("http://{}", self.listen)),
                ..SyncSettings::default()
            },
            seal_interval: Duration::from_secs(5),
            openid: Some(OpenIdSettings { issuer, audience, insecure: true }),
            sign_in: Some(SignInClient { client_id: SIGN_IN_CLIENT.to_owned(), client_secret: None }),
            ..AppSettings::default()
        }
    }

    fn shops(&self) -> BTreeMap<String, Shop> {
        let shop = |tenant: TenantId| Shop {
            webhook_url: format!("http://{}/api/v1/webhooks/shopify/{tenant}", self.listen),
            secret: SHOP_SECRET.to_owned(),
        };
        BRANDS.into_iter().map(|(tenant, _, slug)| (slug.to_uppercase(), shop(tenant))).collect()
    }

    fn write_keys(&self, keys: &[(&str, String)]) -> anyhow::Result<()> {
        fs::create_dir_all(&self.keys)
            .with_context(|| format!("{} cannot be made; choose another with --keys", self.keys.display()))?;
        for (name, key) in keys {
            write_key(&self.keys.join(format!("{name}.key")), key)?;
        }
        Ok(())
    }

    fn greet(&self, sandbox_url: &str) -> anyhow::Result<()> {
        let (url, keys) = (format!("http://{}", self.listen), self.keys.display());
        answer(&format!("the ledger listens on {url}, the simulated warehouse on {sandbox_url}"))?;
        answer(&format!("the dashboard is at {url}/dashboard: sign in as anybody you like"))?;
        answer(&format!("API keys are in {keys}: ladore.key, kallpa.key, superadmin.key"))?;
        answer("in another terminal:")?;
        answer(&format!(
            "  curl -s -H \"X-API-Key: $(cat {keys}/ladore.key)\" '{url}/api/v1/logistics/orders?limit=5'"
        ))?;
        answer("or as one of the people who can sign in, by a token of the sandbox's OpenID provider:")?;
        answer(&format!(
            "  curl -s -X POST {sandbox_url}/sandbox/openid/tokens -H 'Content-Type: application/json' -d '{{\"sub\":\"demo|viewer\"}}'"
        ))?;
        answer("what moves, until Ctrl-C:")?;
        Ok(())
    }
}

/// Empties the demo's own database: the simulated world begins anew as well, and counts from the same numbers.
async fn begin_anew(database: &Database) -> anyhow::Result<()> {
    let owner = database.owner_pool().await?;
    for statement in ["drop schema if exists public cascade", "create schema public"] {
        sqlx::query(statement).execute(&owner).await.context("the demo's database could not be emptied")?;
    }
    owner.close().await;
    database.migrate().await?;
    Ok(())
}

/// The tenants, how their orders are found, their shops, and keys to look with.
async fn furnish(
    pool: &PgPool,
    ring: &KeyRing,
    clock: &Clock,
    sandbox_url: &str,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let tenancy = Tenancy::over(pool.clone(), ring.clone(), true);
    let now = clock.now();
    let mut keys = Vec::new();
    for (tenant, name, slug) in BRANDS {
        let timezone = "America/Lima".to_owned();
        let new = NewTenant { id: tenant.0, name: name.to_owned(), slug: slug.to_owned(), timezone };
        tenancy.add_tenant(&new, now).await?;
        let config = NewConfig {
            account_type: AccountType::Shared,
            api_url: sandbox_url.to_owned(),
            credentials: Credentials::login("ops@warehouse.example", "sandbox"),
            sku_prefix: Some(slug.to_uppercase()),
            shared_client_id: Some(CLIENT),
            timezone: None,
            sync_enabled: true,
        };
        tenancy.create_config(tenant, &config, now).await?;
        tenancy.put_shop_secret(tenant, ShopPlatform::Shopify, SHOP_SECRET, now).await?;
        keys.push((slug, key(pool, clock, Some(tenant), Role::Admin).await?));
    }
    keys.push(("superadmin", key(pool, clock, None, Role::Superadmin).await?));
    for person in DemoPerson::usual() {
        take_in(pool, &person, now).await?;
    }
    Ok(keys)
}

/// What each of the provider's people is to the brands.
async fn take_in(pool: &PgPool, person: &DemoPerson, now: DateTime<Utc>) -> anyhow::Result<()> {
    let [(ladore, ..), (kallpa, ..)] = BRANDS;
    let roles: &[(Role, Option<TenantId>)] = match person.sub.as_str() {
        "demo|viewer" => &[(Role::Viewer, Some(ladore))],
        "demo|logistica" => &[(Role::Logistica, Some(ladore))],
        "demo|admin" => &[(Role::Admin, Some(ladore)), (Role::Admin, Some(kallpa))],
        "demo|superadmin" => &[(Role::Superadmin, None)],
        "demo|auditor" => &[(Role::Auditor, Some(ladore)), (Role::Auditor, Some(kallpa))],
        _ => &[],
    };
    for (role, tenant) in roles {
        let DemoPerson { sub, email, name, .. } = person.clone();
        let request = PersonRequest { sub, email, name, tenant: *tenant, role: *role };
        add_person(pool, &request, "demo", now).await?;
    }
    Ok(())
}

async fn key(pool: &PgPool, clock: &Clock, tenant: Option<TenantId>, role: Role) -> anyhow::Result<String> {
    let request = KeyRequest { tenant, role, label: "demo".to_owned(), expires_at: None };
    Ok(issue_key(pool, &request, clock.now()).await?.text)
}

/// A key is for its owner's eyes only, also where the file was there before.
fn write_key(path: &Path, key: &str) -> anyhow::Result<()> {
    let told = || format!("{} cannot be written; choose another directory with --keys", path.display());
    if path.exists() {
        fs::remove_file(path).with_context(told)?;
    }
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(told)?;
    writeln!(file, "{key}").with_context(told)
}

/// One line for each order whose row changed, until it is asked to end.
async fn tell_what_moves(pool: &PgPool, clock: &Clock, ending: &CancellationToken) -> anyhow::Result<()> {
    let mut told: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
    let list = OrderList { limit: 30, ..OrderList::default() };
    while !ending.is_cancelled() {
        for (tenant, name, _) in BRANDS {
            let now = ReadAt { now: clock.now(), stale_after: TimeDelta::minutes(5) };
            let mut reading = pool.acquire().await?;
            let page = list_orders(&mut reading, &operator_scope(tenant), &list, now).await?;
            drop(reading);
            for order in page.items.iter().rev() {
                if told.insert(order.id, order.updated_at) != Some(order.updated_at) {
                    answer(&line(name, order))?;
                }
            }
        }
        tokio::select! {
            () = ending.cancelled() => {}
            () = tokio::time::sleep(TELL_EVERY) => {}
        }
    }
    Ok(())
}

fn line(brand: &str, order: &OrderView) -> String {
    let place = match (&order.delivered_at, &order.tracking_number) {
        (Some(_), _) => "delivered".to_owned(),
        (None, Some(tracking)) => format!("on its way as {tracking}"),
        (None, None) => String::new(),
    };
    let shop_order = order.shop_order_name.as_deref().unwrap_or("");
    let status = order.status.as_deref().unwrap_or("");
    let at = order.updated_at.format("%H:%M:%S");
    let number = &order.mintsoft_order_number;
    format!("{at} {brand:<7} {number:<20} {shop_order:<8} {status:<16} {place}").trim_end().to_owned()
}
